using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Layers;

/// <summary>
/// In training sets whole examples to zero with a probability and scales the others up; in evaluation it does nothing. At the end of a
/// <see cref="Residual"/>'s body it leaves the body out for some examples (Huang et al., 2016: "Deep networks with stochastic depth"; scaled
/// in training, not in evaluation, as in torchvision).
/// </summary>
public sealed partial class StochasticDepth : Layer
{
    private readonly double _rate;

    /// <summary>A stochastic depth.</summary>
    /// <param name="rate">The probability with which an example is dropped.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not at least 0 and less than 1.</exception>
    public StochasticDepth(double rate = 0.2) => _rate = Expect.Between(0, 1, rate);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        if (x.Rank < 2) throw new TensorException($"{this}: the input has shape {x.Shape}, not (batch, …)", "Unsqueeze(0) for a single example");
        if (!x.DType.IsFloat) throw new TensorException($"{this}: the input is {x.DType.Text}, not float32 or float64", "Cast(DType.Float32) first");
        if (!pass.IsTraining || _rate == 0) return x;
        int[] sizes = new int[x.Rank];
        sizes.AsSpan().Fill(1);
        sizes[0] = x.Shape[0];
        Tensor isDropped = Tensor.RandomUniform(new Shape(sizes), pass.Key, pass.NextStream()) < _rate;
        return Tensor.Where(isDropped, 0, x * (1 / (1 - _rate)));
    }

    /// <inheritdoc/>
    public override string ToString() => $"StochasticDepth({_rate})";
}
