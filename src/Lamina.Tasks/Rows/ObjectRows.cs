using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace Lamina.Tasks.Rows;

/// <summary>Objects as rows.</summary>
/// <param name="name">What a person calls them.</param>
/// <param name="columns">The names of the columns, all different.</param>
/// <param name="items">The objects.</param>
/// <param name="values">Fills in the values of an object, one for each column, from nulls.</param>
internal sealed class ObjectRows<T>(string name, IReadOnlyList<string> columns, IEnumerable<T> items, Action<T, object?[]> values) : RowSource
{
    public override string Name => name;

    public override IReadOnlyList<string> Columns => columns;

    public override RowReader Open() => new Reader(this, items.GetEnumerator());

    private Action<T, object?[]> Values => values;

    private sealed class Reader(ObjectRows<T> source, IEnumerator<T> from) : RowReader
    {
        private readonly RowBuffer _row = new(source.Columns.Count);
        private readonly object?[] _values = new object?[source.Columns.Count];

        public override ReadOnlySpan<char> this[int column] => _row[column];

        public override bool Read()
        {
            if (!from.MoveNext()) return false;
            Row++;
            _row.Clear();
            if (from.Current is null) throw new DataException(source.Name, $"row {Row} is null", "leaving it out");
            Array.Clear(_values);
            source.Values(from.Current, _values);
            for (int c = 0; c < _values.Length; c++)
            {
                if (!CellText.Set(_row, c, _values[c]))
                    throw new DataException(source.Name, $"row {Row} has a {_values[c]!.GetType().Name} in '{source.Columns[c]}', which is no value of a cell",
                        "numbers, texts, booleans or dates");
            }
            return true;
        }

        protected override void Dispose(bool disposing) => from.Dispose();
    }
}

/// <summary>Makes rows of objects.</summary>
internal static class ObjectRows
{
    public static RowSource Of<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] T>(IEnumerable<T> items, string name)
    {
        RowSource rows = typeof(IDictionary).IsAssignableFrom(typeof(T)) ? Keyed(ref items, name, x => Entries((IDictionary)x!))
            : typeof(IEnumerable<KeyValuePair<string, object?>>).IsAssignableFrom(typeof(T))
                ? Keyed(ref items, name, x => (IEnumerable<KeyValuePair<string, object?>>)x!)
            : typeof(IEnumerable<KeyValuePair<string, string>>).IsAssignableFrom(typeof(T))
                ? Keyed(ref items, name, x => ((IEnumerable<KeyValuePair<string, string>>)x!)
                .Select(p => KeyValuePair.Create(p.Key, (object?)p.Value)))
            : CellText.IsCell(typeof(T)) ? new ObjectRows<T>(name, ["value"], items, (x, values) => values[0] = x)
            : Properties(items, name);
        // What isn't a collection may be different, or at an end, the second time.
        return items is IReadOnlyCollection<T> or ICollection<T> ? rows : SpooledRows.Keep(rows);
    }

    private static ObjectRows<T> Properties<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] T>(
        IEnumerable<T> items, string name)
    {
        PropertyInfo[] all = [.. typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.GetMethod is { IsPublic: true } && p.GetIndexParameters().Length == 0)];
        PropertyInfo[] cells = [.. all.Where(p => CellText.IsCell(p.PropertyType) || p.PropertyType == typeof(object))];
        if (cells.Length == 0)
            throw new DataException(name, $"{typeof(T).Name} has no public property that is a number, a text, a boolean or a date", "such properties");
        if (all.Except(cells).FirstOrDefault() is { } other)
            throw new DataException(name, $"'{other.Name}' of {typeof(T).Name} is a {other.PropertyType.Name}, which is no value of a cell",
                "objects without it, such as items.Select(x => new { x.A, x.B })");
        return new(name, [.. cells.Select(p => p.Name)], items, (x, values) =>
        {
            for (int c = 0; c < cells.Length; c++) values[c] = cells[c].GetValue(x);
        });
    }

    private static RowSource Keyed<T>(ref IEnumerable<T> items, string name, Func<T, IEnumerable<KeyValuePair<string, object?>>> entries)
    {
        // The keys of all rows are the columns, so all have to be seen first.
        List<T> list = [.. items];
        items = list;
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (T item in list)
            foreach ((string key, object? _) in entries(item)) places.TryAdd(key, places.Count);
        if (places.Count == 0) throw new DataException(name, "has no keys", "dictionaries with a value for each column");
        string[] columns = [.. places.OrderBy(p => p.Value).Select(p => p.Key)];
        return new ObjectRows<T>(name, columns, list, (item, values) =>
        {
            foreach ((string key, object? value) in entries(item))
                if (places.TryGetValue(key, out int column)) values[column] = value;
        });
    }

    private static IEnumerable<KeyValuePair<string, object?>> Entries(IDictionary items)
    {
        foreach (DictionaryEntry entry in items) yield return KeyValuePair.Create(entry.Key.ToString()!, entry.Value);
    }
}
