using System.Text.Json;
using Lamina.Formats;
using Lamina.Learning.Training;

namespace Lamina.Tasks.Runs;

/// <summary>
/// Appends what happens to <c>events.jsonl</c>, one JSON object per line, flushed line by line. A run that was killed may
/// leave half a line; the next line begins on its own.
/// </summary>
internal sealed class EventLog : IDisposable
{
    private readonly string _path;
    private readonly FileStream _file;
    private readonly MemoryStream _line = new();

    /// <exception cref="SaveException">The file can't be written.</exception>
    public EventLog(string path)
    {
        _path = path;
        FileStream? file = null;
        SaveException.Explain(path, () =>
        {
            file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
            // FileMode.Append starts at the end; a torn last line is closed off.
            if (file.Length > 0 && !EndsWithNewline(path)) file.WriteByte((byte)'\n');
        });
        _file = file!;
    }

    /// <summary>Writes events worth keeping: all but the steps between the tenths of an epoch.</summary>
    public void Write(TrainingEvent e, int stepsPerEpoch)
    {
        if (e is StepDone step && step.StepInEpoch % Math.Max(1, stepsPerEpoch / 10) != 0) return;
        if (EventJson.Of(e) is { } known) Write(known);
    }

    public void Write(Illustrated e)
    {
        if (EventJson.Of(e) is { } known) Write(known);
    }

    public void Write(DivergedException e) => Write(EventJson.Of(e));

    public void Write(TestReport report) => Write(EventJson.Of(report));

    public void Dispose() => _file.Dispose();

    private void Write(JsonEvent e)
    {
        _line.SetLength(0);
        using (var json = new Utf8JsonWriter(_line))
        {
            json.WriteStartObject();
            json.WriteString("time", DateTime.UtcNow);
            json.WriteString("event", e.Name);
            e.Write(json);
            json.WriteEndObject();
        }
        _line.WriteByte((byte)'\n');
        SaveException.Explain(_path, () =>
        {
            _file.Write(_line.GetBuffer(), 0, (int)_line.Length);
            _file.Flush();
        });
    }

    private static bool EndsWithNewline(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Seek(-1, SeekOrigin.End);
        return stream.ReadByte() == '\n';
    }
}
