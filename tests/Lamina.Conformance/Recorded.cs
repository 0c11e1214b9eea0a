using System.Text.Json;
using Lamina.Tensors.Shapes;

namespace Lamina.Conformance;

using Lamina.Tensors;

/// <summary>The attributes of a recorded case.</summary>
internal sealed class Attributes(JsonElement json)
{
    public int Int(string name) => json.GetProperty(name).GetInt32();

    public int[] Ints(string name) => [.. json.GetProperty(name).EnumerateArray().Select(v => v.GetInt32())];

    public bool Is(string name) => json.GetProperty(name).GetBoolean();

    public string Text(string name) => json.GetProperty(name).GetString()!;

    public double Number(string name) => RecordedCase.Number(json.GetProperty(name));

    public (int, int) Pair(string name) => (Ints(name)[0], Ints(name)[1]);

    /// <summary>A padding as (top, left, bottom, right); the files have top, bottom, left, right.</summary>
    public (int, int, int, int) Padding(string name)
    {
        int[] p = Ints(name);
        return (p[0], p[2], p[1], p[3]);
    }

    public DType Type(string name) => RecordedCase.Type(Text(name));
}

/// <summary>One call that libtorch made, in float64; the format is in tools/Lamina.Recorder/README.md.</summary>
internal sealed record RecordedCase(string Name, Attributes Attributes, Tensor[] Inputs, Tensor[] Outputs, Tensor?[]? Upstream, Tensor?[]? Gradients)
{
    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Recorded", "ops");

    /// <summary>The names of all files.</summary>
    public static IEnumerable<string> Files => Directory.EnumerateFiles(Folder, "*.json").Select(f => Path.GetFileNameWithoutExtension(f)!).Order();

    public static RecordedCase[] Read(string file)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, file + ".json")));
        return [.. document.RootElement.GetProperty("cases").EnumerateArray().Select(Case)];
    }

    private static RecordedCase Case(JsonElement json) => new(
        json.GetProperty("name").GetString()!, new Attributes(json.GetProperty("attributes").Clone()),
        [.. Tensors(json, "inputs")!.Select(t => t!)], [.. Tensors(json, "outputs")!.Select(t => t!)], Tensors(json, "upstream"), Tensors(json, "gradients"));

    private static Tensor?[]? Tensors(JsonElement json, string name) =>
        json.TryGetProperty(name, out JsonElement list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray().Select(Tensor)] : null;

    private static Tensor? Tensor(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Null) return null;
        var spec = new Spec(Type(json.GetProperty("dtype").GetString()!), [.. json.GetProperty("shape").EnumerateArray().Select(v => v.GetInt32())]);
        JsonElement values = json.GetProperty("values");
        // Whole numbers beyond 2⁵³ don't survive a double.
        if (spec.DType == DType.Int64) return Lamina.Tensors.Tensor.From<long>([.. values.EnumerateArray().Select(v => v.GetInt64())], spec.Shape);
        return Lamina.Tensors.Tensor.FromDoubles([.. values.EnumerateArray().Select(Number)], spec);
    }

    internal static double Number(JsonElement json) => json.ValueKind == JsonValueKind.String
        ? json.GetString() switch { "NaN" => double.NaN, "Infinity" => double.PositiveInfinity, _ => double.NegativeInfinity }
        : json.GetDouble();

    internal static DType Type(string text) => Enum.GetValues<DType>().First(t => t.Text == text);
}
