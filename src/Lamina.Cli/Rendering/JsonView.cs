using System.Text.Json;
using Lamina.Learning.Modules;
using Lamina.Learning.Training;
using Lamina.Tasks;
using Lamina.Tasks.Images;
using Lamina.Tasks.Runs;

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
                    JsonLines.Number(json, "accuracy", x.Report.Accuracy);
                    JsonLines.Number(json, "loss", x.Report.Loss);
                    json.WriteNumber("count", x.Report.Count);
                });
                break;
        }
    }

    public void Stopping() => screen.WriteError(_isSaved ? "stopping after this step; the run is saved" : "stopping");

    public void Trained(ImageResult result)
    {
        if (result.WasInterrupted)
        {
            _lines.Write("interrupted", json => json.WriteString("run", result.Run));
            return;
        }
        _lines.Write("finished", json =>
        {
            json.WriteString("task", ImageClassification.Name);
            json.WriteNumber("epochs", result.Epochs);
            JsonLines.Number(json, "seconds", Math.Round(result.Seconds, 3));
            if (result.Test is { } test)
            {
                json.WriteStartObject("test");
                JsonLines.Number(json, "accuracy", test.Accuracy);
                JsonLines.Number(json, "loss", test.Loss);
                json.WriteEndObject();
            }
            else
            {
                json.WriteNull("test");
            }
            json.WriteString("run", result.Run);
            json.WriteString("model", result.Model);
        });
    }

    public void Predicted(Prediction prediction) => _lines.Write("prediction", json =>
    {
        json.WriteString("file", prediction.File);
        if (prediction.Error is { } why)
        {
            json.WriteString("error", why);
            return;
        }
        json.WriteStartArray("top");
        foreach (ClassProbability one in prediction.Top)
        {
            json.WriteStartObject();
            json.WriteString("class", one.Class);
            JsonLines.Number(json, "probability", one.Probability);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        if (prediction.Note is { } note) json.WriteString("note", note);
    });

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
                    json.WriteString("data", run.Data ?? "built-in digits");
                    json.WriteNumber("epochsDone", run.EpochsDone);
                    json.WriteNumber("epochs", epochs);
                }
                if (run.Accuracy is { } accuracy) JsonLines.Number(json, run.IsTested ? "testAccuracy" : "validationAccuracy", accuracy);
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
        Strings(json, "classes", x.Classes);
        json.WriteString("input", x.Input);
        if (x.Augmentation is { } augmentation) json.WriteString("augmentation", augmentation);
        Strings(json, "notes", x.Notes);
    });

    private void TestData(TestReady x) => _lines.Write("data", json =>
    {
        json.WriteString("source", x.Source);
        json.WriteString("part", x.Part);
        json.WriteNumber("test", x.Count);
        json.WriteNumber("classes", x.Classes);
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
        JsonLines.Number(json, "accuracy", x.Accuracy);
        JsonLines.Number(json, "loss", x.Loss);
        json.WriteNumber("count", x.Count);
        json.WriteStartArray("confused");
        foreach (ConfusedPair pair in x.Confused)
        {
            json.WriteStartObject();
            json.WriteString("actual", pair.Actual);
            json.WriteString("predicted", pair.Predicted);
            json.WriteNumber("count", pair.Count);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });

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
