using System.Text.Json;
using Lamina.Learning.Training;
using Lamina.Tasks;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;

namespace Lamina.Cli.Rendering;

/// <summary>For programs: one JSON object per line on standard output; words for people go to standard error.</summary>
internal sealed class JsonView(Screen screen) : ITaskView
{
    private static readonly TimeSpan BetweenSteps = TimeSpan.FromMilliseconds(500);

    private readonly JsonLines _lines = new(screen);
    private long? _lastStep;
    private bool _isSaved;

    public void Show(TaskEvent e)
    {
        switch (e)
        {
            case TrainingProgress { Event: StepDone }:
                if (_lastStep is { } last && screen.Clock.GetElapsedTime(last) < BetweenSteps) return;
                _lastStep = screen.Clock.GetTimestamp();
                break;
            case TrainingProgress { Event: CheckpointSaved }:
                _isSaved = true;
                break;
            case TrainingProgress { Event: Finished }:
                return; // told by the result
        }
        if (EventJson.Of(e) is { } known) Write(known);
    }

    public void Stopping() => screen.WriteError(_isSaved ? "stopping after this step; the run is saved" : "stopping");

    public void Trained(TaskResult result) => Write(EventJson.Of(result));

    public void Predicted(Prediction prediction) => _lines.Write("prediction", json =>
    {
        json.WriteString("file", prediction.Source);
        if (prediction.Row is { } row) json.WriteNumber(prediction.Time is null ? "row" : "step", row);
        if (prediction.Series is { } series) json.WriteString("series", series);
        if (prediction.Time is { } time) json.WriteString("time", time);
        if (prediction.Until is { } until) json.WriteString("until", until);
        if (prediction.Error is { } why)
        {
            json.WriteString("error", why);
            return;
        }
        if (prediction.Positions.Count > 0)
        {
            json.WriteStartArray("labels");
            foreach (PositionLabel position in prediction.Positions) json.WriteStringValue(position.Label);
            json.WriteEndArray();
        }
        else if (prediction.Numbers.Count > 0)
        {
            json.WriteStartObject("values");
            foreach ((string name, double value) in prediction.Numbers) EventJson.Number(json, name, value);
            json.WriteEndObject();
            Ranges(json, prediction.Intervals);
        }
        if (prediction.Numbers.Count == 0 || prediction.Top.Count > 0)
        {
            if (prediction.Labels is { } labels)
            {
                json.WriteStartArray("labels");
                foreach (string label in labels) json.WriteStringValue(label);
                json.WriteEndArray();
            }
            Top(json, prediction.Top);
        }
        if (prediction.Note is { } note) json.WriteString("note", note);
    });

    public void Compared(RunComparison x) => _lines.Write("compared", json =>
    {
        json.WriteString("left", x.Left.Path);
        json.WriteString("right", x.Right.Path);
        if (x.Problem is { } problem) json.WriteString("problem", problem);
        json.WriteStartObject("figures");
        foreach (ComparedFigure figure in x.Figures)
        {
            json.WriteStartObject(figure.Name);
            if (figure.Left is { } left) EventJson.Number(json, "left", left.Value);
            if (figure.Right is { } right) EventJson.Number(json, "right", right.Value);
            if (figure.Difference is { } difference) EventJson.Number(json, "difference", difference);
            if (figure.RightIsBetter is { } isBetter) json.WriteString("better", isBetter ? "right" : "left");
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.WriteStartObject("settings");
        foreach (ComparedSetting setting in x.Settings)
        {
            json.WriteStartObject(setting.Name);
            json.WriteString("left", setting.Left);
            json.WriteString("right", setting.Right);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    });

    public void Tasks(IReadOnlyList<LearningTask> tasks)
    {
        foreach (LearningTask task in tasks)
        {
            _lines.Write("task", json =>
            {
                json.WriteString("name", task.Name);
                json.WriteString("summary", task.Summary);
                json.WriteString("data", task.DataHelp);
                json.WriteStartArray("options");
                foreach (TaskOption option in task.Options)
                {
                    json.WriteStartObject();
                    json.WriteString("name", option.Name);
                    json.WriteString("help", option.Help);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
            });
        }
    }

    public void Listed(IReadOnlyList<RunEntry> runs)
    {
        foreach (RunEntry run in runs)
        {
            _lines.Write("run", json =>
            {
                json.WriteString("run", run.Path);
                json.WriteString("state", run.State.ToString().ToLowerInvariant());
                if (run.Created is { } created) json.WriteString("created", created);
                if (run.Epochs is { } epochs)
                {
                    json.WriteString("task", run.Task);
                    json.WriteString("data", run.Data);
                    json.WriteNumber("epochsDone", run.EpochsDone);
                    json.WriteNumber("epochs", epochs);
                }
                if (run is { Score: { } score, Metric: { } metric })
                {
                    json.WriteStartObject(run.IsTested ? "test" : "validation");
                    EventJson.Number(json, metric, score.Value);
                    json.WriteEndObject();
                }
                if (run.Problem is { } problem) json.WriteString("problem", problem);
            });
        }
    }

    public void Summarized(string run, NetworkReady network) => _lines.Write("summary", json =>
    {
        json.WriteString("run", run);
        EventJson.Network(json, network);
    });

    public void Said(string verb, string line) => _lines.Write("result", json =>
    {
        json.WriteString("verb", verb);
        json.WriteString("text", line);
    });

    public void Wrote(string verb, string text) => Said(verb, text);

    public void Profiled(string run, RunProfile profile, int top) => _lines.Write("profile", json => ProfileJson.Write(json, run, profile, top));

    public void RateFound(RateSearch found, string? file) => _lines.Write("rates", json => FinderJson.Write(json, found, file));

    public void Looked(DataLook look, string? file) => _lines.Write("look", json => DataJson.Write(json, look, file));

    public void BatchFound(BatchSearch found) => _lines.Write("batches", json => FinderJson.Write(json, found));

    public void Tick()
    {
    }

    public void Close()
    {
    }

    private void Write(JsonEvent e) => _lines.Write(e.Name, e.Write);

    private static void Ranges(Utf8JsonWriter json, IReadOnlyList<KeyValuePair<string, Interval>> ranges)
    {
        if (ranges.Count == 0) return;
        json.WriteStartObject("ranges");
        foreach ((string name, Interval range) in ranges)
        {
            json.WriteStartArray(name);
            json.WriteNumberValue(range.Low);
            json.WriteNumberValue(range.High);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static void Top(Utf8JsonWriter json, IReadOnlyList<ClassProbability> top)
    {
        json.WriteStartArray("top");
        foreach (ClassProbability one in top)
        {
            json.WriteStartObject();
            json.WriteString("class", one.Class);
            EventJson.Number(json, "probability", one.Probability);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
