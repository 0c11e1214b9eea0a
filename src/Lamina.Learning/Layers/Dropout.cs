using Lamina.Learning.Modules;
using Lamina.Tensors;

namespace Lamina.Learning.Layers;

/// <summary>
/// In training sets each value to zero with a probability and scales the others up, so that no unit can rely on another
/// (Srivastava et al., 2014: "Dropout: a simple way to prevent neural networks from overfitting"). In evaluation it does nothing.
/// </summary>
public sealed partial class Dropout : Layer
{
    private readonly double _rate;

    /// <summary>A dropout.</summary>
    /// <param name="rate">The probability with which a value is dropped.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not at least 0 and less than 1.</exception>
    public Dropout(double rate = 0.5) => _rate = Expect.Between(0, 1, rate);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => pass.IsTraining ? x.Dropout(_rate, pass.Key, pass.NextStream()) : x;

    /// <inheritdoc/>
    public override string ToString() => $"Dropout({_rate})";
}
