using System.Text.Json;

namespace Lamina.Tasks.Rows;

/// <summary>Goes through a stream of JSON one object at a time: lines, objects that follow one another, or an array of objects.</summary>
internal sealed class JsonCursor(string name, Stream stream) : IDisposable
{
    private const int MostBytes = 1 << 25;

    private byte[] _buffer = new byte[1 << 16];
    private int _start, _end;
    private bool _ended, _closed;
    private JsonReaderState _state = new(new JsonReaderOptions { AllowMultipleValues = true, CommentHandling = JsonCommentHandling.Skip });

    /// <summary>The current object, as it stands in the stream.</summary>
    public ReadOnlySpan<byte> Object => _buffer.AsSpan(_from, _length);

    private int _from, _length;

    /// <summary>Number of objects so far.</summary>
    public long Count { get; private set; }

    /// <exception cref="DataException">It is no JSON from here on, or something other than an object.</exception>
    public bool Read()
    {
        try
        {
            while (!_closed)
            {
                var reader = new Utf8JsonReader(_buffer.AsSpan(_start, _end - _start), _ended, _state);
                bool got = reader.Read();
                if (got && reader.TokenType == JsonTokenType.StartObject)
                {
                    int from = _start + (int)reader.TokenStartIndex;
                    if (!reader.TrySkip())
                    {
                        More();
                        continue;
                    }
                    (_from, _length) = (from, _start + (int)reader.BytesConsumed - from);
                    (_start, _state) = (_start + (int)reader.BytesConsumed, reader.CurrentState);
                    Count++;
                    return true;
                }
                // Between objects only the brackets of one array may stand.
                bool isBracket = reader.TokenType is JsonTokenType.StartArray or JsonTokenType.EndArray;
                if (got && (!isBracket || reader.CurrentDepth > 0))
                    throw new DataException(name, $"has {Kind(reader.TokenType)} where row {Count + 1} should be",
                        "an object for each row, such as {\"a\": 1, \"b\": \"x\"}");
                (_start, _state) = (_start + (int)reader.BytesConsumed, reader.CurrentState);
                if (got) continue;
                if (_ended) _closed = true;
                else More();
            }
            return false;
        }
        catch (JsonException e)
        {
            string where = e.LineNumber is { } line ? $"line {line + 1}" : $"row {Count + 1}";
            throw new DataException(name, IsCutShort() ? $"is cut short: it ends within row {Count + 1}, {where}"
                : $"{where} is no JSON: {e.Message.Split('\n')[0].Split(" LineNumber:")[0].TrimEnd('.')}",
                    "mending that line, or writing the file again", e);
        }
    }

    public void Dispose() => stream.Dispose();

    // Moves what is left to the front and fills the rest.
    private void More()
    {
        int kept = _end - _start;
        if (kept > MostBytes) throw new DataException(name, $"row {Count + 1} is longer than {MostBytes:N0} bytes", "a table without cells of this size");
        byte[] into = kept > _buffer.Length / 2 ? new byte[2 * _buffer.Length] : _buffer;
        _buffer.AsSpan(_start, kept).CopyTo(into);
        (_buffer, _start, _end) = (into, 0, kept);
        int got = stream.Read(_buffer.AsSpan(kept));
        _end += got;
        _ended = got == 0;
    }

    // Whether what is left would be right if more followed.
    private bool IsCutShort()
    {
        if (!_ended) return false;
        try
        {
            var reader = new Utf8JsonReader(_buffer.AsSpan(_start, _end - _start), isFinalBlock: false, _state);
            while (reader.Read())
            {
            }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Kind(JsonTokenType token) => token switch
    {
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a text",
        JsonTokenType.Number => "a number",
        _ => "a single value",
    };
}
