using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Shapes;
using Xunit;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Tests.Layers;

/// <summary>Gradients of layers beside central differences, both in float64.</summary>
internal static class Differences
{
    private const double Step = 1e-5;

    // Differences lose step² times a third derivative and 2⁻⁵² / step of the values: some 1e-10 here.
    private const double Tolerance = 1e-7;

    /// <summary>A layer whose variables are float64, drawn by a seed and moved a little, so that no scale is just 1 and no shift 0.</summary>
    public static T InDouble<T>(Func<T> make, Shape example) where T : Layer
    {
        T drawn = make(), layer = make();
        drawn.Build(example);
        drawn.Initialize(3);
        foreach ((NamedVariable from, NamedVariable to) in drawn.Variables.Zip(layer.Variables))
        {
            var variable = (ModuleVariable)to.Variable;
            variable.Ensure(from.Variable.Value.Shape);
            Tensor value = from.Variable.Value.Cast(DType.Float64);
            variable.Value = to.Variable is Parameter ? value + 0.1 * Values(value.Shape, 1.3) : value;
        }
        return layer;
    }

    /// <summary>Float64 values between −1 and 1.</summary>
    public static Tensor Values(Shape shape, double by = 1) =>
        Tensor.Create<double>(shape, values => { for (int i = 0; i < values.Length; i++) values[i] = Math.Sin(by * (i + 0.5) + i * i * 0.01); });

    /// <summary>Checks the gradient by the input and by all parameters of what a layer computes.</summary>
    public static void Match(Layer layer, Tensor x, Func<Tensor, Tensor> compute, string what)
    {
        Tensor tracked = x.Keep().Track(), y = compute(tracked), upstream = Values(y.Shape, 0.7);
        NamedVariable[] parameters = [.. layer.Variables.Where(v => v.Variable is Parameter)];
        Tensor[] found = Gradient.Of(y, [tracked, .. parameters.Select(p => p.Variable.Value)], upstream);
        Check(x, found[0], changed => (compute(changed) * upstream).Sum().Item(), what + ", by the input");
        for (int i = 0; i < parameters.Length; i++)
        {
            Variable variable = parameters[i].Variable;
            Tensor value = variable.Value.Keep();
            Check(value, found[i + 1], changed =>
            {
                variable.Value = changed;
                return (compute(x) * upstream).Sum().Item();
            }, $"{what}, by {parameters[i].Path}");
            variable.Value = value;
        }
    }

    private static void Check(Tensor at, Tensor gradient, Func<Tensor, double> value, string what)
    {
        Assert.Equal(at.Spec, gradient.Spec);
        double[] values = at.ToArray<double>(), found = gradient.ToArray<double>();
        // Some thirty elements, spread over all.
        for (int i = 0; i < values.Length; i += 1 + values.Length / 30)
        {
            double Moved(double by)
            {
                double[] moved = [.. values];
                moved[i] += by;
                return value(Tensor.From(moved, at.Shape));
            }
            double expected = (Moved(Step) - Moved(-Step)) / (2 * Step);
            Assert.True(Math.Abs(found[i] - expected) <= Tolerance * Math.Max(1, Math.Abs(expected)),
                $"{what}: element {i} is {found[i]}, differences give {expected}");
        }
    }
}
