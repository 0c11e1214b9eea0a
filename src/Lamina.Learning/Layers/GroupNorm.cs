using Lamina.Learning.Initializers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Layers;

/// <summary>
/// Groups of channels of each example brought to mean 0 and variance 1 over all places, then scaled and shifted by channel: batch
/// norm for batches too small for it (Wu and He, 2018: "Group normalization"). Takes (batch, …, channels) of any rank from 2.
/// </summary>
public sealed partial class GroupNorm : Layer
{
    private readonly int _groups;
    private readonly double _epsilon;

    /// <summary>A norm whose number of channels is inferred from the first input.</summary>
    /// <param name="groups">Groups that channels are cut into, in their order.</param>
    /// <param name="epsilon">Added to the variance, so that nothing is divided by zero.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no group, or epsilon is not above 0.</exception>
    public GroupNorm(int groups, double epsilon = 1e-5)
    {
        _groups = Expect.AtLeast(1, groups);
        _epsilon = Expect.Positive(epsilon);
    }

    /// <summary>The scale (channels), ones at first.</summary>
    public Parameter Weight { get; } = new(Constant.One);

    /// <summary>The shift (channels), zeros at first.</summary>
    public Parameter Bias { get; } = new(Constant.Zero);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        if (x.Rank < 2) throw new TensorException($"{this}: the input has shape {x.Shape}, not (batch, …, channels)", "Unsqueeze(0) for a single example");
        Expect.Features(this, x, Weight.KnownShape?[0]);
        Expect.Groups(this, x, _groups);
        int values = x.Count / Math.Max(1, x.Shape[0]) / _groups;
        // Evaluated, the bias comes out, as it would of a trained one.
        if (pass.IsTraining && x.Shape[0] > 0 && values < 2)
            throw new TensorException($"{this}: the input {x.Shape} has {values} value in each group; a variance needs two or more, or the bias comes out whatever the input", "fewer groups, or a larger input");
        Weight.Ensure([x.Shape[^1]]);
        Bias.Ensure([x.Shape[^1]]);
        Expect.Type(this, x, Weight);
        return x.GroupNorm(_groups, Weight.Value, Bias.Value, _epsilon);
    }

    /// <inheritdoc/>
    public override string ToString() => $"GroupNorm({_groups} groups)";
}
