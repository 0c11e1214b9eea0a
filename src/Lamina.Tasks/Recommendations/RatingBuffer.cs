using System.Globalization;
using Lamina.Learning.Columns;
using Lamina.Learning.Ratings;
using Lamina.Tasks.Rows;
using Lamina.Tasks.Tables;

namespace Lamina.Tasks.Recommendations;

/// <summary>Names and their numbers, from 0, in the order in which they came.</summary>
internal sealed class NameList
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly List<string> _names = [];

    public NameList() => _lookup = _numbers.GetAlternateLookup<ReadOnlySpan<char>>();

    public IReadOnlyList<string> Names => _names;

    public int Count => _names.Count;

    public int NumberOf(ReadOnlySpan<char> name)
    {
        if (name.Length <= IdText.Longest && _lookup.TryGetValue(name, out int number)) return number;
        string id = IdText.Of(name);
        if (_numbers.TryGetValue(id, out number)) return number;
        _numbers.Add(id, _names.Count);
        _names.Add(id);
        return _names.Count - 1;
    }
}

/// <summary>Ratings as they are read, in the order of their files. Rows that can't be used are counted and told.</summary>
internal sealed class RatingBuffer
{
    private const int FewestRatings = 4;

    private readonly List<string> _problems = [];
    private long _rows, _noName, _noRating;
    private string? _firstWrong;

    public NameList Users { get; } = new();

    public NameList Items { get; } = new();

    public int Count { get; private set; }

    public int[] User = new int[1_024], Item = new int[1_024], Row = new int[1_024];

    public float[] Value = new float[1_024];

    public RatingFile[] File = new RatingFile[1_024];

    /// <summary>The times, as many as there are ratings; null: none.</summary>
    public double[]? Times { get; private set; }

    /// <summary>Adds the ratings of a file.</summary>
    /// <exception cref="DataException">No row can be used, or a time can't be read.</exception>
    public void Add(RowSource rows, RatingColumns columns, RatingFile file, List<string> notes, TaskContextCheck check)
    {
        int user = RatingColumns.TableColumn(rows, columns.User), item = RatingColumns.TableColumn(rows, columns.Item),
            rating = RatingColumns.TableColumn(rows, columns.Rating), time = columns.Time is { } t ? RatingColumns.TableColumn(rows, t) : -1;
        TimeReader? times = time < 0 ? null : new(rows.Name, columns.Time!);
        int first = Count;
        (_rows, _noName, _noRating, _firstWrong) = (0, 0, 0, null);
        using (RowReader reader = rows.Open())
            while (reader.Read())
            {
                if (++_rows % 10_000 == 0) check(_rows);
                if (Cell.IsMissing(reader[user]) || Cell.IsMissing(reader[item]))
                {
                    _noName++;
                    continue;
                }
                if (!TryRating(reader[rating], out double value))
                {
                    _noRating++;
                    _firstWrong ??= string.Create(CultureInfo.InvariantCulture,
                        $"row {reader.Row:N0} has '{Lamina.Formats.ForeignText.Show(reader[rating].ToString(), 40)}'");
                    continue;
                }
                times?.Add(reader[time], reader.Row);
                Grow();
                (User[Count], Item[Count], Value[Count], Row[Count], File[Count]) = (Users.NumberOf(reader[user]), Items.NumberOf(reader[item]),
                    (float)value, (int)Math.Min(reader.Row, int.MaxValue), file);
                Count++;
            }
        if (Count == first) throw new DataException(rows.Name, _rows == 0 ? "has no rows"
            : _noRating > 0 ? $"has no row with a rating: {_firstWrong} in '{columns.Rating}', which is no number"
                : $"has no row with both a user in '{columns.User}' and an item in '{columns.Item}'",
            "a table with a row for each rating");
        if (times is not null)
        {
            double[] all = new double[Count];
            (Times ?? []).AsSpan(0, first).CopyTo(all);
            times.Values.CopyTo(all, first);
            Times = all;
        }
        if (_noName > 0) notes.Add($"passed over {_noName:N0} of {_rows:N0} rows of {rows.Name} without a user or an item");
        if (_noRating > 0) notes.Add($"passed over {_noRating:N0} of {_rows:N0} rows of {rows.Name} without a rating: {_firstWrong} in '{columns.Rating}'");
        notes.AddRange(rows.Notes.Except(notes));
    }

    /// <summary>Leaves out ratings that lie off the scale, and tells which.</summary>
    /// <param name="scale">The scale where a person gave it; null: what 98 % of the ratings are on, and twice as far again to both sides.</param>
    /// <param name="source">What a person calls the data.</param>
    /// <param name="notes">Takes what was left out.</param>
    /// <exception cref="DataException">Hardly any is on the scale.</exception>
    public void KeepOnScale((double Least, double Most)? scale, string source, List<string> notes)
    {
        (double least, double most) = scale ?? Middle();
        double margin = scale is null ? 2 * (most - least) : 0;
        if (scale is null && margin == 0) return; // equal ratings say nothing of what is off
        int kept = 0;
        string? first = null;
        for (int i = 0; i < Count; i++)
        {
            if (Value[i] < least - margin || Value[i] > most + margin)
            {
                first ??= string.Create(CultureInfo.InvariantCulture, $"row {Row[i]:N0} has {Value[i]:G6}");
                continue;
            }
            (User[kept], Item[kept], Value[kept], Row[kept], File[kept]) = (User[i], Item[i], Value[i], Row[i], File[i]);
            if (Times is not null) Times[kept] = Times[i];
            kept++;
        }
        if (first is null) return;
        string ends = string.Create(CultureInfo.InvariantCulture, $"{least:G6} to {most:G6}");
        if (kept < FewestRatings) throw new DataException(source, $"has {Wording.Count(kept, "rating")} from {ends}: {first}",
            "the scale that the ratings are on");
        notes.Add($"passed over {Wording.Count(Count - kept, "rating")} {(scale is null ? "far " : "")}off the scale of {ends}: {first}");
        Count = kept;
    }

    private (double, double) Middle()
    {
        float[] sorted = Value[..Count];
        Array.Sort(sorted);
        return (sorted[(int)(0.01 * (Count - 1))], sorted[(int)(0.99 * (Count - 1))]);
    }

    private static bool TryRating(ReadOnlySpan<char> cell, out double value)
    {
        value = 0;
        return !Cell.IsMissing(cell) && (Cell.TryNumber(cell, DecimalMark.Point, out value) || Cell.TryNumber(cell, DecimalMark.Comma, out value))
            && float.IsFinite((float)value);
    }

    private void Grow()
    {
        if (Count < User.Length) return;
        int size = checked((int)Math.Min(Array.MaxLength, User.Length * 2L));
        Array.Resize(ref User, size);
        Array.Resize(ref Item, size);
        Array.Resize(ref Value, size);
        Array.Resize(ref Row, size);
        Array.Resize(ref File, size);
    }
}

/// <summary>Is told how many rows were read; throws where the work is to stop.</summary>
internal delegate void TaskContextCheck(long rows);
