using System.Globalization;
using Lamina.Learning.Columns;
using Lamina.Tasks.Rows;

namespace Lamina.Tasks.Series;

/// <summary>Takes the rows of a table as they come, and brings them onto a grid: in order, each time once, gaps as missing values.</summary>
/// <param name="rows">The table.</param>
/// <param name="time">Its columns of times.</param>
/// <param name="ids">The columns that tell series apart.</param>
/// <param name="values">The columns of values.</param>
internal sealed class SeriesBuilder(RowSource rows, TimeColumns time, int[] ids, IReadOnlyList<SeriesColumn> values)
{
    private const long MostCells = 100_000_000;
    private const double LeastReadable = 0.9, LeastRegular = 0.4, MostRepeated = 0.5, Absurd = 1e6;

    private readonly List<double>[] _times = [.. time.Readings.Select(_ => new List<double>())];
    private readonly List<double> _cells = []; // (rows, columns)
    private readonly List<int> _ids = [];
    private readonly List<string> _names = [];
    private readonly Dictionary<string, int> _known = [];
    private readonly List<string> _notes = [];
    private readonly (int Count, string Example)[] _unreadable = new (int, string)[values.Count];
    private readonly int[] _infinite = new int[values.Count];
    private int? _lowestOffset, _highestOffset, _lastOffset;
    private string _firstTime = "";
    private bool _isAveraged;

    /// <summary>Columns that the table doesn't have, all of whose values are missing.</summary>
    public IReadOnlyList<SeriesColumn> Absent { get; init; } = [];

    /// <summary>How an earlier table was read; null where the step and the reading are to be found.</summary>
    public SeriesLayout? Layout { get; init; }

    /// <summary>Reads all rows.</summary>
    /// <exception cref="DataException">There are too many, or they can't be read.</exception>
    public void ReadAll(CancellationToken cancel)
    {
        int[] places = [.. values.Select(c => Absent.Contains(c) ? -1 : ColumnNames.Find(rows, c.Name))];
        var cells = new string[rows.Columns.Count];
        using RowReader reader = rows.Open();
        while (reader.Read())
        {
            cancel.ThrowIfCancellationRequested();
            if ((long)_cells.Count + places.Length > MostCells)
                throw new DataException(rows.Name,
                    $"has more than {N(MostCells / places.Length)} rows of {Wording.Count(places.Length, "column")}, more than are held in memory",
                "fewer columns with --target, or a part of the table");
            AddTime(reader, cells);
            for (int c = 0; c < places.Length; c++) _cells.Add(places[c] < 0 ? double.NaN : Value(c, reader[places[c]]));
            _ids.Add(ids.Length == 0 ? 0 : IdOf(reader));
        }
    }

    /// <summary>The series.</summary>
    /// <param name="step">The step that was asked for, or null.</param>
    /// <exception cref="DataException">The rows can't be brought to a grid.</exception>
    public SeriesTable Build(string? step)
    {
        if (_ids.Count == 0) throw new DataException(rows.Name, "has no rows", "a table with a row for each step of time");
        NoteValues();
        (TimeReading reading, double[] times, double unix) = Times();
        bool isDates = time.Places.Length > 0 && (reading != TimeReading.Number || unix > 0);
        int[] order = Sorted(times);
        _isAveraged = step is not null || Layout is { IsAveraged: true };
        TimeGrid grid = time.Places.Length == 0 ? TimeGrid.OfRows : Layout is { } its ? OfSteps(its.Unit, its.Step, order.Min(i => times[i]))
            : GridOf(times, order, isDates, step);
        var tracks = new List<SeriesTrack>();
        (int repeated, int gaps, int longest) = (0, 0, 0);
        for (int first = 0; first < order.Length;)
        {
            int last = first;
            while (last < order.Length && _ids[order[last]] == _ids[order[first]]) last++;
            tracks.Add(Track(grid, times, order.AsSpan(first, last - first), ref repeated, ref gaps, ref longest));
            first = last;
        }
        RequireApart(repeated, order.Length, step);
        NoteSteps(grid, repeated, gaps, longest, isDates);
        RemoveAbsurd(tracks);
        string pattern = isDates && unix == 0 ? Layout?.Pattern ?? TimeText.PatternOf(reading, _firstTime) : TimeText.Usual;
        SeriesLayout layout = (Layout ?? new([.. time.Places.Select(p => rows.Columns[p])], reading, pattern, unix,
            [.. ids.Select(c => rows.Columns[c])], values, grid.Unit, grid.Step)) with { Offset = _lastOffset, IsAveraged = _isAveraged };
        return new(rows.Name, layout, grid, tracks, [.. rows.Notes, .. _notes]);
    }

    private void AddTime(RowReader reader, string[] cells)
    {
        if (time.Places.Length == 0) return;
        foreach (int place in time.Places) cells[place] = reader[place].ToString();
        string text = TimeColumns.Join(cells, time.Places);
        if (_firstTime.Length == 0) _firstTime = text;
        for (int r = 0; r < _times.Length; r++)
        {
            bool isRead = TimeText.TryRead(time.Readings[r], text, out double value, out int? offset);
            _times[r].Add(isRead ? value : double.NaN);
            if (r > 0 || !isRead || offset is null) continue;
            _lastOffset = offset;
            _lowestOffset = _lowestOffset is { } low ? Math.Min(low, offset.Value) : offset;
            _highestOffset = _highestOffset is { } high ? Math.Max(high, offset.Value) : offset;
        }
    }

    private double Value(int column, ReadOnlySpan<char> cell)
    {
        if (Cell.TryNumber(cell, values[column].Mark, out double value)) return value;
        if (Cell.IsMissing(cell)) return double.NaN;
        if (Cell.IsInfinite(cell)) _infinite[column]++;
        else _unreadable[column] = (_unreadable[column].Count + 1, _unreadable[column].Example ?? cell[..Math.Min(40, cell.Length)].ToString());
        return double.NaN;
    }

    private int IdOf(RowReader reader)
    {
        const int Most = 100_000;
        string name = ids.Length == 1 ? reader[ids[0]].ToString() : string.Join(" / ", ids.Select(c => reader[c].ToString()));
        if (_known.TryGetValue(name, out int known)) return known;
        if (_names.Count == Most) throw new DataException(rows.Name,
            $"has more than {Most} different values in {IdNames}: these are no names of series", "another column with --series");
        _names.Add(name);
        return _known[name] = _names.Count - 1;
    }

    private void NoteValues()
    {
        for (int c = 0; c < values.Count; c++)
        {
            string of = $"'{values[c].Name}': ";
            (int count, string example) = _unreadable[c];
            string no = count == 1 ? "is no number" : "are no numbers", infinite = _infinite[c] == 1 ? "is" : "are";
            if (count > 0) _notes.Add($"{of}{Wording.Count(count, "cell")} {no}, such as '{example}': taken as missing");
            if (_infinite[c] > 0) _notes.Add($"{of}{Wording.Count(_infinite[c], "value")} {infinite} infinite: taken as missing");
        }
    }

    // Of several readings the one that reads most, then the one whose times are the most regular.
    private (TimeReading Reading, double[] Times, double Unix) Times()
    {
        if (time.Places.Length == 0) return (TimeReading.Number, [.. Enumerable.Range(0, _ids.Count).Select(i => (double)i)], 0);
        int most = _times.Max(t => t.Count(double.IsFinite));
        if (most < LeastReadable * _ids.Count)
            throw new DataException(rows.Name,
                $"has times that can be read in {most:N0} of {_ids.Count:N0} rows alone, such as '{_firstTime}' in {Wording.Names([.. time.Places.Select(p => rows.Columns[p])])}", "another column with --time");
        int best = Enumerable.Range(0, _times.Length).Where(r => _times[r].Count(double.IsFinite) == most).MaxBy(r => _times.Length == 1 ? 0
            : Regularity(r));
        double[] times = [.. _times[best]];
        double unix = time.Readings[best] != TimeReading.Number ? 0 : Layout?.UnixSeconds ?? UnixUnit(times);
        if (unix > 0)
            for (int i = 0; i < times.Length; i++) times[i] = times[i] * unix - TimeColumns.UnixOrigin;
        if (most < _ids.Count) _notes.Add($"{Wording.Count(_ids.Count - most, "row")} without a time that can be read {(_ids.Count - most == 1 ? "is" : "are")} left out");
        return (time.Readings[best], times, unix);
    }

    private double Regularity(int reading)
    {
        double[] times = [.. _times[reading].Where(double.IsFinite).Distinct().Order()];
        TimeGrid.Of(times, time.Readings[reading] != TimeReading.Number, out double regular);
        return regular;
    }

    // Whole numbers of seconds or milliseconds between 1980 and 2100.
    private static double UnixUnit(double[] times)
    {
        const double Low = 3.2e8, High = 4.2e9;
        double[] known = [.. times.Where(double.IsFinite)];
        return known.Length == 0 || known.Any(t => t != Math.Floor(t)) ? 0 : known.All(t => t is > Low and < High) ? 1
            : known.All(t => t is > Low * 1000 and < High * 1000) ? 0.001 : 0;
    }

    private int[] Sorted(double[] times)
    {
        int[] order = [.. Enumerable.Range(0, times.Length).Where(i => double.IsFinite(times[i]))];
        int back = 0;
        var before = new double[Math.Max(1, _names.Count)];
        Array.Fill(before, double.NegativeInfinity);
        foreach (int i in order)
        {
            if (times[i] < before[_ids[i]]) back++;
            before[_ids[i]] = times[i];
        }
        if (back == 0 && _names.Count < 2) return order;
        if (back > 0) _notes.Add(back > order.Length * 0.9 ? "rows run backwards in time: sorted"
            : $"{Wording.Count(back, "row")} out of order: sorted by time");
        Array.Sort(order, (a, b) => _ids[a] != _ids[b] ? _ids[a].CompareTo(_ids[b]) : times[a] != times[b] ? times[a].CompareTo(times[b])
            : a.CompareTo(b));
        return order;
    }

    private TimeGrid GridOf(double[] times, int[] order, bool isDates, string? step)
    {
        // Of the longest series; the others lie on the same grid.
        int most = order.CountBy(i => _ids[i]).MaxBy(g => g.Value).Key;
        double[] different = [.. order.Where(i => _ids[i] == most).Select(i => times[i]).Distinct()];
        double first = order.Min(i => times[i]);
        if (step is not null)
        {
            (StepUnit unit, double size) = StepText.Read(step, isDates);
            return OfSteps(unit, size, first);
        }
        if (different.Length < 2) throw new DataException(rows.Name, different.Length == 1 && order.Length > 1
            ? $"has one time alone, '{_firstTime}', in all rows" : "has one row alone", "a table with a row for each step of time");
        TimeGrid grid = TimeGrid.Of(different, isDates, out double regular);
        if (regular < LeastRegular && different.Length > 3 && different.Count(t =>
            Math.Abs(grid.IndexOf(t) - Math.Round(grid.IndexOf(t))) < 0.01) < LeastReadable * different.Length)
            throw new DataException(rows.Name, "has times at no regular step", "a step over which rows are averaged, such as --step 1d");
        double steps = grid.IndexOf(different[^1]) - grid.IndexOf(different[0]) + 1;
        if (steps > 10.0 * different.Length + 100)
            throw new DataException(rows.Name,
                $"has times at no regular step: with the most common one, {grid.Text}, "
                + $"{(1 - different.Length / steps).ToString("P0", CultureInfo.InvariantCulture)} of the steps would be missing",
                "a longer step, such as --step 1d, over which rows are averaged");
        if (grid.Unit is StepUnit.Weekdays or StepUnit.Months) return grid with { Origin = first };
        return grid with { Origin = grid.Origin - Math.Ceiling((grid.Origin - first) / grid.Step - 1e-6) * grid.Step };
    }

    // Steps that rows are averaged over begin at round times.
    private TimeGrid OfSteps(StepUnit unit, double size, double first) => !_isAveraged ? new(unit, size, first)
        : new(unit, size, unit == StepUnit.Months ? TimeText.Seconds(new DateTime(TimeText.Date(first).Year, TimeText.Date(first).Month, 1, 0, 0, 0,
            DateTimeKind.Utc)) : Math.Floor(first / size) * size);

    private SeriesTrack Track(TimeGrid grid, double[] times, ReadOnlySpan<int> order, ref int repeated, ref int gaps, ref int longest)
    {
        long first = (long)Math.Round(Index(grid, times[order[0]])), steps = (long)Math.Round(Index(grid, times[order[^1]])) - first + 1;
        if (steps * values.Count > MostCells) throw new DataException(rows.Name,
            $"reaches over {steps.ToString("N0", CultureInfo.InvariantCulture)} steps of {grid.Text}, more than are held in memory",
            "a longer step with --step");
        var table = new double[steps * values.Count];
        var counts = new ushort[table.Length];
        Array.Fill(table, double.NaN);
        long before = -1;
        foreach (int row in order)
        {
            long at = (long)Math.Round(Index(grid, times[row])) - first;
            if (at == before) repeated++;
            else if (before >= 0 && at > before + 1) (gaps, longest) = (gaps + (int)(at - before - 1), (int)Math.Max(longest, at - before - 1));
            before = at;
            for (int c = 0; c < values.Count; c++)
            {
                double value = _cells[row * values.Count + c];
                ref double cell = ref table[at * values.Count + c];
                ref ushort count = ref counts[at * values.Count + c];
                if (double.IsNaN(value) || count == ushort.MaxValue) continue;
                cell = count == 0 ? value : cell + (value - cell) / (count + 1);
                count++;
            }
        }
        return new(ids.Length == 0 ? null : _names[_ids[order[0]]], first, table, values.Count);
    }

    // Within a step that was asked for rows belong to its beginning; otherwise to the nearest.
    private double Index(TimeGrid grid, double time) => grid.Unit == StepUnit.Months || _isAveraged ? Math.Floor(grid.IndexOf(time) + 1e-9)
        : grid.IndexOf(time);

    private static string N(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private string IdNames => Wording.Names([.. ids.Select(c => rows.Columns[c])]);

    // Most rows beside others of the same time are series below each other, which an average would mix up.
    private void RequireApart(int repeated, int count, string? step)
    {
        if (step is not null || Layout is not null || repeated <= MostRepeated * count) return;
        throw new DataException(rows.Name,
            $"has {N(repeated)} of {N(count)} rows with the time of another"
            + (ids.Length > 0 ? $", although {IdNames} {(ids.Length == 1 ? "tells" : "tell")} series apart"
                : ": several series seem to stand below each other"),
            "--series with the columns that tell them apart, or --step with a step over which rows are averaged");
    }

    private void NoteSteps(TimeGrid grid, int repeated, int gaps, int longest, bool isDates)
    {
        if (_lowestOffset != _highestOffset) _notes.Add("times have different offsets from UTC (a change of time zone, or summer time): read in UTC");
        if (repeated > 0) _notes.Add($"{Wording.Count(repeated, "row")} {(repeated == 1 ? "has" : "have")} the time of another: averaged");
        string row = longest > 1 ? $", at most {N(longest)} in a row" : "";
        if (gaps > 0)
            _notes.Add($"{N(gaps)} {(gaps == 1 ? "step is" : "steps are")} missing{row}: filled along straight lines to look back on, "
                + "and neither learned nor measured");
        if (isDates && grid.Unit == StepUnit.Seconds && grid.Step <= 3600 && repeated > 0 && gaps > 0 && _lowestOffset is null)
            _notes.Add("an hour that comes twice and one that is missing look like summer time; times with an offset, such as "
                + "2024-03-31T02:00:00+02:00, tell hours apart");
        if (ids.Length == 0) return;
        string count = _names.Count == 1 ? "one series" : $"{_names.Count.ToString("N0", CultureInfo.InvariantCulture)} series";
        _notes.Insert(0, $"{IdNames} {(ids.Length == 1 ? "tells" : "tell")} {count} apart");
    }

    // Values a million times as far out as the middle half of the others are no measurements.
    private void RemoveAbsurd(List<SeriesTrack> tracks)
    {
        const int Most = 100_000;
        for (int c = 0; c < values.Count; c++)
        {
            long all = tracks.Sum(t => (long)t.Steps);
            int every = (int)Math.Max(1, all / Most);
            double[] some = [.. tracks.SelectMany(t => Enumerable.Range(0, t.Steps).Where(i => i % every == 0).Select(i =>
                t.Values[i * t.Width + c])).Where(double.IsFinite).Order()];
            if (some.Length < 8) continue;
            double middle = some[some.Length / 2], spread = some[3 * some.Length / 4] - some[some.Length / 4];
            if (!(spread > 0)) continue;
            int found = 0;
            double example = 0;
            foreach (SeriesTrack track in tracks)
                for (int i = c; i < track.Values.Length; i += track.Width)
                    if (Math.Abs(track.Values[i] - middle) > Absurd * spread) (found, example, track.Values[i]) = (found + 1, track.Values[i],
                        double.NaN);
            string few = $"{Wording.Count(found, "value")}, such as {example.ToString("G3", CultureInfo.InvariantCulture)}, {(found == 1 ? "is" : "are")}";
            if (found > 0) _notes.Add($"'{values[c].Name}': {few} a million times further out than the others: taken as missing");
        }
    }
}
