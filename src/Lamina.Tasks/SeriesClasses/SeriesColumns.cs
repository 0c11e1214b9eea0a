using System.Globalization;
using Lamina.Tasks.Rows;

namespace Lamina.Tasks.SeriesClasses;

/// <summary>What the columns of a table of series are.</summary>
/// <param name="Label">The column of labels.</param>
/// <param name="Id">The column that tells series apart, where a row is a step; null where a row is a series.</param>
/// <param name="Time">The column that orders steps; null: the order of the rows.</param>
/// <param name="Values">The columns of values: steps where a row is a series, channels where it is a step.</param>
/// <param name="Reason">Why, as a sentence.</param>
internal sealed record SeriesColumns(string Label, string? Id, string? Time, IReadOnlyList<string> Values, string Reason)
{
    private const int Looked = 1_000, LeastSteps = 3, MostClasses = 200, LongestLabel = 100;
    private const double LeastFilled = 0.5, MostMixed = 0.1;

    /// <summary>Finds them by a look at the first rows; what a person named is taken.</summary>
    /// <exception cref="DataException">A named column isn't there, or none fits.</exception>
    public static SeriesColumns Of(RowSource rows, string? label, string? id, string? group)
    {
        Look[] looks = Look.Of(rows, Looked);
        Look? asked = label is null ? null : Find(rows, looks, label), key = id is null ? null : Find(rows, looks, id), apart = group is null
            ? null : Find(rows, looks, group);
        key ??= looks.FirstOrDefault(l => l != asked && l.IsId);
        return key is not null ? InSteps(rows, looks, asked, key, apart) : InRows(rows, looks, asked, apart);
    }

    /// <summary>How surely a table has series in it, and why.</summary>
    public static (double Score, string Reason) Recognize(RowSource rows)
    {
        const double Named = 0.85, Smooth = 0.75, Long = 0.75, LeastRatio = 1.6, MuchLess = 0.35;
        const int LeastNamed = 8, LeastColumns = 24;
        Look[] looks = Look.Of(rows, Looked);
        if (looks.Length < 3) return (0, "");
        if (looks.FirstOrDefault(l => l.IsId) is { } key)
            return looks.Any(l => l != key && l.IsConstantWithin(key)) && looks.Any(l => SeriesText.IsTime(l.Name) && l.Rises(key))
                ? (Long, $"{rows.Name} has a row for each step of a series: {SeriesText.Shown(key.Name)} stays the same for many rows, and so "
                    + $"does a label") : (0, "");
        if (LabelOf(looks) is not { } label) return (0, "");
        Look[] values = [.. looks.Where(l => l != label && l.IsNumeric && !l.IsNumbering)];
        if (values.Length < looks.Length - 3 || values.Length < LeastNamed || !values.Any(v => v.HasFractions)
            && !IsNumbered(values, rows.HasHeader)) return (0, "");
        double ratio = Roughness(values);
        if (rows.HasHeader && IsNumbered(values, true) && ratio < LeastRatio)
            return (Named, $"{rows.Name} has {values.Length:N0} columns that are numbered as steps, {values[0].Name} to {values[^1].Name}, "
                + $"with neighbours alike, and labels in {SeriesText.Shown(label.Name)}");
        return !rows.HasHeader && values.Length >= LeastColumns && values.Any(v => v.HasFractions) && ratio < MuchLess
            ? (Smooth, $"{rows.Name} has {values.Length:N0} columns of numbers without names, each much like its neighbour, and labels in "
                + $"{SeriesText.Shown(label.Name)}") : (0, "");
    }

    /// <summary>The number of a column.</summary>
    /// <exception cref="DataException">There is none of this name.</exception>
    public static int Place(RowSource rows, string name)
    {
        for (int i = 0; i < rows.Columns.Count; i++)
            if (rows.Columns[i] == name) return i;
        throw ColumnNames.Missing(rows, name);
    }

    private static SeriesColumns InRows(RowSource rows, Look[] looks, Look? asked, Look? group)
    {
        Look label = asked ?? LabelOf([.. looks.Where(l => l != group)])
            ?? throw new DataException(rows.Name,
                $"has no column of labels, with 2 to {MostClasses} different values, at its beginning, at its end or by its name",
                "naming one with --target");
        string[] values = [.. looks.Where(l => l != label && l != group && l.IsNumeric && !l.IsNumbering).Select(l => l.Name)];
        if (values.Length < LeastSteps)
            throw new DataException(rows.Name,
                $"has {Wording.Count(values.Length, "column")} of numbers besides the labels in {SeriesText.Shown(label.Name)}: a series "
                + $"needs {LeastSteps} steps at least",
                "a row for each series, or a column that tells series apart (--id)");
        return new(label.Name, null, null, values,
            $"each row is a series of {values.Length:N0} steps, {SeriesText.Shown(values[0])} to {SeriesText.Shown(values[^1])}; labels in "
            + $"{SeriesText.Shown(label.Name)}");
    }

    private static SeriesColumns InSteps(RowSource rows, Look[] looks, Look? asked, Look key, Look? group)
    {
        Look? time = looks.FirstOrDefault(l => l != key && l != asked && SeriesText.IsTime(l.Name));
        Look label = asked ?? looks.Where(l => l != key && l != time && l != group && l.IsConstantWithin(key)).OrderByDescending(l =>
            SeriesText.IsLabel(l.Name)).FirstOrDefault()
            ?? throw new DataException(rows.Name,
                $"has no column of labels that stays the same within each series of {SeriesText.Shown(key.Name)}", "naming one with --target");
        string[] values = [.. looks.Where(l => l != key && l != time && l != label && l != group && l.IsNumeric).Select(l => l.Name)];
        if (values.Length == 0) throw new DataException(rows.Name, "has no column of numbers besides series, time and label", "a column of values");
        return new(label.Name, key.Name, time?.Name, values,
            $"rows are steps, a series for each value of "
                + $"{SeriesText.Shown(key.Name)}{(time is null ? "" : $", in the order of {SeriesText.Shown(time.Name)}")}; "
                + $"{(values.Length == 1 ? "values" : "channels")} in {Wording.Names(values)}; labels in {SeriesText.Shown(label.Name)}");
    }

    // By its name; the only one of words; or whole numbers that come again and again, at the beginning or at the end of the row.
    private static Look? LabelOf(Look[] looks)
    {
        Look[] labels = [.. looks.Where(l => l.IsLabel)];
        Look[] words = [.. labels.Where(l => !l.IsNumeric)];
        return labels.FirstOrDefault(l => SeriesText.IsLabel(l.Name)) ?? (words.Length == 1 ? words[0] : null)
            ?? (labels.Contains(looks[0]) ? looks[0] : labels.Contains(looks[^1]) ? looks[^1] : null);
    }

    // t0, t1, t2 …, or 0, 1, 2 …: one beginning, and numbers that rise by one.
    private static bool IsNumbered(Look[] values, bool hasHeader)
    {
        if (!hasHeader) return false;
        string Beginning(string name) => name.TrimEnd(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
        string first = Beginning(values[0].Name);
        int[] numbers = [.. values.Select(v => v.Name.StartsWith(first, StringComparison.Ordinal)
            && int.TryParse(v.Name.AsSpan(first.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int n) ? n : -1)];
        return first.TrimEnd('_', '-', '.',
            ' ').ToLowerInvariant() is "" or "t" or "time" or "step" or "s" or "ts" or "value" or "x" or "att" or "sample" or "point"
            && numbers.Zip(numbers.Skip(1)).All(n => n.First >= 0 && n.Second == n.First + 1);
    }

    // The mean squared difference of neighbours, columns at mean 0 and deviation 1: 2 where they are unlike, near 0 where a curve is smooth (von
    // Neumann, 1941).
    private static double Roughness(Look[] values)
    {
        double sum = 0;
        long count = 0;
        for (int c = 1; c < values.Length; c++)
            for (int row = 0; row < values[c].Numbers.Count; row++)
            {
                double difference = values[c].Standard(row) - values[c - 1].Standard(row);
                if (!double.IsFinite(difference)) continue;
                sum += difference * difference;
                count++;
            }
        return count == 0 ? 2 : sum / count;
    }

    private static Look Find(RowSource rows, Look[] looks, string name) =>
        looks.FirstOrDefault(l => l.Name == name) ?? looks.Where(l => l.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).ToArray() switch
        {
            [var one] => one,
            _ => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= 1 && number <= looks.Length
                ? looks[number - 1] : throw ColumnNames.Missing(rows, name),
        };

    /// <summary>What the first rows have in a column.</summary>
    private sealed class Look(string name)
    {
        private readonly HashSet<string> _different = [];
        private readonly List<string> _cells = [];
        private double _mean, _deviation = double.NaN;
        private int _filled, _values, _whole;

        public string Name => name;

        /// <summary>The numbers; NaN where there is none.</summary>
        public List<float> Numbers { get; } = [];

        public bool IsNumeric => _values == _cells.Count && _filled > 0;

        public bool HasFractions => IsNumeric && _whole < _filled;

        public bool IsLabel => _filled >= LeastFilled * _cells.Count && Known >= 2 && Known <= Math.Min(MostClasses, Math.Max(2, _filled / 2))
            && (!IsNumeric || _whole == _filled) && _different.All(d => d.Length <= LongestLabel);

        /// <summary>Whether its whole numbers number the rows.</summary>
        public bool IsNumbering => IsNumeric && _whole == _filled && _filled > 2 && Numbers.Zip(Numbers.Skip(1)).All(n => n.Second == n.First + 1);

        /// <summary>Whether it tells series apart: by its name, with values that stay for some rows.</summary>
        public bool IsId => SeriesText.IsId(name) && _filled == _cells.Count && _cells.Count >= 2 * LeastSteps && Runs() * LeastSteps <= _cells.Count;

        public double Standard(int row)
        {
            if (double.IsNaN(_deviation))
            {
                float[] known = [.. Numbers.Where(float.IsFinite)];
                _mean = known.Length == 0 ? 0 : known.Average(x => (double)x);
                _deviation = known.Length == 0 ? 0 : Math.Sqrt(known.Average(x => (x - _mean) * (x - _mean)));
            }
            return _deviation > 0 ? (Numbers[row] - _mean) / _deviation : double.NaN;
        }

        /// <summary>Whether it stays the same within nearly all series.</summary>
        public bool IsConstantWithin(Look key)
        {
            if (_different.Count > MostClasses || _filled < LeastFilled * _cells.Count || _different.Count > key._different.Count) return false;
            var first = new Dictionary<string, string>();
            var mixed = new HashSet<string>();
            for (int row = 0; row < _cells.Count; row++)
                if (!first.TryAdd(key._cells[row], _cells[row]) && first[key._cells[row]] != _cells[row]) mixed.Add(key._cells[row]);
            return mixed.Count <= MostMixed * first.Count;
        }

        /// <summary>Whether it rises from row to row within each series.</summary>
        public bool Rises(Look key) => !Enumerable.Range(1, Math.Max(0, _cells.Count - 1)).Any(row =>
            key._cells[row] == key._cells[row - 1] && !(SeriesText.Time(_cells[row]) >= SeriesText.Time(_cells[row - 1])));

        public static Look[] Of(RowSource rows, int most)
        {
            Look[] looks = [.. rows.Columns.Select(c => new Look(c))];
            using RowReader reader = rows.Open();
            while (reader.Row < most && reader.Read())
                for (int i = 0; i < looks.Length; i++) looks[i].Add(reader[i]);
            return looks;
        }

        private int Known => _different.Count - (_different.Contains("") ? 1 : 0);

        private int Runs() => 1 + _cells.Zip(_cells.Skip(1)).Count(c => c.First != c.Second);

        private void Add(ReadOnlySpan<char> cell)
        {
            if (SeriesText.TryRead(cell, out float value)) _values++;
            Numbers.Add(value);
            if (!cell.IsEmpty)
            {
                _filled++;
                if (!float.IsFinite(value) || value == MathF.Floor(value)) _whole++;
            }
            string text = cell.ToString();
            _cells.Add(text);
            if (_different.Count <= MostClasses + 1) _different.Add(text);
        }
    }
}
