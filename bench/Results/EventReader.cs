using System.Text.Json;

namespace Lamina.Results;

/// <summary>Reads the events of <c>lamina … --json</c>, a line at a time, and keeps the figures of the result.</summary>
internal sealed class EventReader
{
    private JsonElement? _finished;
    private string? _fold, _epoch;

    /// <summary>How far it is, for people: the fold and the epoch.</summary>
    public string Progress => string.Join(", ", new[] { _fold, _epoch }.OfType<string>());

    /// <summary>Takes a line.</summary>
    /// <returns>Whether it is an event that changes <see cref="Progress"/> or the result.</returns>
    public bool Add(string line)
    {
        if (Parse(line) is not { } json) return false;
        switch (NameOf(json))
        {
            case "finished":
                _finished = json;
                return true;
            case "epoch":
                _epoch = $"epoch {json.GetProperty("epoch").GetInt32()}";
                return true;
            case "note" when json.GetProperty("message").GetString() is { } message && message.StartsWith("fold ", StringComparison.Ordinal):
                (_fold, _epoch) = (message, null);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Whether a line is an event of this name.</summary>
    public static bool Is(string line, string name) => Parse(line) is { } json && NameOf(json) == name;

    /// <summary>The figures of the last test, by name; a figure that isn't defined is left out.</summary>
    /// <exception cref="ResultsException">The command didn't finish, or was interrupted.</exception>
    public IReadOnlyDictionary<string, double> Test => Numbers("test");

    /// <summary>The same of the baseline; empty where there is none.</summary>
    public IReadOnlyDictionary<string, double> Baseline => Numbers("baseline");

    /// <summary>The standard deviations over the folds; empty for a single run.</summary>
    public IReadOnlyDictionary<string, double> Deviation => Numbers("deviation");

    // Null for a line that is no JSON, or was cut off by the end of the process.
    private static JsonElement? Parse(string line)
    {
        if (!line.StartsWith('{')) return null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? NameOf(JsonElement json) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty("event", out JsonElement name) && name.ValueKind == JsonValueKind.String
            ? name.GetString() : null;

    private Dictionary<string, double> Numbers(string part)
    {
        JsonElement finished = _finished ?? throw new ResultsException("the command ended without a finished event");
        if (!finished.TryGetProperty(part, out JsonElement figures) || figures.ValueKind != JsonValueKind.Object) return [];
        return figures.EnumerateObject().Where(f => f.Value.ValueKind == JsonValueKind.Number).ToDictionary(f => f.Name, f => f.Value.GetDouble());
    }
}
