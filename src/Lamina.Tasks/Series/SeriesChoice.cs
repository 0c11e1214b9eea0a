namespace Lamina.Tasks.Series;

/// <summary>What a person says about the columns and steps of a table of series; what is null is found.</summary>
internal sealed record SeriesChoice
{
    /// <summary>The time column, or several with commas between them.</summary>
    public string? Time { get; init; }

    /// <summary>The column that says which series a row is of, or several with commas between them.</summary>
    public string? Id { get; init; }

    /// <summary>Columns that must be series, whatever they look like.</summary>
    public IReadOnlyList<string> Named { get; init; } = [];

    /// <summary>Columns to leave out.</summary>
    public IReadOnlyList<string> Dropped { get; init; } = [];

    /// <summary>The step, such as <c>15min</c>; rows within one step are averaged.</summary>
    public string? Step { get; init; }
}
