using Lamina.Models;
using Lamina.Tasks.Series;
using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Forecasting;

/// <summary>The series of a run, encoded and cut into windows.</summary>
internal sealed class ForecastData(SeriesTable table, ForecastRecipe recipe, SeriesOutput output)
{
    private readonly EncodedTrack[] _tracks = [.. table.Tracks.Select(t => ForecastEncoding.Of(recipe, output, table, t, t.Steps))];
    private readonly bool _hasMissing = table.Tracks.Any(t => IsMissing(t, recipe, output));

    /// <summary>The windows whose horizon lies in a part.</summary>
    /// <param name="part">0 training, 1 validation, 2 test.</param>
    public SeriesWindows Part(int part)
    {
        long from = part == 0 ? table.First : table.First + recipe.Ends[part - 1], end = table.First + recipe.Ends[part];
        // In training the window lies within the part too; the others look back on the steps before them.
        return Windows(from + (part == 0 ? recipe.Shape.Window : 0), end, isMeasured: part == 2);
    }

    /// <summary>All windows that there are.</summary>
    public SeriesWindows All() => Windows(long.MinValue / 2, long.MaxValue / 2, isMeasured: true);

    /// <summary>The parts as the spine takes them.</summary>
    public TaskData Assemble(string hash, IReadOnlyList<Fact> facts)
    {
        SampledDataset Shown(SeriesWindows windows) => new(windows, i => Place(windows, i));
        return new(Shown(Part(0)), Shown(Part(1)), Shown(Part(2)), table.Source, hash, InputText(recipe), table.Notes) { Facts = facts };
    }

    /// <summary>A window as a person sees it.</summary>
    public SeriesSample Place(SeriesWindows windows, int index)
    {
        (int track, int start) = windows.StartOf(index);
        string name = table.Tracks[track].Name is { } id ? $"{id}, " : "";
        return new($"{name}from {table.TimeText(table.Tracks[track].First + start + recipe.Shape.Window)}", "", [], [], []);
    }

    /// <summary>What a window is, in a few words.</summary>
    public static string InputText(ForecastRecipe recipe) =>
        $"{Wording.Count(recipe.Shape.Window, "step")} of {Wording.Count(recipe.Layout.Columns.Count, "column")}";

    private SeriesWindows Windows(long from, long end, bool isMeasured)
    {
        SeriesShape shape = recipe.Shape;
        var starts = new List<(int, int)>();
        for (int t = 0; t < _tracks.Length; t++)
        {
            SeriesTrack track = table.Tracks[t];
            long first = Math.Max(shape.Window, from - track.First), last = Math.Min(track.Steps, end - track.First) - shape.Horizon;
            int present = 0;
            for (long at = first; at <= last; at++)
            {
                // How many values of the horizon are there: counted once, then moved on.
                if (at == first)
                    for (int h = 0; h < shape.Horizon; h++) present += Present(t, (int)at + h);
                else present += Present(t, (int)at + shape.Horizon - 1) - Present(t, (int)at - 1);
                if (present > 0) starts.Add((t, (int)at - shape.Window));
            }
        }
        return new(_tracks, shape, [.. starts], _hasMissing, isMeasured ? output.Season : 0);
    }

    private int Present(int track, int step)
    {
        int count = 0;
        for (int c = 0; c < recipe.Shape.Targets; c++)
            if (_tracks[track].IsPresent[step * recipe.Shape.Targets + c]) count++;
        return count;
    }

    private static bool IsMissing(SeriesTrack track, ForecastRecipe recipe, SeriesOutput output)
    {
        for (int i = 0; i < track.Steps; i++)
            for (int c = 0; c < recipe.Shape.Targets; c++)
                if (!ForecastEncoding.IsKnown(track, i, c, output.Columns[c])) return true;
        return false;
    }
}
