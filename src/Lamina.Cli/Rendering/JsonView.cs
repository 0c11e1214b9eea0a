using System.Text.Json;
using Lamina.Learning.Modules;
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
        if (e is TrainingProgress { Event: CheckpointSaved }) _isSaved = true;
        switch (e)
        {
            case TaskChosen x:
                _lines.Write("task", json =>
                {
                    json.WriteString("name", x.Task);
                    json.WriteString("reason", x.Reason);
                });
                break;
            case FoldsDone x:
                _lines.Write("folds", json =>
                {
                    json.WriteNumber("folds", x.Folds);
                    Figures(json, "mean", x.Mean);
                    Deviation(json, x.Deviation);
                });
                break;
            case DataReady x: Data(x); break;
            case TestReady x: TestData(x); break;
            case NetworkReady x: _lines.Write("network", json => Network(json, x)); break;
            case TrainingProgress x: Training(x.Event); break;
            case Remarked x: _lines.Write("note", json => json.WriteString("message", x.Message)); break;
            case Warned x: _lines.Write("warning", json => json.WriteString("message", x.Message)); break;
            case Tested x: Tested(x.Report); break;
            case Overfitted x:
                _lines.Write("overfit", json =>
                {
                    json.WriteBoolean("learned", x.IsLearned);
                    foreach ((string name, Figure figure) in x.Report.Figures) JsonLines.Number(json, name, figure.Value);
                    json.WriteNumber("count", x.Report.Count);
                });
                break;
        }
    }

    public void Stopping() => screen.WriteError(_isSaved ? "stopping after this step; the run is saved" : "stopping");

    public void Trained(TaskResult result)
    {
        if (result.WasInterrupted)
        {
            _lines.Write("interrupted", json => json.WriteString("run", result.Run));
            return;
        }
        _lines.Write("finished", json =>
        {
            json.WriteString("task", result.Task);
            json.WriteNumber("epochs", result.Epochs);
            JsonLines.Number(json, "seconds", Math.Round(result.Seconds, 3));
            if (result.Test is { } test) Figures(json, "test", test.Figures);
            else json.WriteNull("test");
            if (result.Test?.Baseline is { } baseline) Figures(json, "baseline", baseline.Figures);
            if (result.Deviation is { } deviations) Deviation(json, deviations);
            json.WriteString("run", result.Run);
            json.WriteString("model", result.Model);
            if (result.Report is { } report) json.WriteString("report", report);
        });
    }

    public void Predicted(Prediction prediction) => _lines.Write("prediction", json =>
    {
        json.WriteString("file", prediction.Source);
        if (prediction.Row is { } row) json.WriteNumber("row", row);
        if (prediction.Error is { } why)
        {
            json.WriteString("error", why);
            return;
        }
        if (prediction.Numbers.Count > 0)
        {
            json.WriteStartObject("values");
            foreach ((string name, double value) in prediction.Numbers) JsonLines.Number(json, name, value);
            json.WriteEndObject();
        }
        else
        {
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
            if (figure.Left is { } left) JsonLines.Number(json, "left", left.Value);
            if (figure.Right is { } right) JsonLines.Number(json, "right", right.Value);
            if (figure.Difference is { } difference) JsonLines.Number(json, "difference", difference);
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
                    JsonLines.Number(json, metric, score.Value);
                    json.WriteEndObject();
                }
                if (run.Problem is { } problem) json.WriteString("problem", problem);
            });
        }
    }

    public void Summarized(string run, NetworkReady network) => _lines.Write("summary", json =>
    {
        json.WriteString("run", run);
        Network(json, network);
    });

    public void Tick()
    {
    }

    public void Close()
    {
    }

    private void Data(DataReady x) => _lines.Write("data", json =>
    {
        json.WriteString("source", x.Source);
        json.WriteNumber("training", x.Training);
        json.WriteNumber("validation", x.Validation);
        json.WriteNumber("test", x.Test);
        if (x.Output is ClassOutput classes) Strings(json, "classes", classes.Names);
        else json.WriteString("output", x.Output.Text);
        json.WriteString("input", x.Input);
        foreach (Fact fact in x.Facts) json.WriteString(fact.Name, fact.Text);
        Strings(json, "notes", x.Notes);
    });

    private void TestData(TestReady x) => _lines.Write("data", json =>
    {
        json.WriteString("source", x.Source);
        json.WriteString("part", x.Part);
        json.WriteNumber("test", x.Count);
        if (x.Classes is { } classes) json.WriteNumber("classes", classes);
        json.WriteString("input", x.Input);
        Strings(json, "notes", x.Notes);
    });

    private static void Network(Utf8JsonWriter json, NetworkReady network)
    {
        json.WriteString("name", network.Name);
        json.WriteNumber("parameters", network.Summary.Parameters);
        json.WriteNumber("parameterBytes", network.Summary.ParameterBytes);
        json.WriteNumber("activationBytes", network.Summary.ActivationBytes);
        json.WriteNumber("multiplyAdds", network.Summary.MultiplyAdds);
        json.WriteStartArray("layers");
        foreach (SummaryRow row in network.Summary.Rows)
        {
            json.WriteStartObject();
            json.WriteString("path", row.Path);
            json.WriteString("layer", row.Layer);
            json.WriteStartArray("output");
            foreach (int size in row.Output.Span) json.WriteNumberValue(size);
            json.WriteEndArray();
            json.WriteNumber("parameters", row.Parameters);
            json.WriteNumber("multiplyAdds", row.MultiplyAdds);
            json.WriteBoolean("leaf", row.IsLeaf);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private void Training(TrainingEvent e)
    {
        switch (e)
        {
            case Started x:
                _lines.Write("started", json =>
                {
                    json.WriteNumber("epochs", x.Epochs);
                    json.WriteNumber("stepsPerEpoch", x.StepsPerEpoch);
                    json.WriteNumber("batch", x.BatchSize);
                    json.WriteNumber("step", x.Step);
                    json.WriteNumber("parameters", x.Parameters);
                });
                break;
            case StepDone x when _lastStep is not { } last || screen.Clock.GetElapsedTime(last) >= BetweenSteps:
                _lastStep = screen.Clock.GetTimestamp();
                Step(x);
                break;
            case EpochDone x:
                Epoch(x);
                break;
            case CheckpointSaved x:
                _lines.Write("checkpoint", json =>
                {
                    json.WriteNumber("step", x.Step);
                    json.WriteString("folder", x.Folder);
                });
                break;
        }
    }

    private void Step(StepDone x) => _lines.Write("step", json =>
    {
        json.WriteNumber("step", x.Step);
        json.WriteNumber("epoch", x.Epoch);
        json.WriteNumber("stepInEpoch", x.StepInEpoch);
        JsonLines.Number(json, "loss", x.Loss);
        JsonLines.Number(json, "learningRate", x.LearningRate);
        JsonLines.Number(json, "gradientNorm", x.GradientNorm);
    });

    private void Epoch(EpochDone x) => _lines.Write("epoch", json =>
    {
        json.WriteNumber("epoch", x.Epoch);
        Scores(json, "train", x.Training);
        if (x.Validation is { } validation) Scores(json, "validation", validation);
        json.WriteBoolean("best", x.IsBest);
        JsonLines.Number(json, "seconds", Math.Round(x.Seconds, 3));
    });

    private void Tested(TestReport x) => _lines.Write("tested", json =>
    {
        foreach ((string name, Figure figure) in x.Figures) JsonLines.Number(json, name, figure.Value);
        json.WriteNumber("count", x.Count);
        if (x.Figures.Any(f => f.Value.Interval is not null)) Intervals(json, x.Figures);
        if (x.Baseline is { } baseline) Figures(json, "baseline", baseline.Figures);
        json.WriteStartArray("mistakes");
        foreach (Mistake mistake in x.Mistakes)
        {
            json.WriteStartObject();
            json.WriteString("actual", mistake.Actual);
            json.WriteString("predicted", mistake.Predicted);
            json.WriteNumber("count", mistake.Count);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        Details(json, x);
    });

    // What goes beyond the figures, as far as the task has it; bounded, as a line should be.
    private static void Details(Utf8JsonWriter json, TestReport x)
    {
        const int MostClasses = 1_000;
        if (x.PositiveClass is { } positive) json.WriteString("positive", positive);
        if (x.Classes.Count is > 0 and <= MostClasses)
        {
            json.WriteStartArray("classes");
            foreach (ClassReport one in x.Classes)
            {
                json.WriteStartObject();
                json.WriteString("class", one.Name);
                json.WriteNumber("count", one.Count);
                JsonLines.Number(json, "precision", one.Precision);
                JsonLines.Number(json, "recall", one.Recall);
                JsonLines.Number(json, "f1", one.F1);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        if (x.Calibration is { } calibration) JsonLines.Number(json, "calibrationError", calibration.Error);
        if (!x.Residuals.Any(r => r.Within is not null)) return;
        json.WriteStartObject("withinInterval");
        foreach (Residuals one in x.Residuals)
            if (one.Within is { } within) JsonLines.Number(json, one.Name, within);
        json.WriteEndObject();
    }

    private static void Deviation(Utf8JsonWriter json, IReadOnlyDictionary<string, double> deviation)
    {
        json.WriteStartObject("deviation");
        foreach ((string name, double value) in deviation) JsonLines.Number(json, name, value);
        json.WriteEndObject();
    }

    private static void Figures(Utf8JsonWriter json, string name, Figures figures)
    {
        json.WriteStartObject(name);
        foreach ((string figure, Figure value) in figures) JsonLines.Number(json, figure, value.Value);
        json.WriteEndObject();
    }

    // 95 % of confidence.
    private static void Intervals(Utf8JsonWriter json, Figures figures)
    {
        json.WriteStartObject("interval");
        foreach ((string name, Figure figure) in figures)
        {
            if (figure.Interval is not { } interval) continue;
            json.WriteStartArray(name);
            json.WriteNumberValue(interval.Low);
            json.WriteNumberValue(interval.High);
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
            JsonLines.Number(json, "probability", one.Probability);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void Scores(Utf8JsonWriter json, string name, Scores scores)
    {
        json.WriteStartObject(name);
        JsonLines.Number(json, "loss", scores.Loss);
        foreach ((string metric, double value) in scores.Metrics) JsonLines.Number(json, metric, value);
        json.WriteEndObject();
    }

    private static void Strings(Utf8JsonWriter json, string name, IReadOnlyList<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }
}
