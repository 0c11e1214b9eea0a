using Lamina.Tasks.Series;
using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Anomalies;

/// <summary>The series of a run, encoded and cut into windows.</summary>
internal sealed class AnomalyData
{
    private const int MostWindows = 20_000, BlockWindows = 4, BlocksOfOne = 10;

    private readonly SeriesTable _table;
    private readonly AnomalyRecipe _recipe;
    private readonly WatchedSeries _series;

    public AnomalyData(SeriesTable table, AnomalyRecipe recipe, AnomalyOutput output)
    {
        (_table, _recipe) = (table, recipe);
        _series = Encode(table, recipe, output);
    }

    /// <summary>
    /// The parts as the spine takes them: nine of ten stretches are learned, the tenth says which epoch is best, and all are looked through.
    /// </summary>
    public TaskData Assemble(string source, IReadOnlyList<Fact> facts)
    {
        (int[] training, int[] validation) = Parts();
        return new(new AnomalyWindows(_series, _recipe.Window, training, isMeasured: false),
            new AnomalyWindows(_series, _recipe.Window, validation, isMeasured: false), All(), source,
            _table.Hash, InputText(_recipe), _table.Notes) { Facts = facts };
    }

    /// <summary>Windows beside each other that hold every step of every track that is long enough.</summary>
    public SampledDataset All()
    {
        var starts = new List<int>();
        for (int t = 0; t < _series.Starts.Length; t++)
        {
            int last = _series.Lengths[t] - _recipe.Window;
            for (int at = 0; at < last; at += _recipe.Window) starts.Add(_series.Starts[t] + at);
            if (last >= 0) starts.Add(_series.Starts[t] + last);
        }
        return new(new AnomalyWindows(_series, _recipe.Window, [.. starts], isMeasured: true), Place);
    }

    /// <summary>What a window is, in a few words.</summary>
    public static string InputText(AnomalyRecipe recipe) => $"{Wording.Count(recipe.Window, "step")} of {Wording.Count(recipe.Watched, "column")}";

    // The step at a position, as a person sees it.
    private SeriesSample Place(int position)
    {
        int track = Array.FindLastIndex(_series.Starts, s => s <= position);
        return new(_table.TimeText(_table.Tracks[track].First + position - _series.Starts[track]), _table.Tracks[track].Name ?? "", [], [], []);
    }

    private (int[] Training, int[] Validation) Parts()
    {
        int block = BlockWindows * _recipe.Window, stride = (int)Math.Max(1, _table.Steps / MostWindows);
        List<int> training = [], validation = [];
        for (int t = 0; t < _series.Starts.Length; t++)
            for (int at = 0; at + _recipe.Window <= _series.Lengths[t]; at += stride)
            {
                int first = at / block % BlocksOfOne, last = (at + _recipe.Window - 1) / block % BlocksOfOne;
                if (first == BlocksOfOne / 2 && last == first) validation.Add(_series.Starts[t] + at);
                else if (first != BlocksOfOne / 2 && last != BlocksOfOne / 2) training.Add(_series.Starts[t] + at);
            }
        // Short series have no such stretch: some windows serve both.
        if (validation.Count == 0) validation = [.. training.Where((_, i) => i % BlocksOfOne == 0)];
        return ([.. training], [.. validation]);
    }

    private static WatchedSeries Encode(SeriesTable table, AnomalyRecipe recipe, AnomalyOutput output)
    {
        int columns = recipe.Watched, room = recipe.Window, all = checked((int)table.Tracks.Sum(t => (long)t.Steps + room)), at = 0;
        var series = new WatchedSeries(new float[all * columns], new bool[all * columns], new sbyte[all], columns, new int[table.Tracks.Count],
            new int[table.Tracks.Count]);
        for (int t = 0; t < table.Tracks.Count; t++)
        {
            SeriesTrack track = table.Tracks[t];
            (series.Starts[t], series.Lengths[t]) = (at, track.Steps);
            for (int c = 0; c < columns; c++)
            {
                double[] filled = track.Filled(c);
                for (int i = 0; i < filled.Length; i++)
                {
                    series.Values[(at + i) * columns + c] = (float)output.Columns[c].FromUnit(filled[i]);
                    series.IsPresent[(at + i) * columns + c] = !double.IsNaN(track.Values[i * track.Width + c]);
                }
            }
            for (int i = 0; i < track.Steps; i++)
                series.Labels[at + i] = recipe.Label is null || double.IsNaN(track.Values[i * track.Width + columns]) ? (sbyte)-1
                    : (sbyte)(track.Values[i * track.Width + columns] > 0 ? 1 : 0);
            at += track.Steps + room;
        }
        return series;
    }
}
