namespace Lamina.Tensors.Tests.Plans;

using Lamina.Tensors.Gradients;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Plans;
using Lamina.Tensors.Shapes;
using Xunit;

/// <summary>What the tests of plans share.</summary>
internal static class Steps
{
    /// <summary>A variable that gradients are taken by.</summary>
    public sealed class Weight(Tensor value) : Variable(value)
    {
        public override bool IsTrainable => true;
    }

    public static Tensor Vector(params float[] values) => Tensor.From(values);

    /// <summary>Values between −1 and 1 that depend on the seed alone.</summary>
    public static Tensor Drawn(Shape shape, int seed)
    {
        var random = new Random(seed);
        return Tensor.Create<float>(shape, span =>
        {
            for (int i = 0; i < span.Length; i++) span[i] = random.NextSingle() * 2 - 1;
        });
    }

    /// <summary>The calls of a plan's latest recording, one a line.</summary>
    public static string[] Lines(this Plan plan) => plan.Describe().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public static void Equal(Tensor actual, params float[] expected) => Assert.Equal(expected, actual.ToArray<float>());

    public static void SameBits(Tensor actual, Tensor expected)
    {
        Assert.Equal(expected.Spec, actual.Spec);
        Assert.True(actual.ReadBytes().SequenceEqual(expected.ReadBytes()), $"{actual} is not, bit for bit, {expected}");
    }
}

/// <summary>Two layers and a squared error, trained by gradient descent with momentum: a whole small step.</summary>
internal sealed class SmallNetwork
{
    private readonly Steps.Weight[] _weights =
        [new(Steps.Drawn([5, 16], 1)), new(Steps.Drawn([16], 2)), new(Steps.Drawn([16, 3], 3)), new(Steps.Drawn([3], 4))];

    private readonly Variable[] _moments;

    public SmallNetwork() => _moments = [.. _weights.Select(w => new Variable(Tensor.Zeros(w.Spec.Shape)))];

    /// <summary>The weights and the moments.</summary>
    public IEnumerable<Variable> Variables => _weights.Concat(_moments);

    /// <summary>Inputs (batch, 5) and targets (batch, 3) → the loss; the weights are updated.</summary>
    public Tensors Step(Tensors x)
    {
        Tensor hidden = (x[0].MatMul(_weights[0].Value) + _weights[1].Value).Relu(), error = hidden.MatMul(_weights[2].Value) + _weights[3].Value - x[1];
        Tensor loss = (error * error).Mean();
        GradientSet gradients = Gradient.Of(loss, _weights);
        for (int i = 0; i < _weights.Length; i++)
        {
            Tensor moment = _moments[i].Value * 0.9 + gradients[_weights[i]];
            _moments[i].Value = moment;
            _weights[i].Value = _weights[i].Value - moment * 0.1;
        }
        return loss;
    }
}
