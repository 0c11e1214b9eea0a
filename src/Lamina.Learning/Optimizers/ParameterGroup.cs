using Lamina.Learning.Layers;
using Lamina.Learning.Modules;

namespace Lamina.Learning.Optimizers;

/// <summary>
/// Parameters that an optimiser treats apart from the others, by their paths such as <c>stages.0.convolution.weight</c>. A star stands for
/// any characters: <c>head.*</c> is everything in the head, <c>*.bias</c> every bias.
/// </summary>
/// <param name="Pattern">The pattern of the paths.</param>
public sealed record ParameterGroup(string Pattern)
{
    /// <summary>Factor on the learning rate, 0 or more.</summary>
    public double RateFactor { get; init => field = Expect.Between(0, double.PositiveInfinity, value); } = 1;

    /// <summary>The weight decay; null: the optimiser's, and none for biases and the scales of norms.</summary>
    public double? WeightDecay { get; init => field = value is { } decay ? Expect.Between(0, double.PositiveInfinity, decay) : null; }

    /// <summary>Whether a path fits the pattern.</summary>
    public bool Fits(string path) => PathPattern.Fits(Pattern, path);
}
