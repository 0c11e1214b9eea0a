using System.Text.Json;

namespace Lamina.Tasks.Reports;

/// <summary>An epoch as the run's events report it.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Training">Loss and metrics over the epoch's batches.</param>
/// <param name="Validation">Loss and metrics over the validation set; empty without one.</param>
internal sealed record EpochScores(int Epoch, IReadOnlyDictionary<string, double> Training, IReadOnlyDictionary<string, double> Validation);

/// <summary>The epochs of a run, those before a resume too.</summary>
internal static class EpochHistory
{
    private const int LongestLine = 1 << 19, MostSide = 1_024;
    private const long MostBytes = 256 << 20;

    /// <summary>Reads what the network made after epochs, in their order.</summary>
    public static IReadOnlyList<Illustrated> Illustrations(string events) =>
        [.. Read(events, "sample", e => new Illustrated(e.GetProperty("epoch").GetInt32(),
            e.TryGetProperty("text", out JsonElement text) ? new TextSample("", text.GetString() ?? "") : Images(e)), i => i.Epoch)];

    /// <summary>Reads the epochs from <c>events.jsonl</c>, in order; what can't be read is left out. An epoch that was done again counts as it was
    /// last.</summary>
    public static IReadOnlyList<EpochScores> Read(string events) =>
        [.. Read(events, "epoch", e => new EpochScores(e.GetProperty("epoch").GetInt32(), Numbers(e, "train"), Numbers(e, "validation")), e => e.Epoch)];

    private static ImagesSample Images(JsonElement e)
    {
        int Side(string name) => e.GetProperty(name).GetInt32() is var side and >= 1 and <= MostSide ? side : throw new FormatException(name);
        int height = Side("height"), width = Side("width"), channels = Side("channels"), size = checked(height * width * channels);
        byte[] pixels = e.GetProperty("pixels").GetBytesFromBase64();
        if (pixels.Length == 0 || pixels.Length % size != 0) throw new FormatException("pixels");
        return new([.. pixels.Chunk(size).Select(p => new ImageSample(p, height, width, channels))],
            [.. e.GetProperty("labels").EnumerateArray().Select(l => l.GetString() ?? "")], Side("columns"));
    }

    private static IReadOnlyCollection<T> Read<T>(string events, string name, Func<JsonElement, T> parse, Func<T, int> epochOf) where T : class
    {
        var found = new SortedDictionary<int, T>();
        try
        {
            if (new FileInfo(events) is not { Exists: true, Length: > 0 and <= MostBytes }) return [];
            using var reader = new StreamReader(new FileStream(events, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            while (reader.ReadLine() is { } line)
                if (line.Length is > 0 and < LongestLine && line.Contains("\"epoch\"", StringComparison.Ordinal) && Parse(line, name, parse) is { } one)
                    found[epochOf(one)] = one;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The curves end with what could be read.
        }
        return found.Values;
    }

    private static T? Parse<T>(string line, string name, Func<JsonElement, T> parse) where T : class
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(line);
            JsonElement e = json.RootElement;
            return e.GetProperty("event").GetString() == name ? parse(e) : null;
        }
        catch (Exception x) when (x is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or OverflowException)
        {
            return null; // half a line of a killed process
        }
    }

    private static Dictionary<string, double> Numbers(JsonElement e, string part)
    {
        var numbers = new Dictionary<string, double>();
        if (e.TryGetProperty(part, out JsonElement scores))
            foreach (JsonProperty property in scores.EnumerateObject())
                numbers[property.Name] = property.Value.ValueKind == JsonValueKind.Number ? property.Value.GetDouble() : double.NaN;
        return numbers;
    }
}
