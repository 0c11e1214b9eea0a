using Lamina.Tasks.Rows;

namespace Lamina.Tasks.SeriesClasses;

/// <summary>Series in tables: a row for each, or a row for each step.</summary>
internal static class SeriesRows
{
    /// <summary>A longer series is refused: what bounds the memory.</summary>
    public const int MostValues = 20_000_000;

    private const int MostNamed = 3;

    /// <summary>Reads a table.</summary>
    /// <exception cref="DataException">A column isn't there, or no series can be used.</exception>
    public static SeriesExamples Read(RowSource rows, SeriesColumns columns, string? group, bool needsLabel, CancellationToken cancel)
    {
        SeriesExamples examples = columns.Id is null ? InRows(rows, columns, group, needsLabel, cancel)
            : InSteps(rows, columns, group, needsLabel, cancel);
        examples.Notes.AddRange(rows.Notes);
        return examples.Count > 0 ? examples : throw new DataException(rows.Name, "has no series that can be used", "a table with values and labels");
    }

    private static SeriesExamples InRows(RowSource rows, SeriesColumns columns, string? group, bool needsLabel, CancellationToken cancel)
    {
        var examples = new SeriesExamples(rows.Name, ["value"]);
        int label = LabelPlace(rows, columns, needsLabel), apart = group is null ? -1 : SeriesColumns.Place(rows, group);
        int[] places = [.. columns.Values.Select(v => SeriesColumns.Place(rows, v))];
        var empty = new List<string>();
        int unlabelled = 0;
        using RowReader reader = rows.Open();
        while (reader.Read())
        {
            cancel.ThrowIfCancellationRequested();
            if (label >= 0 && reader[label].IsEmpty)
            {
                unlabelled++;
                continue;
            }
            var values = new float[places.Length];
            for (int i = 0; i < places.Length; i++) values[i] = Number(rows, reader, places[i]);
            // Shorter series end in empty cells.
            int steps = Array.FindLastIndex(values, float.IsFinite) + 1;
            if (steps == 0) empty.Add($"row {reader.Row}");
            else examples.Add(values[..steps], label < 0 ? "" : reader[label].ToString(), apart < 0 ? null : reader[apart].ToString(),
                $"row {reader.Row}");
        }
        if (empty.Count > 0) examples.Notes.Add($"passed over {empty.Count:N0} series of length 0: {Some(empty)}");
        if (unlabelled > 0) examples.Notes.Add($"passed over {Wording.Count(unlabelled, "row")} without a label in "
            + $"{SeriesText.Shown(columns.Label)}");
        return examples;
    }

    private static SeriesExamples InSteps(RowSource rows, SeriesColumns columns, string? group, bool needsLabel, CancellationToken cancel)
    {
        var examples = new SeriesExamples(rows.Name, columns.Values);
        int label = LabelPlace(rows, columns, needsLabel), id = SeriesColumns.Place(rows, columns.Id!), time = columns.Time is null ? -1
            : SeriesColumns.Place(rows, columns.Time);
        int apart = group is null ? -1 : SeriesColumns.Place(rows, group);
        int[] places = [.. columns.Values.Select(v => SeriesColumns.Place(rows, v))];
        var open = new Dictionary<string, Steps>();
        var order = new List<Steps>();
        using (RowReader reader = rows.Open())
            while (reader.Read())
            {
                cancel.ThrowIfCancellationRequested();
                string key = reader[id].ToString();
                if (!open.TryGetValue(key, out Steps? series)) order.Add(open[key] = series =
                    new(key, label < 0 ? "" : reader[label].ToString(), apart < 0 ? null : reader[apart].ToString()));
                if (label >= 0 && !reader[label].SequenceEqual(series.Label)) series.HasOtherLabel = true;
                double at = time < 0 ? series.Times.Count : SeriesText.Time(reader[time]);
                series.Times.Add(at);
                foreach (int place in places) series.Values.Add(Number(rows, reader, place));
            }
        string[] mixed = [.. order.Where(s => s.HasOtherLabel).Select(s => s.Name)], unlabelled =
            [.. order.Where(s => label >= 0 && s.Label.Length == 0).Select(s => s.Name)];
        int untimed = 0, sorted = 0, twice = 0;
        foreach (Steps series in order)
        {
            if (series.HasOtherLabel || label >= 0 && series.Label.Length == 0) continue;
            float[] values = series.InOrder(places.Length, ref untimed, ref sorted, ref twice);
            if (values.Any(float.IsFinite)) examples.Add(values, series.Label, series.Group, series.Name);
            else examples.Notes.Add($"passed over {series.Name}: it has no values");
        }
        if (mixed.Length > 0) examples.Notes.Add($"passed over {mixed.Length:N0} series of several labels: {Some(mixed)}");
        if (unlabelled.Length > 0) examples.Notes.Add($"passed over series without a label: {Some(unlabelled)}");
        if (untimed > 0) examples.Notes.Add($"passed over {Wording.Count(untimed, "step")} without a time");
        if (sorted > 0) examples.Notes.Add($"{sorted:N0} series had steps out of order, which were sorted by {SeriesText.Shown(columns.Time!)}");
        if (twice > 0) examples.Notes.Add($"{Wording.Count(twice, "step")} had the time of the one before, and took its place");
        return examples;
    }

    private static int LabelPlace(RowSource rows, SeriesColumns columns, bool needsLabel) => needsLabel || rows.Columns.Contains(columns.Label)
        ? SeriesColumns.Place(rows, columns.Label) : -1;

    private static float Number(RowSource rows, RowReader reader, int place) => SeriesText.TryRead(reader[place], out float value) ? value
        : throw new DataException(rows.Name,
            $"row {reader.Row} has '{reader[place]}' in {SeriesText.Shown(rows.Columns[place])}, which is no number",
            "numbers, and an empty cell for a missing one");

    private static string Some(IReadOnlyList<string> names) => string.Join(", ", names.Take(MostNamed)) + (names.Count > MostNamed ? " …" : "");

    /// <summary>The steps of a series as they come.</summary>
    private sealed class Steps(string name, string label, string? group)
    {
        public string Name => name;

        public string Label => label;

        public string? Group => group;

        public bool HasOtherLabel { get; set; }

        public List<double> Times { get; } = [];

        public List<float> Values { get; } = [];

        public float[] InOrder(int channels, ref int untimed, ref int sorted, ref int twice)
        {
            int[] known = [.. Enumerable.Range(0, Times.Count).Where(i => double.IsFinite(Times[i]))];
            untimed += Times.Count - known.Length;
            int[] order = [.. known.OrderBy(i => Times[i])];
            if (!order.AsSpan().SequenceEqual(known)) sorted++;
            // The later of two with one time counts.
            int[] kept = [.. order.Where((step, i) => i + 1 == order.Length || Times[order[i + 1]] != Times[step])];
            twice += order.Length - kept.Length;
            return [.. kept.SelectMany(step => Values.GetRange(step * channels, channels))];
        }
    }
}
