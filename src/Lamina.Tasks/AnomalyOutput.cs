using System.Text.Json.Serialization;
using Lamina.Tasks.Detection;

namespace Lamina.Tasks;

/// <summary>
/// Series again, as the network makes them of what is usual: what differs is odd. The network gives (window, columns), each column in robust units
/// of its own.
/// </summary>
/// <param name="Columns">The series: the median in place of the mean, the middle half's width over 1.349 in place of the deviation.</param>
/// <param name="Window">The number of steps that it looks at.</param>
public sealed record AnomalyOutput(IReadOnlyList<NumberOutput> Columns, int Window) : OutputMeaning
{
    /// <summary>The steps of a season, over which a drift is looked for.</summary>
    public required int Season { get; init; }

    /// <summary>The share of steps to find.</summary>
    public required double Share { get; init; }

    /// <summary>What is usual, measured when training is done; null before.</summary>
    public DetectionScale? Scale { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Text => $"what is odd in {Wording.Count(Columns.Count, "column")}";

    /// <inheritdoc/>
    internal override string? Problem =>
        Columns.Count < 1 || Window < 1 || Season < 1 ? $"there are {Columns.Count} columns, {Window} steps and a season of {Season}"
        : Columns.Any(n => n?.Name is null) || Columns.DistinctBy(n => n.Name).Count() < Columns.Count ? "the names of the columns don't differ"
        : Columns.Select(n => n.Problem).FirstOrDefault(p => p is not null) is { } problem ? problem
        : !(Share is > 0 and < 1) ? "the share of steps is no share"
        : Scale is { } scale && (scale.Problem ?? (scale.Columns.Count != Columns.Count ? "what is usual isn't of each column" : null)) is { } wrong
            ? wrong : null;
}
