using System.Text;
using System.Text.Json;

namespace Lamina.Tasks.Rows;

/// <summary>JSON lines, or a JSON array of objects: a row for each object, a column for each key.</summary>
internal sealed class JsonRows : RowSource
{
    private const int Looked = 1000;

    private readonly RowInput _input;
    private readonly TextEncoding _encoding;
    private readonly string[] _keys;
    private readonly List<string> _found = [];
    private string? _unknown;

    private JsonRows(RowInput input, TextEncoding encoding, string[] keys)
    {
        (_input, _encoding, _keys) = (input, encoding, keys);
        Columns = HeaderNames.Usable(keys, _found);
        if (encoding.Name is not null) _found.Insert(0, $"read as {encoding.Name}");
    }

    public override string Name => _input.Name;

    public override IReadOnlyList<string> Columns { get; }

    public override IReadOnlyList<string> Notes => _unknown is { } note ? [.. _found, note] : [.. _found];

    /// <summary>Whether a text begins as objects do, or an array of them.</summary>
    public static bool Is(string head)
    {
        ReadOnlySpan<char> text = head.AsSpan().TrimStart();
        if (text.StartsWith("[")) text = text[1..].TrimStart();
        return text.StartsWith("{") && text[1..].TrimStart() is ['"' or '}', ..];
    }

    /// <summary>Finds the columns: the keys of the first rows in the order of their first appearance.</summary>
    public static JsonRows Open(RowInput input, TextEncoding encoding)
    {
        var keys = new List<string>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        using var cursor = new JsonCursor(input.Name, Bytes(input, encoding));
        while (cursor.Count < Looked && cursor.Read())
        {
            var reader = new Utf8JsonReader(cursor.Object);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (Text(input.Name, cursor.Count, ref reader) is var key && known.Add(key)) keys.Add(key);
                reader.Skip();
            }
        }
        if (keys.Count == 0) throw new DataException(input.Name, "has no rows with values", "an object for each row, such as {\"a\": 1, \"b\": \"x\"}");
        return new(input, encoding, [.. keys]);
    }

    public override RowReader Open() => new Reader(this);

    private static Stream Bytes(RowInput input, TextEncoding encoding)
    {
        Stream stream = input.Open();
        Span<byte> mark = stackalloc byte[encoding.MarkBytes];
        stream.ReadExactly(mark);
        return encoding.Name is null ? stream : Encoding.CreateTranscodingStream(stream, encoding.Encoding, new UTF8Encoding(false));
    }

    private static string Text(string name, long row, ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw Broken(name, row, e);
        }
    }

    private static DataException Broken(string name, long row, Exception e) =>
        new(name, $"row {row} has a text that isn't Unicode", "saving the file as UTF-8", e);

    private sealed class Reader : RowReader
    {
        private readonly JsonRows _source;
        private readonly JsonCursor _cursor;
        private readonly RowBuffer _row;
        private readonly byte[][] _keys;
        private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);

        public Reader(JsonRows source)
        {
            _source = source;
            _cursor = new(source.Name, Bytes(source._input, source._encoding));
            _row = new(source._keys.Length);
            _keys = [.. source._keys.Select(Encoding.UTF8.GetBytes)];
            for (int i = 0; i < _keys.Length; i++) _places.Add(source._keys[i], i);
        }

        public override ReadOnlySpan<char> this[int column] => _row[column];

        public override bool Read()
        {
            try
            {
                if (!_cursor.Read()) return false;
            }
            catch (Exception e) when (RowFault.Explains(e))
            {
                throw RowFault.Of(_source.Name, e, $"after {Row} rows");
            }
            Row++;
            _row.Clear();
            ReadOnlySpan<byte> bytes = _cursor.Object;
            var reader = new Utf8JsonReader(bytes);
            reader.Read();
            for (int expected = 0; reader.Read() && reader.TokenType == JsonTokenType.PropertyName; expected++)
            {
                // Keys mostly come in the same order in each row.
                int column = expected < _keys.Length && reader.ValueTextEquals(_keys[expected]) ? expected : Place(ref reader);
                if (column < 0)
                {
                    reader.Skip();
                    continue;
                }
                expected = column;
                reader.Read();
                Set(column, bytes, ref reader);
            }
            return true;
        }

        protected override void Dispose(bool disposing) => _cursor.Dispose();

        private int Place(ref Utf8JsonReader reader)
        {
            string key = Text(_source.Name, Row, ref reader);
            if (_places.TryGetValue(key, out int column)) return column;
            _source._unknown ??=
                $"left out '{Lamina.Formats.ForeignText.Show(key, 100)}', which row {Row} has, and what else the first {Looked} rows don't have";
            return -1;
        }

        private void Set(int column, ReadOnlySpan<byte> row, ref Utf8JsonReader reader)
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.Null:
                    _row.Set(column, "");
                    break;
                case JsonTokenType.String:
                    try
                    {
                        _row.Take(column, reader.CopyString(_row.Room(reader.ValueSpan.Length)));
                    }
                    catch (InvalidOperationException e)
                    {
                        throw Broken(_source.Name, Row, e);
                    }
                    break;
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    int from = (int)reader.TokenStartIndex;
                    reader.Skip();
                    _row.SetUtf8(column, row[from..(int)reader.BytesConsumed]);
                    break;
                default:
                    _row.SetUtf8(column, reader.ValueSpan);
                    break;
            }
        }
    }
}
