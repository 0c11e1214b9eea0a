using System.Globalization;

namespace Lamina.Results;

/// <summary>A figure of a row.</summary>
/// <param name="Name">Its name, such as <c>accuracy</c>.</param>
/// <param name="Value">Its value; with folds the mean over them.</param>
internal sealed record Figure(string Name, double Value)
{
    /// <summary>The standard deviation over the folds, or null.</summary>
    public double? Deviation { get; init; }

    /// <summary>As the page has it: <c>accuracy 0.9733 ± 0.0144</c>.</summary>
    public override string ToString() => $"{Name} {Text(Value)}{(Deviation is { } d ? $" ± {Text(d)}" : "")}";

    /// <summary>Four digits behind the point, none where the number is large.</summary>
    public static string Text(double value) => value.ToString(Math.Abs(value) < 100 ? "0.0000" : "#,0", CultureInfo.InvariantCulture);
}

/// <summary>A bound that a figure has to reach.</summary>
/// <param name="Figure">The figure's name.</param>
/// <param name="Bound">The bound, which itself is good enough.</param>
/// <param name="IsMost">Whether the figure may be at most the bound; otherwise at least.</param>
internal sealed record Goal(string Figure, double Bound, bool IsMost = false)
{
    /// <summary>At least so much.</summary>
    public static Goal AtLeast(string figure, double bound) => new(figure, bound);

    /// <summary>At most so much.</summary>
    public static Goal AtMost(string figure, double bound) => new(figure, bound, IsMost: true);

    /// <summary>Whether one of the figures reaches it; one that isn't there doesn't.</summary>
    public bool IsMet(IEnumerable<Figure> figures) =>
        figures.FirstOrDefault(f => f.Name == Figure) is { Value: var value } && (IsMost ? value <= Bound : value >= Bound);

    /// <summary>As the page has it: <c>accuracy ≥ 0.95</c>.</summary>
    public override string ToString() => $"{Figure} {(IsMost ? '≤' : '≥')} {Bound.ToString("#,0.####", CultureInfo.InvariantCulture)}";
}
