using Lamina.Tasks.Rows;

namespace Lamina.Tasks.Spine;

/// <summary>Predictions as a table: a row for each input; of sequences one for each position.</summary>
public sealed class PredictionTable
{
    private const int MostClasses = 100;

    private readonly OutputMeaning _output;
    private readonly IReadOnlyList<NumberOutput> _numbers;
    private readonly IReadOnlyList<string> _classes;

    /// <summary>The table of a network's predictions.</summary>
    /// <param name="output">What the network's output means.</param>
    public PredictionTable(OutputMeaning output)
    {
        _output = output;
        _numbers = output switch { NumberOutput one => [one], NumbersOutput several => several.Numbers, _ => [] };
        _classes = output is ClassOutput { Names: { Count: <= MostClasses } names } ? names : [];
        Columns =
        [
            "source", "row",
            .. output is PositionsOutput ? (string[])["position", "symbol", "label", "probability"] : [],
            .. output is ClassOutput ? (string[])["prediction", "probability", .. _classes.Select(c => $"probability {c}")] : [],
            .. _numbers.SelectMany(n => n.Interval is null ? (string[])[n.Name] : [n.Name, $"{n.Name} low", $"{n.Name} high"]), "note",
        ];
        Columns = [.. Columns.Select((name, i) => Columns.Take(i).Contains(name) ? $"{name} {i + 1}" : name)];
    }

    /// <summary>The names of its columns.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>How many classes a prediction has to have, so that each gets its probability.</summary>
    public int Top => Math.Max(1, _classes.Count);

    /// <summary>Writes a row. A prediction that failed has its reason as a note, and empty cells.</summary>
    public void Write(RowWriter rows, Prediction x)
    {
        if (_output is PositionsOutput && x.Labels.Count > 0)
        {
            for (int i = 0; i < x.Labels.Count; i++)
            {
                Start(rows, x);
                rows.Add(i + 1);
                rows.Add(x.Labels[i].Symbol);
                rows.Add(x.Labels[i].Label);
                rows.Add(x.Labels[i].Probability);
                rows.Add(x.Note ?? "");
                rows.EndRow();
            }
            return;
        }
        Start(rows, x);
        if (_output is PositionsOutput)
            foreach (string _ in Columns.Skip(3)) rows.Add("");
        if (_output is ClassOutput)
        {
            bool isKnown = x.Top.Count > 0;
            rows.Add(isKnown ? x.Top[0].Class : "");
            rows.Add(isKnown ? x.Top[0].Probability : double.NaN);
            foreach (string name in _classes) rows.Add(isKnown ? Of(x.Top, name) : double.NaN);
        }
        for (int i = 0; i < _numbers.Count; i++)
        {
            rows.Add(i < x.Numbers.Count ? x.Numbers[i].Value : double.NaN);
            if (_numbers[i].Interval is null) continue;
            Interval interval = x.Intervals.FirstOrDefault(n => n.Key == _numbers[i].Name).Value;
            rows.Add(x.Error is null ? interval.Low : double.NaN);
            rows.Add(x.Error is null ? interval.High : double.NaN);
        }
        rows.Add(x.Error ?? x.Note ?? "");
        rows.EndRow();
    }

    private static void Start(RowWriter rows, Prediction x)
    {
        rows.Add(x.Source);
        if (x.Row is { } row) rows.Add(row);
        else rows.Add("");
    }

    private static double Of(IReadOnlyList<ClassProbability> top, string name)
    {
        foreach (ClassProbability one in top)
            if (one.Class == name) return one.Probability;
        return double.NaN;
    }
}
