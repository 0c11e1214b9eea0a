using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Lamina.Cli.Rendering;

/// <summary>Writes one JSON object per line. Letters beyond ASCII are escaped, so the output's encoding doesn't matter.</summary>
internal sealed class JsonLines(Screen screen)
{
    private readonly ArrayBufferWriter<byte> _line = new();

    public void Write(string name, Action<Utf8JsonWriter> body)
    {
        _line.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(_line))
        {
            json.WriteStartObject();
            json.WriteString("event", name);
            body(json);
            json.WriteEndObject();
        }
        screen.Write(Encoding.UTF8.GetString(_line.WrittenSpan) + "\n");
    }
}
