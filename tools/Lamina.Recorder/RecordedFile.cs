using System.Text.Encodings.Web;
using System.Text.Json;
using TorchSharp;

namespace Lamina.Recorder;

/// <summary>One file of cases: a head, then a case a line, so that a change shows as the lines that changed.</summary>
sealed class RecordedFile(string kind, string name)
{
    static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    readonly List<string> cases = [];

    public Draw Draw { get; } = new(name);

    /// <summary>Where the values are from; a file says so where it isn't libtorch alone.</summary>
    public string Source { get; init; } = LibtorchVersion;

    public static string LibtorchVersion => $"libtorch {Version.Parse(torch.__version__).ToString(3)}";

    public void AddCase(object recorded) => cases.Add(JsonSerializer.Serialize(recorded, Format));

    public void Save(string folder)
    {
        Directory.CreateDirectory(folder);
        string head = JsonSerializer.Serialize(new Dictionary<string, string> { [kind] = name, ["source"] = Source }, Format);
        File.WriteAllText(
            Path.Combine(folder, name + ".json"),
            $"{head[..^1]},\"cases\":[\n{string.Join(",\n", cases)}\n]}}\n");
    }
}
