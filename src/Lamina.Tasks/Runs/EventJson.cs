using System.Text.Json;
using Lamina.Learning.Modules;
using Lamina.Learning.Training;

namespace Lamina.Tasks.Runs;

/// <summary>An event as JSON has it.</summary>
/// <param name="Name">The event's name, such as <c>epoch</c>.</param>
/// <param name="Write">Writes its fields into an object that has been begun.</param>
public sealed record JsonEvent(string Name, Action<Utf8JsonWriter> Write);

/// <summary>
/// What happens, as JSON: the one place where events get names and fields, for <c>events.jsonl</c> and for programs that read a
/// command's output alike. Whoever writes decides which events and where to. NaN and infinity, which JSON doesn't have, are null.
/// </summary>
public static class EventJson
{
    /// <summary>An event of a job; null for what is only progress.</summary>
    public static JsonEvent? Of(TaskEvent e) => e switch
    {
        TaskChosen x => new("task", json =>
        {
            json.WriteString("name", x.Task);
            json.WriteString("reason", x.Reason);
        }),
        DataReady x => new("data", json => Data(json, x)),
        TestReady x => new("data", json => TestData(json, x)),
        NetworkReady x => new("network", json => Network(json, x)),
        TrainingProgress x => Of(x.Event),
        Illustrated { Sample: TextSample text } x => new("sample", json =>
        {
            json.WriteNumber("epoch", x.Epoch);
            json.WriteString("text", text.Text);
        }),
        Illustrated { Sample: ImagesSample { Images: [var first, ..] } images } x => new("sample", json =>
        {
            json.WriteNumber("epoch", x.Epoch);
            json.WriteNumber("height", first.Height);
            json.WriteNumber("width", first.Width);
            json.WriteNumber("channels", first.Channels);
            json.WriteNumber("columns", images.Columns);
            Strings(json, "labels", images.Labels);
            // One image behind the other, row by row.
            json.WriteBase64String("pixels", (byte[])[.. images.Images.SelectMany(i => i.Pixels)]);
        }),
        Remarked x => new("note", json => json.WriteString("message", x.Message)),
        Warned x => new("warning", json => json.WriteString("message", x.Message)),
        Tested x => Of(x.Report),
        Overfitted x => new("overfit", json =>
        {
            json.WriteBoolean("learned", x.IsLearned);
            Report(json, x.Report);
        }),
        FoldsDone x => new("folds", json =>
        {
            json.WriteNumber("folds", x.Folds);
            Figures(json, "mean", x.Mean);
            Numbers(json, "deviation", x.Deviation);
            if (x.Each.Count == 0) return;
            json.WriteStartObject("each");
            foreach ((string part, Figures figures) in x.Each) Figures(json, part, figures);
            json.WriteEndObject();
        }),
        _ => null,
    };

    /// <summary>An event of a training.</summary>
    public static JsonEvent? Of(TrainingEvent e) => e switch
    {
        Started x => new("started", json =>
        {
            json.WriteNumber("epochs", x.Epochs);
            json.WriteNumber("stepsPerEpoch", x.StepsPerEpoch);
            json.WriteNumber("batch", x.BatchSize);
            json.WriteNumber("step", x.Step);
            json.WriteNumber("parameters", x.Parameters);
        }),
        StepDone x => new("step", json =>
        {
            json.WriteNumber("step", x.Step);
            json.WriteNumber("epoch", x.Epoch);
            json.WriteNumber("stepInEpoch", x.StepInEpoch);
            Number(json, "loss", x.Loss);
            Number(json, "learningRate", x.LearningRate);
            Number(json, "gradientNorm", x.GradientNorm);
            if (x.Parts.Count > 0) Numbers(json, "parts", x.Parts);
        }),
        EpochDone x => new("epoch", json =>
        {
            json.WriteNumber("epoch", x.Epoch);
            json.WriteNumber("step", x.Step);
            Scores(json, "train", x.Training);
            if (x.Validation is { } validation) Scores(json, "validation", validation);
            json.WriteBoolean("best", x.IsBest);
            Seconds(json, x.Seconds);
        }),
        LayersFrozen x => new("frozen", json =>
        {
            json.WriteNumber("epoch", x.Epoch);
            if (x.Freed is { } freed) json.WriteString("freed", freed);
            Strings(json, "layers", x.Layers);
        }),
        Noted x => new("noted", json => json.WriteString("message", x.Message)),
        CheckpointSaved x => new("checkpoint", json =>
        {
            json.WriteNumber("step", x.Step);
            json.WriteString("folder", x.Folder);
        }),
        Finished x => new("trained", json =>
        {
            json.WriteString("reason", x.Reason.ToString());
            json.WriteNumber("epochs", x.Epochs);
            json.WriteNumber("steps", x.Steps);
            json.WriteNumber("bestEpoch", x.BestEpoch);
            Seconds(json, x.Seconds);
        }),
        _ => null,
    };

    /// <summary>A training that ended because its numbers were no longer finite.</summary>
    public static JsonEvent Of(DivergedException e) => new("diverged", json =>
    {
        json.WriteNumber("step", e.Step);
        if (e.Origin is { } origin) json.WriteString("origin", origin);
    });

    /// <summary>A test.</summary>
    public static JsonEvent Of(TestReport report) => new("tested", json => Report(json, report));

    /// <summary>The result of a job: finished or interrupted.</summary>
    public static JsonEvent Of(TaskResult result) => result.WasInterrupted
        ? new("interrupted", json =>
        {
            json.WriteString("run", result.Run);
            json.WriteNumber("epochs", result.Epochs);
            json.WriteNumber("step", result.Step);
        })
        : new("finished", json =>
        {
            json.WriteString("task", result.Task);
            json.WriteNumber("epochs", result.Epochs);
            Seconds(json, result.Seconds);
            if (result.Test is { } test) Figures(json, "test", test.Figures);
            else json.WriteNull("test");
            if (result.Test?.Baseline is { } baseline) Figures(json, "baseline", baseline.Figures);
            if (result.Deviation is { } deviation) Numbers(json, "deviation", deviation);
            json.WriteString("run", result.Run);
            json.WriteString("model", result.Model);
            if (result.Report is { } report) json.WriteString("report", report);
        });

    /// <summary>Writes a network and its layers.</summary>
    public static void Network(Utf8JsonWriter json, NetworkReady network)
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

    /// <summary>Writes a number, or null where it is none: JSON has neither NaN nor infinity.</summary>
    public static void Number(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value)) json.WriteNumber(name, value);
        else json.WriteNull(name);
    }

    // All of a report. Figures stand by their names among the other fields: a reader takes every number but the count for one.
    private static void Report(Utf8JsonWriter json, TestReport x)
    {
        foreach ((string name, Figure figure) in x.Figures) Number(json, name, figure.Value);
        json.WriteNumber("count", x.Count);
        if (x.Part is { } part) json.WriteString("part", part);
        Intervals(json, x.Figures);
        if (x.Baseline is { } baseline) Figures(json, "baseline", baseline.Figures);
        if (x.OtherBaselines.Count > 0)
        {
            json.WriteStartObject("otherBaselines");
            foreach (BaselineReport other in x.OtherBaselines) Figures(json, other.Name, other.Figures);
            json.WriteEndObject();
        }
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
    }

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
                Number(json, "precision", one.Precision);
                Number(json, "recall", one.Recall);
                Number(json, "f1", one.F1);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        if (x.Anomalies is { } anomalies)
        {
            json.WriteStartArray("anomalies");
            foreach (AnomalyReport one in anomalies) Anomaly(json, one);
            json.WriteEndArray();
        }
        if (x.ErrorsByStep.Count is > 0 and <= MostClasses) Numbers(json, "maeByStep", x.ErrorsByStep.Select(s => KeyValuePair.Create($"{s.Step}", s.Error)));
        if (x.Cost is { } cost) Numbers(json, "cost",
        [
            new("missed", cost.Decision.MissedCost), new("false", cost.Decision.FalseCost), new("threshold", cost.Decision.Threshold),
            new("baselineThreshold", cost.Decision.BaselineThreshold), new("per1000", cost.Cost), new("nothingPer1000", cost.Nothing),
                new("allPer1000", cost.All),
        ]);
        if (x.Calibration is { } calibration) Numbers(json, "calibration", [KeyValuePair.Create("error", calibration.Error)]);
        if (x.Residuals.Any(r => r.Within is not null))
            Numbers(json, "withinInterval", x.Residuals.Where(r => r.Within is not null).Select(r => KeyValuePair.Create(r.Name, r.Within!.Value)));
    }

    private static void Anomaly(Utf8JsonWriter json, AnomalyReport x)
    {
        json.WriteStartObject();
        json.WriteString("kind", x.Kind.ToString().ToLowerInvariant());
        if (x.Series is { } series) json.WriteString("series", series);
        json.WriteString("start", x.Start);
        json.WriteString("end", x.End);
        json.WriteNumber("steps", x.Steps);
        Strings(json, "columns", x.Columns);
        Number(json, "sureness", x.Sureness);
        Number(json, "score", x.Score);
        json.WriteEndObject();
    }

    private static void Data(Utf8JsonWriter json, DataReady x)
    {
        json.WriteString("source", x.Source);
        json.WriteNumber("training", x.Training);
        json.WriteNumber("validation", x.Validation);
        json.WriteNumber("test", x.Test);
        if (x.Output is ClassOutput classes) Strings(json, "classes", classes.Names);
        else if (x.Output is LabelsOutput labels) Strings(json, "labels", labels.Names);
        else if (x.Output is PositionsOutput positions) Strings(json, "labels", positions.Names);
        else json.WriteString("output", x.Output.Text);
        json.WriteString("input", x.Input);
        foreach (Fact fact in x.Facts) json.WriteString(fact.Name, fact.Text);
        Strings(json, "notes", x.Notes);
    }

    private static void TestData(Utf8JsonWriter json, TestReady x)
    {
        json.WriteString("source", x.Source);
        json.WriteString("part", x.Part);
        json.WriteNumber("test", x.Count);
        if (x.Classes is { } classes) json.WriteNumber("classes", classes);
        json.WriteString("input", x.Input);
        Strings(json, "notes", x.Notes);
    }

    private static void Figures(Utf8JsonWriter json, string name, Figures figures) =>
        Numbers(json, name, figures.Select(f => KeyValuePair.Create(f.Key, f.Value.Value)));

    private static void Scores(Utf8JsonWriter json, string name, Scores scores) =>
        Numbers(json, name, scores.Metrics.Prepend(KeyValuePair.Create("loss", scores.Loss)));

    private static void Numbers(Utf8JsonWriter json, string name, IEnumerable<KeyValuePair<string, double>> numbers)
    {
        json.WriteStartObject(name);
        foreach ((string key, double value) in numbers) Number(json, key, value);
        json.WriteEndObject();
    }

    // 95 % of confidence.
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

    private static void Seconds(Utf8JsonWriter json, double seconds) => Number(json, "seconds", Math.Round(seconds, 3));

    private static void Strings(Utf8JsonWriter json, string name, IReadOnlyList<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }
}
