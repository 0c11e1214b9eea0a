using Lamina.Learning.Initializers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Layers;

/// <summary>
/// Each channel of each example brought to mean 0 and variance 1 over all places, then scaled and shifted by channel (Ulyanov, Vedaldi
/// and Lempitsky, 2016: "Instance normalization"): group norm with one channel in each group. Takes (batch, …, channels) of any rank from 3.
/// </summary>
public sealed partial class InstanceNorm : Layer
{
    private readonly double _epsilon;

    /// <summary>A norm whose number of channels is inferred from the first input.</summary>
    /// <param name="epsilon">Added to the variance, so that nothing is divided by zero.</param>
    /// <param name="affine">Whether channels are scaled and shifted by learned values.</param>
    /// <exception cref="ArgumentOutOfRangeException">Epsilon is not above 0.</exception>
    public InstanceNorm(double epsilon = 1e-5, bool affine = true)
    {
        _epsilon = Expect.Positive(epsilon);
        if (affine) (Weight, Bias) = (new Parameter(Constant.One), new Parameter(Constant.Zero));
    }

    private bool Affine => Weight is not null;

    /// <summary>The scale (channels), ones at first; null where there is none.</summary>
    public Parameter? Weight { get; }

    /// <summary>The shift (channels), zeros at first; null where there is none.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        if (x.Rank < 3) throw new TensorException($"{this}: the input has shape {x.Shape}, not (batch, …, channels) with a place or more",
            x.Rank == 2 ? "LayerNorm, or Unsqueeze(-1) where there is one channel" : "Unsqueeze(0) for a single example");
        Expect.Features(this, x, Weight?.KnownShape?[0]);
        int channels = x.Shape[^1];
        if (pass.IsTraining && x.Count > 0 && x.Count / x.Shape[0] / channels < 2)
            throw new TensorException(
                $"{this}: the input {x.Shape} has 1 value in each channel; a variance needs two or more, or the bias comes out whatever the input",
                "a larger input, or no norm here");
        if (Weight is null || Bias is null) return x.GroupNorm(channels, Tensor.Ones([channels], x.DType), Tensor.Zeros([channels], x.DType), _epsilon);
        Weight.Ensure([channels]);
        Bias.Ensure([channels]);
        Expect.Type(this, x, Weight);
        return x.GroupNorm(channels, Weight.Value, Bias.Value, _epsilon);
    }

    /// <inheritdoc/>
    public override string ToString() => Affine ? "InstanceNorm" : "InstanceNorm(no scale)";
}
