using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lamina.Tasks.Runs;

/// <summary>Brings <c>run.json</c> of earlier format versions to the current one. The file itself is left as it is.</summary>
internal static class RunUpgrade
{
    // Format version 1 knew one task: images.
    private static readonly string[] s_preprocessing = ["input", "mean", "deviation", "ink"];

    /// <exception cref="JsonException">It is no object, or lacks what every run has.</exception>
    public static JsonObject ToCurrent(JsonNode? json)
    {
        if (json is not JsonObject run) throw new JsonException("it is no JSON object");
        if (!(run["format"] is JsonValue version && version.TryGetValue(out int format) && format == 1)) return run;
        if (run["settings"] is not JsonObject settings) throw new JsonException("it has no settings");
        if (run["classes"] is not JsonArray classes) throw new JsonException("it names no classes");
        var preprocessing = new JsonObject();
        foreach (string name in s_preprocessing)
            if (run.ContainsKey(name)) Move(run, name, preprocessing, name);
        var options = new JsonObject();
        if (!settings.ContainsKey("augmentation")) throw new JsonException("it names no augmentation");
        Move(settings, "augmentation", options, "augment");
        settings["split"] = new JsonObject { ["ignoresDuplicates"] = true };
        run.Remove("classes");
        run["format"] = RunInfo.CurrentFormat;
        run["options"] = options;
        run["preprocessing"] = preprocessing;
        run["output"] = new JsonObject { ["kind"] = "classes", ["names"] = classes };
        run["metric"] = "accuracy";
        return run;
    }

    private static void Move(JsonObject from, string name, JsonObject to, string newName)
    {
        JsonNode? value = from[name];
        from.Remove(name);
        to[newName] = value;
    }
}
