using Lamina.Learning.Layers;
using Lamina.Tensors;

namespace Lamina.Learning.Losses;

/// <summary>
/// The mean over all elements of d² / 2 where the distance d = |prediction − target| is at most <c>delta</c>, and
/// delta · (d − delta / 2) beyond: outliers pull no harder than delta (Huber, 1964: "Robust estimation of a location parameter").
/// </summary>
public sealed class Huber : Loss
{
    private readonly double _delta;

    /// <summary>A loss that turns from square to straight at a distance of <paramref name="delta"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not above 0.</exception>
    public Huber(double delta = 1) => _delta = Expect.Positive(delta);

    /// <inheritdoc/>
    public override Tensor Compute(Tensor prediction, Tensor target) => Each(prediction, target).Mean();

    /// <inheritdoc/>
    protected override Tensor Each(Tensor prediction, Tensor target)
    {
        RequireSame(prediction, target);
        // With c the distance cut at delta both branches are c · (d − c / 2).
        Tensor distance = (prediction - target).Abs(), cut = distance.Clamp(max: _delta);
        return cut * (distance - 0.5 * cut);
    }

    /// <inheritdoc/>
    public override string ToString() => $"Huber({_delta})";
}
