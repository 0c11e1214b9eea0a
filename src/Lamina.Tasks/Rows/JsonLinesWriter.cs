using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Lamina.Tasks.Rows;

/// <summary>Writes an object for each row. Texts are strings, numbers numbers, missing and infinite values null.</summary>
internal sealed class JsonLinesWriter : RowWriter
{
    private readonly TextWriter _writer;
    private readonly JsonEncodedText[] _names;
    private readonly ArrayBufferWriter<byte> _line = new(1024);
    private readonly Utf8JsonWriter _json;
    private char[] _text = new char[1024];

    public JsonLinesWriter(TextWriter writer, IReadOnlyList<string> columns) : base(columns.Count)
    {
        // Letters of all scripts as they are.
        JavaScriptEncoder encoder = JavaScriptEncoder.Create(UnicodeRanges.All);
        (_writer, _names) = (writer, [.. columns.Select(c => JsonEncodedText.Encode(c, encoder))]);
        _json = new(_line, new() { Encoder = encoder });
    }

    private protected override void Write(int column, ReadOnlySpan<char> text)
    {
        Begin(column);
        if (text.IsEmpty) _json.WriteNull(_names[column]);
        else _json.WriteString(_names[column], text);
    }

    private protected override void Write(int column, double value)
    {
        Begin(column);
        if (double.IsFinite(value)) _json.WriteNumber(_names[column], value);
        else _json.WriteNull(_names[column]);
    }

    private protected override void Write(int column, float value)
    {
        Begin(column);
        if (float.IsFinite(value)) _json.WriteNumber(_names[column], value);
        else _json.WriteNull(_names[column]);
    }

    private protected override void End()
    {
        _json.WriteEndObject();
        _json.Flush();
        if (_text.Length < _line.WrittenCount) _text = new char[2 * _line.WrittenCount];
        _writer.Write(_text.AsSpan(0, Encoding.UTF8.GetChars(_line.WrittenSpan, _text)));
        _writer.Write('\n');
        _line.ResetWrittenCount();
        _json.Reset();
    }

    private void Begin(int column)
    {
        if (column == 0) _json.WriteStartObject();
    }
}
