using System.Text.Json;

namespace Lamina.Tasks.Runs;

/// <summary>A figure of two runs on the test set.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Left">The first run's; null where it wasn't measured.</param>
/// <param name="Right">The second run's; null where it wasn't measured.</param>
public sealed record ComparedFigure(string Name, Figure? Left, Figure? Right)
{
    /// <summary>The second run's figure less the first's; null where one is missing.</summary>
    public double? Difference => Left is { } l && Right is { } r ? r.Value - l.Value : null;

    /// <summary>Whether the second run is better; null where they are equal, or one is missing.</summary>
    public bool? RightIsBetter => Difference is { } d and not 0 && double.IsFinite(d) ? d > 0 == Left!.Value.HigherIsBetter : null;
}

/// <summary>Something that two runs were told differently.</summary>
public sealed record ComparedSetting(string Name, string? Left, string? Right);

/// <summary>Two runs beside each other: what they reached on the test set, and in what they differ.</summary>
/// <param name="Left">The first run.</param>
/// <param name="Right">The second run.</param>
/// <param name="Figures">All figures that either has.</param>
/// <param name="Settings">The settings, options and facts that aren't equal.</param>
/// <param name="Problem">Why their figures can't be held against each other, such as other data; null where they can.</param>
public sealed record RunComparison(RunEntry Left, RunEntry Right, IReadOnlyList<ComparedFigure> Figures, IReadOnlyList<ComparedSetting> Settings,
    string? Problem)
{
    private static readonly string[] s_own = ["created", "format", "dataHash", "output", "metric"];

    /// <summary>Compares two runs.</summary>
    /// <exception cref="TaskException">A folder is no run, or can't be read.</exception>
    public static RunComparison Of(string left, string right)
    {
        (RunEntry a, RunEntry b) = (Entry(left), Entry(right));
        RunInfo x = a.Info!, y = b.Info!;
        ComparedFigure[] figures = [.. a.Tested.Keys.Union(b.Tested.Keys).Select(name => new ComparedFigure(name, Find(a, name), Find(b, name)))];
        Dictionary<string, string> l = Flat(x), r = Flat(y);
        ComparedSetting[] settings = [.. l.Keys.Union(r.Keys).Where(k => l.GetValueOrDefault(k) != r.GetValueOrDefault(k))
            .Select(k => new ComparedSetting(k, l.GetValueOrDefault(k), r.GetValueOrDefault(k)))];
        string? problem = x.Task != y.Task ? $"they are of different tasks, {x.Task} and {y.Task}"
            : x.DataHash != y.DataHash ? "their data or its split differ" : null;
        return new(a, b, figures, settings, problem);
    }

    private static RunEntry Entry(string path)
    {
        RunFolder.Open(path); // says what is wrong, where something is
        return RunList.Of(path) is [{ Info: not null } entry] ? entry : throw new TaskException($"{path} can't be read", "another run");
    }

    private static Figure? Find(RunEntry run, string name) => run.Tested.TryGetValue(name, out double value) ? new Figure(value, Figure.KindOf(name)) : null;

    private static Dictionary<string, string> Flat(RunInfo info)
    {
        var flat = new Dictionary<string, string>();
        void Add(string name, JsonElement value)
        {
            if (value.ValueKind == JsonValueKind.Object)
                foreach (JsonProperty property in value.EnumerateObject())
                    Add(name.Length == 0 || name is "settings" or "options" ? property.Name : $"{name}.{property.Name}", property.Value);
            else if (value.ValueKind != JsonValueKind.Null)
                flat[name] = value.ValueKind == JsonValueKind.String ? value.GetString()!
                    : value.GetRawText().ReplaceLineEndings("").Replace("  ", "", StringComparison.Ordinal);
        }

        foreach (JsonProperty property in JsonSerializer.SerializeToElement(info, RunJson.Default.RunInfo).EnumerateObject()
            .Where(p => !s_own.Contains(p.Name) && p.Name != "preprocessing"))
            Add(property.Name, property.Value);
        return flat;
    }
}
