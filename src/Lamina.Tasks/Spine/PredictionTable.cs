using Lamina.Tasks.Rows;

namespace Lamina.Tasks.Spine;

/// <summary>Predictions as a table: a row for each input; of sequences one for each position.</summary>
public sealed class PredictionTable
{
    private const int MostClasses = 100;

    private readonly OutputMeaning _output;
    private readonly bool _isTimed;
    private readonly IReadOnlyList<NumberOutput> _numbers;
    private readonly IReadOnlyList<string> _classes;

    /// <summary>The table of a network's predictions.</summary>
    /// <param name="output">What the network's output means.</param>
    public PredictionTable(OutputMeaning output)
    {
        _output = output;
        _numbers = output switch { NumberOutput one => [one], NumbersOutput several => several.Numbers, SeriesOutput series => series.Columns, _ => [] };
        _isTimed = output is SeriesOutput or AnomalyOutput;
        _classes = output switch { ClassOutput { Names: { Count: <= MostClasses } names } => names, LabelsOutput labels => labels.Names, _ => [] };
        string[] place = output switch
        {
            SeriesOutput => ["series", "step", "time"],
            AnomalyOutput => ["series", "number", "start", "end", "kind", "sure", "score"],
            PositionsOutput => ["row", "position", "symbol", "label", "probability"],
            _ => ["row"],
        };
        Columns =
        [
            "source", .. place, .. output switch { ClassOutput => (string[])["prediction", "probability"], LabelsOutput => ["labels"], _ => [] },
            .. _classes.Select(c => $"probability {c}"),
            .. _numbers.SelectMany(n => !HasRange(n) ? (string[])[n.Name] : [n.Name, $"{n.Name} low", $"{n.Name} high"]), "note",
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
        if (_output is PositionsOutput && x.Positions.Count > 0)
        {
            for (int i = 0; i < x.Positions.Count; i++)
            {
                Start(rows, x);
                rows.Add(i + 1);
                rows.Add(x.Positions[i].Symbol);
                rows.Add(x.Positions[i].Label);
                rows.Add(x.Positions[i].Probability);
                rows.Add(x.Note ?? "");
                rows.EndRow();
            }
            return;
        }
        Start(rows, x);
        if (_output is PositionsOutput)
            foreach (string _ in Columns.Skip(3)) rows.Add("");
        if (_output is AnomalyOutput)
        {
            rows.Add(x.Until ?? x.Time ?? "");
            rows.Add(x.Top.Count > 0 ? x.Top[0].Class : "");
            rows.Add(x.Top.Count > 0 ? x.Top[0].Probability : double.NaN);
            rows.Add(x.Numbers.Count > 0 ? x.Numbers[0].Value : double.NaN);
        }
        if (_output is ClassOutput)
        {
            bool isKnown = x.Top.Count > 0;
            rows.Add(isKnown ? x.Top[0].Class : "");
            rows.Add(isKnown ? x.Top[0].Probability : double.NaN);
        }
        else if (_output is LabelsOutput)
        {
            rows.Add(string.Join('|', x.Labels ?? []));
        }
        if (_classes.Count > 0)
        {
            Dictionary<string, double> probabilities = x.Top.ToDictionary(t => t.Class, t => t.Probability);
            foreach (string name in _classes) rows.Add(probabilities.GetValueOrDefault(name, double.NaN));
        }
        for (int i = 0; i < _numbers.Count; i++)
        {
            rows.Add(i < x.Numbers.Count ? x.Numbers[i].Value : double.NaN);
            if (!HasRange(_numbers[i])) continue;
            Interval interval = x.Intervals.FirstOrDefault(n => n.Key == _numbers[i].Name).Value;
            rows.Add(x.Error is null ? interval.Low : double.NaN);
            rows.Add(x.Error is null ? interval.High : double.NaN);
        }
        rows.Add(x.Error ?? x.Note ?? "");
        rows.EndRow();
    }

    private void Start(RowWriter rows, Prediction x)
    {
        rows.Add(x.Source);
        if (_isTimed) rows.Add(x.Series ?? "");
        if (x.Row is { } row) rows.Add(row);
        else rows.Add("");
        if (_isTimed) rows.Add(x.Time ?? "");
    }

    private bool HasRange(NumberOutput number) => number.Interval is not null || _output is SeriesOutput { Band: not null };
}
