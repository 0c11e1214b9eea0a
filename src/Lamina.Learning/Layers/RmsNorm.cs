using Lamina.Learning.Initializers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Layers;

/// <summary>
/// The features (…, features) at each position divided by their root mean square, then scaled: x / √(mean(x²) + ε) · weight (Zhang and
/// Sennrich, 2019: "Root mean square layer normalization"). Layer norm without its mean and shift; the same in training and evaluation.
/// </summary>
public sealed partial class RmsNorm : Layer
{
    private readonly double _epsilon;

    /// <summary>A norm for a given number of features, or, where null, for as many as the first input tells.</summary>
    /// <param name="epsilon">Added to the mean square, so that nothing is divided by zero.</param>
    /// <param name="features">Values at each position.</param>
    /// <exception cref="ArgumentOutOfRangeException">Epsilon is not above 0, or there are no features.</exception>
    public RmsNorm(double epsilon = 1e-6, int? features = null)
    {
        _epsilon = Expect.Positive(epsilon);
        if (features is { } count) Weight.Ensure([Expect.AtLeast(1, count, nameof(features))]);
    }

    /// <summary>Values at each position; null until the first input tells.</summary>
    public int? Features => Weight.KnownShape?[0];

    /// <summary>The scale (features), ones at first.</summary>
    public Parameter Weight { get; } = new(Constant.One);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        if (x.Rank < 1) throw new TensorException($"{this}: the input is a scalar, not (…, features)");
        Expect.Features(this, x, Features);
        Weight.Ensure([x.Shape[^1]]);
        Expect.Type(this, x, Weight);
        // A quotient for each position, not for each value.
        Tensor scale = 1 / ((x * x).Mean([-1], keepDims: true) + _epsilon).Sqrt();
        return x * scale * Weight.Value;
    }

    /// <inheritdoc/>
    public override string ToString() => Features is { } features ? $"RmsNorm({features})" : "RmsNorm";
}
