using System.Text.Json.Serialization;
using Lamina.Learning.Columns;

namespace Lamina.Tasks.Series;

/// <summary>
/// Which columns of a table hold times and series, and how they are read; <c>run.json</c> holds it, so that other files are read alike.
/// </summary>
/// <param name="Time">The columns of the time: none where rows are steps, one, or several that are joined (date and time of day; year, month, day,
/// hour).</param>
/// <param name="Reading">How times are read.</param>
/// <param name="Pattern">How dates are written.</param>
/// <param name="UnixSeconds">The seconds of a unit where times are numbers since 1970, 1 or 0.001; 0 where they aren't.</param>
/// <param name="Ids">The columns that say which series a row is of; none where all rows are of one.</param>
/// <param name="Columns">The columns of values.</param>
/// <param name="Unit">What a step is measured in.</param>
/// <param name="Step">A step.</param>
internal sealed record SeriesLayout(IReadOnlyList<string> Time, TimeReading Reading, string Pattern, double UnixSeconds, IReadOnlyList<string> Ids,
    IReadOnlyList<SeriesColumn> Columns, StepUnit Unit, double Step)
{
    /// <summary>The offset from UTC in minutes that dates are written with; null: none.</summary>
    public int? Offset { get; init; }

    /// <summary>Whether rows within a step are averaged, as was asked for.</summary>
    public bool IsAveraged { get; init; }

    /// <summary>Writes a time as the column has it.</summary>
    public string Write(double time) => Unit is StepUnit.Rows or StepUnit.Numbers || UnixSeconds > 0
        ? Number(UnixSeconds > 0 ? Math.Round((time + TimeColumns.UnixOrigin) / UnixSeconds, 3) : time)
        : TimeText.Write(time, Pattern, Offset);

    /// <summary>Why it makes no sense, or null.</summary>
    [JsonIgnore]
    public string? Problem =>
        Columns.Count == 0 || Columns.Any(c => string.IsNullOrEmpty(c.Name)) || Columns.DistinctBy(c => c.Name).Count() < Columns.Count
            ? "the columns of values have no names that differ"
        : !(Step > 0) || !double.IsFinite(Step) ? "the step is no usable number"
        : !Enum.IsDefined(Unit) || !Enum.IsDefined(Reading) || Columns.Any(c => !Enum.IsDefined(c.Mark)) ? "a kind isn't known"
        : UnixSeconds is not (0 or 1 or 0.001) ? "the unit of the times isn't known" : null;

    private static string Number(double value) => Math.Round(value, 6).ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>A column of values.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Mark">The decimal mark of its numbers.</param>
internal sealed record SeriesColumn(string Name, DecimalMark Mark);
