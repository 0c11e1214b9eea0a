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
        switch (e)
        {
            case Started x: Line("started", j => { j.WriteNumber("epochs", x.Epochs); j.WriteNumber("step", x.Step); j.WriteNumber("parameters", x.Parameters); }); break;
            case StepDone x when x.StepInEpoch % Math.Max(1, stepsPerEpoch / 10) == 0:
                Line("step", j => { j.WriteNumber("step", x.Step); j.WriteNumber("epoch", x.Epoch); Number(j, "loss", x.Loss); j.WriteNumber("learningRate", x.LearningRate); Number(j, "gradientNorm", x.GradientNorm); });
                break;
            case EpochDone x:
                Line("epoch", j =>
                {
                    j.WriteNumber("epoch", x.Epoch);
                    j.WriteNumber("step", x.Step);
                    Scores(j, "train", x.Training);
                    if (x.Validation is { } v) Scores(j, "validation", v);
                    j.WriteBoolean("best", x.IsBest);
                    j.WriteNumber("seconds", Math.Round(x.Seconds, 3));
                });
                break;
            case Noted x: Line("noted", j => j.WriteString("message", x.Message)); break;
            case CheckpointSaved x: Line("checkpoint", j => j.WriteNumber("step", x.Step)); break;
            case Finished x: Line("trained", j => { j.WriteString("reason", x.Reason.ToString()); j.WriteNumber("epochs", x.Epochs); j.WriteNumber("steps", x.Steps); j.WriteNumber("bestEpoch", x.BestEpoch); j.WriteNumber("seconds", Math.Round(x.Seconds, 3)); }); break;
        }
    }

    public void Write(DivergedException x) => Line("diverged", j =>
    {
        j.WriteNumber("step", x.Step);
        if (x.Origin is { } origin) j.WriteString("origin", origin);
    });

    public void Write(TestReport x) => Line("tested", j =>
    {
        foreach ((string name, Figure figure) in x.Figures) Number(j, name, figure.Value);
        j.WriteNumber("count", x.Count);
        Intervals(j, x.Figures);
        if (x.Baseline is not { } baseline) return;
        j.WriteStartObject("baseline");
        foreach ((string name, Figure figure) in baseline.Figures) Number(j, name, figure.Value);
        j.WriteEndObject();
    });

    public void Dispose() => _file.Dispose();

    private void Line(string name, Action<Utf8JsonWriter> body)
    {
        _line.SetLength(0);
        using (var json = new Utf8JsonWriter(_line))
        {
            json.WriteStartObject();
            json.WriteString("time", DateTime.UtcNow);
            json.WriteString("event", name);
            body(json);
            json.WriteEndObject();
        }
        _line.WriteByte((byte)'\n');
        SaveException.Explain(_path, () =>
        {
            _file.Write(_line.GetBuffer(), 0, (int)_line.Length);
            _file.Flush();
        });
    }

    private static void Scores(Utf8JsonWriter json, string name, Scores scores)
    {
        json.WriteStartObject(name);
        Number(json, "loss", scores.Loss);
        foreach ((string metric, double value) in scores.Metrics) Number(json, metric, value);
        json.WriteEndObject();
    }

    private static void Intervals(Utf8JsonWriter json, Figures figures)
    {
        if (figures.All(f => f.Value.Interval is null)) return;
        json.WriteStartObject("interval");
        foreach ((string name, Figure figure) in figures)
        {
            if (figure.Interval is not { } interval || !double.IsFinite(interval.Low) || !double.IsFinite(interval.High)) continue;
            json.WriteStartArray(name);
            json.WriteNumberValue(interval.Low);
            json.WriteNumberValue(interval.High);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    // JSON has no NaN.
    private static void Number(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value)) json.WriteNumber(name, value);
        else json.WriteString(name, value.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    private static bool EndsWithNewline(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Seek(-1, SeekOrigin.End);
        return stream.ReadByte() == '\n';
    }
}
