using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Lamina.Learning.Columns;
using Lamina.Tasks.Rows;
using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Tables;

/// <summary>Which columns of a table are what.</summary>
/// <param name="Inputs">The places of the columns to predict from.</param>
/// <param name="Targets">The places of the columns to predict.</param>
internal sealed record TableColumnsOf(int[] Inputs, int[] Targets)
{
    /// <summary>The column whose equal values stay on one side, or null.</summary>
    public int? Group { get; init; }

    /// <summary>The column that orders the rows, or null.</summary>
    public int? Time { get; init; }
}

/// <summary>How targets are read.</summary>
/// <param name="Classes">The classes; null: numbers.</param>
/// <param name="Marks">The decimal mark of each target.</param>
internal sealed record TargetReader(IReadOnlyList<string>? Classes, IReadOnlyList<DecimalMark> Marks)
{
    private readonly Dictionary<string, int> _numbers = Classes is null ? [] : Classes.Select((c, i) => (c, i)).ToDictionary(p => p.c, p => p.i);

    // Classes that are numbers, by their values: a file may write 1 as 1.0.
    private readonly Dictionary<double, int>? _byValue = Classes is null ? null : ByValue(Classes, Marks[0]);

    /// <summary>Reads a target: a number, or that of a class; NaN where there is none.</summary>
    public double Read(ReadOnlySpan<char> cell, int target)
    {
        double value;
        if (Classes is null) return !Cell.IsMissing(cell) && Cell.TryNumber(cell, Marks[target], out value) && float.IsFinite((float)value) ? value
            : double.NaN;
        if (_numbers.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(cell, out int number)) return number; // "none" may be a class
        return _byValue is not null && Cell.TryNumber(cell, Marks[target], out value) && _byValue.TryGetValue(value, out number) ? number : double.NaN;
    }

    /// <summary>What is wrong with a target that can't be read, after the number of its row.</summary>
    public string Problem(ReadOnlySpan<char> cell, string column)
    {
        if (cell.IsEmpty) return $"has nothing in {column}";
        string what = Cell.IsMissing(cell) ? "a missing value" : Classes is null ? "no number" : "none of the classes";
        return $"has '{ColumnSurvey.Shown(cell.ToString())}' in {column}, which is {what}";
    }

    private static Dictionary<double, int>? ByValue(IReadOnlyList<string> classes, DecimalMark mark)
    {
        var numbers = new Dictionary<double, int>();
        for (int i = 0; i < classes.Count; i++)
            if (!Cell.TryNumber(classes[i], mark, out double value) || !numbers.TryAdd(value, i)) return null;
        return numbers;
    }
}

/// <summary>The rows of a table that have a target: what is needed to split them, while their other cells stay in the file.</summary>
internal sealed class TableRows
{
    private const int BetweenReports = 50_000, MostShown = 200_000;

    private readonly List<int> _rows = [];
    private readonly List<double> _targets = []; // until they are standardised, float32 is too coarse for large ones
    private readonly List<ulong> _hashes = [];
    private readonly List<ulong>? _groups;
    private readonly TimeReader? _times;
    private readonly TargetReader _reader;
    private int _skipped;
    private string? _firstSkipped;

    private TableRows(RowSource source, TableColumnsOf columns, TargetReader reader)
    {
        (Source, Columns, _reader) = (source, columns, reader);
        if (columns.Group is not null) _groups = [];
        if (columns.Time is { } time) _times = new(source.Name, source.Columns[time]);
    }

    public RowSource Source { get; }

    public TableColumnsOf Columns { get; }

    public int Count => _rows.Count;

    /// <summary>The targets of the rows, in the order of the targets: numbers, or the number of a class.</summary>
    public ReadOnlySpan<double> Targets => CollectionsMarshal.AsSpan(_targets);

    /// <summary>A hash of each row's cells: equal ones are duplicates.</summary>
    public ReadOnlySpan<ulong> Hashes => CollectionsMarshal.AsSpan(_hashes);

    public ReadOnlySpan<ulong> Groups => _groups is null ? [] : CollectionsMarshal.AsSpan(_groups);

    public double[]? Times => _times?.Values;

    public int[]? Labels => _reader.Classes is null ? null : [.. _targets.Select(t => (int)t)];

    /// <summary>The number of a row in its file, from 1.</summary>
    public int RowOf(int index) => _rows[index];

    /// <summary>A hash of all rows, in hexadecimal digits.</summary>
    public string Hash
    {
        get
        {
            using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            sha.AppendData(Encoding.UTF8.GetBytes(string.Join('\n', Columns.Inputs.Concat(Columns.Targets).Select(c => Source.Columns[c]))));
            Span<byte> bytes = stackalloc byte[8];
            foreach (ulong hash in _hashes)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(bytes, hash);
                sha.AppendData(bytes);
            }
            return Convert.ToHexStringLower(sha.GetHashAndReset());
        }
    }

    /// <summary>Reads what is needed to split the rows.</summary>
    /// <exception cref="DataException">The table can't be read, or no row has a target.</exception>
    public static TableRows Read(RowSource source, TableColumnsOf columns, TargetReader reader, TaskContext context, List<string> notes)
    {
        var rows = new TableRows(source, columns, reader);
        using RowReader from = source.Open();
        while (from.Read())
        {
            rows.Add(from);
            if (from.Row % BetweenReports != 0) continue;
            context.Cancel.ThrowIfCancellationRequested();
            context.Tell(new Preparing("reading rows", (int)Math.Min(int.MaxValue, from.Row), 0));
        }
        if (rows.Count == 0) throw new DataException(source.Name, from.Row == 0 ? "has no rows"
            : $"has no row with a target{(rows._firstSkipped is { } first ? $": {first}" : "")}", "a table with a row for each example");
        if (rows._skipped > 0) notes.Add($"left out {rows._skipped:N0} {(rows._skipped == 1 ? "row" : "rows")} without a target: {rows._firstSkipped}");
        return rows;
    }

    /// <summary>A row as a person sees it; of a long table only its number, since the file would be read up to it.</summary>
    public RowSample Show(int index)
    {
        string place = string.Create(CultureInfo.InvariantCulture, $"row {_rows[index]:N0}");
        if (Count > MostShown) return new(place, []);
        using RowReader from = Source.Open();
        while (from.Read() && from.Row != _rows[index]) { }
        var cells = new List<KeyValuePair<string, string>>();
        foreach (int column in Columns.Inputs) cells.Add(KeyValuePair.Create(Source.Columns[column], ColumnSurvey.Shown(from[column].ToString())));
        return new(place, cells);
    }

    /// <summary>Brings the targets to the units that the network learns.</summary>
    public void Standardize(IReadOnlyList<NumberOutput> numbers)
    {
        Span<double> targets = CollectionsMarshal.AsSpan(_targets);
        for (int i = 0; i < targets.Length; i++) targets[i] = numbers[i % numbers.Count].FromUnit(targets[i]);
    }

    /// <summary>Goes through the rows again, with each one's index.</summary>
    public void ForEach(TaskContext context, string what, Action<RowReader, int> visit)
    {
        using RowReader from = Source.Open();
        for (int next = 0; next < Count && from.Read();)
        {
            if (from.Row != _rows[next]) continue;
            visit(from, next++);
            if (next % BetweenReports != 0) continue;
            context.Cancel.ThrowIfCancellationRequested();
            context.Tell(new Preparing(what, next, Count));
        }
    }

    private void Add(RowReader from)
    {
        int count = Columns.Targets.Length, at = _targets.Count;
        for (int i = 0; i < count; i++)
        {
            double value = _reader.Read(from[Columns.Targets[i]], i);
            if (double.IsNaN(value))
            {
                _skipped++;
                _firstSkipped ??= string.Create(CultureInfo.InvariantCulture,
                    $"row {from.Row:N0} {_reader.Problem(from[Columns.Targets[i]], Source.Columns[Columns.Targets[i]])}");
                _targets.RemoveRange(at, _targets.Count - at);
                return;
            }
            _targets.Add(value);
        }
        ulong hash = Basis;
        foreach (int column in Columns.Inputs) hash = Mix(hash, from[column]);
        foreach (int column in Columns.Targets) hash = Mix(hash, from[column]);
        _hashes.Add(hash);
        _rows.Add(checked((int)from.Row));
        _groups?.Add(Mix(Basis, from[Columns.Group!.Value]));
        _times?.Add(from[Columns.Time!.Value], from.Row);
    }

    private const ulong Basis = 14695981039346656037;

    // FNV-1a (Fowler, Noll, Vo) over UTF-16 units, with a mark between cells, and the finaliser of MurmurHash3.
    private static ulong Mix(ulong hash, ReadOnlySpan<char> cell)
    {
        foreach (char c in cell) hash = (hash ^ c) * 1099511628211;
        hash = (hash ^ 0x1_0000) * 1099511628211;
        hash ^= hash >> 33;
        hash *= 0xff51afd7ed558ccd;
        return hash ^ hash >> 33;
    }
}
