using System.Text.Json;
using Lamina.Formats;
using Lamina.Models;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Tables;

/// <summary>
/// A run whose weights another one starts from. They only mean the same where cells become the same numbers, so where both have the same columns,
/// its encodings and the shape of its network are taken too.
/// </summary>
/// <param name="Layout">How the run's table is read.</param>
/// <param name="Network">Its network.</param>
internal sealed record StartingRun(TableLayout Layout, TabularNetOptions Network)
{
    /// <summary>The run that was asked for; null where there is none, or one of other columns, whose weights may still fit in part.</summary>
    /// <param name="variant">The task.</param>
    /// <param name="request">What was asked for.</param>
    /// <param name="survey">The table.</param>
    /// <param name="inputs">The columns to predict from.</param>
    /// <param name="others">Columns that can't be predicted from.</param>
    /// <exception cref="TaskException">It is no run.</exception>
    public static StartingRun? Of(TableVariant variant, TaskRequest request, TableSurvey survey, IReadOnlyList<int> inputs,
        IReadOnlyCollection<ColumnSurvey> others)
    {
        if (request.Text(CommonOptions.From) is not { } from) return null;
        RunInfo run = RunFolder.Open(from).Info;
        if (run.Task != variant.Task) return null; // refused with its name later
        try
        {
            TableLayout layout = TableTask.LayoutOf(run);
            var names = layout.Names.ToHashSet(StringComparer.Ordinal);
            bool isSame = inputs.All(i => names.Contains(survey.Columns[i].Name))
                && names.All(name => survey.Columns.Any(c => c.Name == name && !others.Contains(c)));
            return isSame ? new(layout, variant.NetworkOf(run.Network)) : null;
        }
        catch (Exception e) when (e is JsonException or ArgumentException or FileFormatException)
        {
            return null; // what is wrong with its run.json is told when its weights are read
        }
    }

    /// <summary>The places of its columns in the table.</summary>
    public int[] PlacesIn(TableSurvey survey) => [.. Layout.Names.Select(name => TableSurvey.NamedIn(survey.Source, name))];
}
