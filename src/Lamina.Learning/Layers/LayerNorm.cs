using Lamina.Learning.Initializers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Layers;

/// <summary>
/// The features (…, features) at each position brought to mean 0 and variance 1, then scaled and shifted, the same in training
/// and evaluation (Ba, Kiros and Hinton, 2016: "Layer normalization").
/// </summary>
public sealed partial class LayerNorm : Layer
{
    private readonly double _epsilon;

    /// <summary>A norm for a given number of features, or, where null, for as many as the first input tells.</summary>
    /// <param name="epsilon">Added to the variance, so that nothing is divided by zero.</param>
    /// <param name="features">Values at each position.</param>
    /// <exception cref="ArgumentOutOfRangeException">Epsilon is not above 0, or there are no features.</exception>
    public LayerNorm(double epsilon = 1e-5, int? features = null)
    {
        _epsilon = Expect.Positive(epsilon);
        if (features is not { } count) return;
        Weight.Ensure([Expect.AtLeast(1, count, nameof(features))]);
        Bias.Ensure([count]);
    }

    /// <summary>Values at each position; null until the first input tells.</summary>
    public int? Features => Weight.KnownShape?[0];

    /// <summary>The scale (features), ones at first.</summary>
    public Parameter Weight { get; } = new(Constant.One);

    /// <summary>The shift (features), zeros at first.</summary>
    public Parameter Bias { get; } = new(Constant.Zero);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        if (x.Rank < 1) throw new TensorException($"{this}: the input is a scalar, not (…, features)");
        Expect.Features(this, x, Weight.KnownShape?[0]);
        if (pass.IsTraining && x.Shape[^1] == 1)
            throw new TensorException($"{this}: the input {x.Shape} has 1 feature; a variance needs two or more, or the bias comes out whatever the input",
                "more features, or no norm here");
        Weight.Ensure([x.Shape[^1]]);
        Bias.Ensure([x.Shape[^1]]);
        Expect.Type(this, x, Weight);
        return x.LayerNorm(Weight.Value, Bias.Value, _epsilon);
    }

    /// <inheritdoc/>
    public override string ToString() => Weight.KnownShape is { } shape ? $"LayerNorm({shape[0]})" : "LayerNorm";
}
