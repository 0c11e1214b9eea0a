using System.Text.Json;
using Lamina.Learning.Training;
using Lamina.Tasks;
using Lamina.Tasks.Runs;

namespace Lamina.Cli.Rendering;

/// <summary>What the finders of learning rates and batch sizes found, for programs. Times are in seconds, memory in bytes.</summary>
internal static class FinderJson
{
    public static void Write(Utf8JsonWriter json, RateSearch x, string? file)
    {
        json.WriteString("network", x.Network);
        json.WriteString("source", x.Source);
        json.WriteNumber("batch", x.Batch);
        json.WriteString("optimizer", x.Optimizer);
        EventJson.Number(json, "default", x.Default);
        EventJson.Number(json, "suggestion", x.Curve.Suggestion ?? double.NaN);
        EventJson.Number(json, "steepest", x.Curve.Steepest ?? double.NaN);
        EventJson.Number(json, "valley", x.Curve.Valley ?? double.NaN);
        EventJson.Number(json, "minimum", x.Curve.Minimum ?? double.NaN);
        json.WriteBoolean("diverged", x.Curve.HasDiverged);
        if (x.Curve.Problem is { } problem) json.WriteString("problem", problem);
        if (file is not null) json.WriteString("file", file);
        json.WriteStartArray("points");
        foreach (RatePoint p in x.Curve.Points)
        {
            json.WriteStartObject();
            EventJson.Number(json, "learningRate", p.LearningRate);
            EventJson.Number(json, "loss", p.Loss);
            EventJson.Number(json, "smoothed", p.Smoothed);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    public static void Write(Utf8JsonWriter json, BatchSearch x)
    {
        json.WriteString("network", x.Network);
        json.WriteNumber("default", x.Default);
        if (x.Sizes.Suggestion is { } suggestion) json.WriteNumber("suggestion", suggestion);
        else json.WriteNull("suggestion");
        json.WriteNumber("memoryLimit", x.Sizes.Limit);
        if (x.Sizes.TooLarge is { } size)
        {
            json.WriteNumber("tooLarge", size);
            json.WriteNumber("tooLargeMemory", x.Sizes.TooLargeBytes);
        }
        json.WriteStartArray("points");
        foreach (BatchSizePoint p in x.Sizes.Points)
        {
            json.WriteStartObject();
            json.WriteNumber("batch", p.Size);
            EventJson.Number(json, "seconds", p.Seconds);
            EventJson.Number(json, "examplesPerSecond", Math.Round(p.Throughput, 1));
            json.WriteNumber("memory", p.Memory.Total);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
