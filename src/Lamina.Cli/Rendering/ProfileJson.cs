using System.Text.Json;
using Lamina.Learning.Training;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;

namespace Lamina.Cli.Rendering;

/// <summary>The profile of a training step, for programs. Times are in microseconds, memory in bytes, rates in multiply-adds a second.</summary>
internal static class ProfileJson
{
    public static void Write(Utf8JsonWriter json, string run, RunProfile x, int top)
    {
        json.WriteString("run", run);
        json.WriteString("network", x.Network);
        json.WriteNumber("batch", x.Batch);
        Time(json, "microseconds", x.Step.Microseconds);
        EventJson.Number(json, "peakRate", Math.Round(x.Step.PeakRate));
        Entries(json, "phases", x.Step.ByPhase, isByPhase: false);
        Entries(json, "modules", x.Step.ByModule.Take(top), isByPhase: true);
        Entries(json, "ops", x.Step.ByOp.Take(top), isByPhase: true);
        StepMemory memory = x.Step.Memory;
        json.WriteStartObject("memory");
        json.WriteNumber("parameters", memory.Parameters);
        json.WriteNumber("optimizerState", memory.OptimizerState);
        json.WriteNumber("intermediates", memory.Intermediates);
        json.WriteNumber("batch", memory.Batch);
        json.WriteNumber("total", memory.Total);
        json.WriteEndObject();
    }

    private static void Entries(Utf8JsonWriter json, string name, IEnumerable<ProfileEntry> entries, bool isByPhase)
    {
        json.WriteStartArray(name);
        foreach (ProfileEntry entry in entries)
        {
            json.WriteStartObject();
            json.WriteString("name", entry.Name);
            Time(json, "microseconds", entry.Microseconds);
            if (isByPhase)
            {
                Time(json, "forward", entry.Forward);
                Time(json, "gradient", entry.Gradient);
                Time(json, "update", entry.Update);
            }
            EventJson.Number(json, "share", Math.Round(entry.Share, 6));
            json.WriteNumber("multiplyAdds", entry.MultiplyAdds);
            EventJson.Number(json, "shareOfPeak", Math.Round(entry.ShareOfPeak, 6));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void Time(Utf8JsonWriter json, string name, double microseconds) => EventJson.Number(json, name, Math.Round(microseconds, 3));
}
