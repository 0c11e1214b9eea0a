using System.Text.Json;

namespace Lamina.Tasks.Runs;

/// <summary>How a run stands.</summary>
public enum RunState
{
    /// <summary>A process is training it now.</summary>
    Training,
    /// <summary>All of it is done; its network is there.</summary>
    Finished,
    /// <summary>It was stopped or killed, and can be resumed.</summary>
    Stopped,
    /// <summary>Its loss or weights became NaN or infinite.</summary>
    Diverged,
    /// <summary>Its <c>run.json</c> can't be used.</summary>
    Broken,
}

/// <summary>A run in a list.</summary>
/// <param name="Path">The run's folder.</param>
/// <param name="State">How it stands.</param>
/// <param name="Created">When it began; null where that can't be read.</param>
/// <param name="Task">Its task; null where that can't be read.</param>
/// <param name="Data">Where its data came from: a full path, or the name of built-in data.</param>
/// <param name="EpochsDone">Epochs done.</param>
/// <param name="Epochs">Epochs in all; null where that can't be read.</param>
/// <param name="Metric">The name of the figure that the run is compared by; null where that can't be read.</param>
/// <param name="Score">That figure on the test set, or while there is none the best one on the validation set; null before the first.</param>
/// <param name="IsTested">Whether the figure is that on the test set.</param>
/// <param name="Problem">Why it is broken, or null.</param>
public sealed record RunEntry(
    string Path, RunState State, DateTimeOffset? Created, string? Task, string? Data, int EpochsDone, int? Epochs, string? Metric, Figure? Score,
    bool IsTested, string? Problem)
{
    /// <summary>All figures on the test set by name; empty before the test.</summary>
    public IReadOnlyDictionary<string, double> Tested { get; init; } = new Dictionary<string, double>();

    /// <summary>The figures of the baseline on the test set by name; empty where there are none.</summary>
    public IReadOnlyDictionary<string, double> Baseline { get; init; } = new Dictionary<string, double>();

    /// <summary>What the run is; null where that can't be read.</summary>
    public RunInfo? Info { get; init; }
}

/// <summary>Lists runs.</summary>
public static class RunList
{
    // An event is a few hundred bytes; what a damaged file could hold is passed over.
    private const int LongestLine = 1 << 16;
    private const long MostEventBytes = 256 << 20;

    /// <summary>The runs in a folder, the oldest first; the folder may be a run itself. Folders that are no runs are passed over.</summary>
    /// <exception cref="TaskException">The folder is missing or can't be listed.</exception>
    public static IReadOnlyList<RunEntry> Of(string folder)
    {
        if (!Directory.Exists(folder)) throw new TaskException($"there is no folder {folder}", "the folder that holds runs, such as runs");
        try
        {
            IEnumerable<string> folders = IsRun(folder) ? [folder] : Directory.GetDirectories(folder).Where(IsRun);
            return [.. folders.Select(Entry).OrderBy(e => e.Created ?? DateTimeOffset.MaxValue).ThenBy(e => e.Path, StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TaskException($"{folder} can't be listed: {e.Message}", "a folder that you may read");
        }
    }

    private static bool IsRun(string path) => File.Exists(System.IO.Path.Combine(path, RunFolder.InfoFile)) || RunClaim.IsHeld(path);

    private static RunEntry Entry(string path)
    {
        bool isHeld = RunClaim.IsHeld(path);
        RunFolder run;
        try
        {
            run = RunFolder.Open(path);
        }
        catch (TaskException e)
        {
            return new(path, isHeld ? RunState.Training : RunState.Broken, null, null, null, 0, null, null, null, false,
                isHeld ? null : e.Message.Split('\n')[0]);
        }
        string metric = run.Info.Metric;
        Told told = Read(run.Events, metric);
        RunState state = isHeld ? RunState.Training : File.Exists(run.Model) ? RunState.Finished : told.IsDiverged ? RunState.Diverged : RunState.Stopped;
        double? score = told.Tested is { } tested && tested.TryGetValue(metric, out double value) ? value : told.Validated;
        return new(path, state, run.Info.Created, run.Info.Task, run.Info.Data ?? run.Info.BuiltIn ?? "built-in digits", told.Epochs,
            run.Info.Settings.Epochs, metric,
            score is { } s ? new Figure(s, Figure.KindOf(metric)) : null, told.Tested is not null, null)
        {
            Tested = told.Tested ?? new Dictionary<string, double>(), Baseline = told.Baseline ?? new Dictionary<string, double>(), Info = run.Info,
        };
    }

    private static Told Read(string events, string metric)
    {
        var told = new Told();
        try
        {
            // A named pipe has no length either, and would wait for ever.
            if (new FileInfo(events) is not { Exists: true, Length: > 0 and <= MostEventBytes }) return told;
            using var reader = new StreamReader(new FileStream(events, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            while (reader.ReadLine() is { } line)
                if (line.Length is > 0 and < LongestLine) told = told.With(line, metric);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The list ends with what could be read.
        }
        return told;
    }

    /// <summary>What the events of a run have told so far.</summary>
    private readonly record struct Told(int Epochs, double? Validated, Dictionary<string, double>? Tested, Dictionary<string, double>? Baseline,
        bool IsDiverged)
    {
        public Told With(string line, string metric)
        {
            try
            {
                using JsonDocument json = JsonDocument.Parse(line);
                JsonElement e = json.RootElement;
                return e.GetProperty("event").GetString() switch
                {
                    "started" => this with { IsDiverged = false },
                    // An epoch that is done again after a resume replaces what was told of it.
                    "epoch" => this with { Epochs = e.GetProperty("epoch").GetInt32(), Validated = Better(Validated, e, metric) },
                    "tested" => this with { Tested = Numbers(e), Baseline = e.TryGetProperty("baseline", out JsonElement b) ? Numbers(b) : null },
                    "diverged" => this with { IsDiverged = true },
                    _ => this,
                };
            }
            catch (Exception x) when (x is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
            {
                return this; // half a line of a killed process
            }
        }

        private static Dictionary<string, double> Numbers(JsonElement e)
        {
            var numbers = new Dictionary<string, double>();
            foreach (JsonProperty property in e.EnumerateObject())
                if (property.Name != "count" && property.Value.ValueKind == JsonValueKind.Number) numbers[property.Name] = property.Value.GetDouble();
            return numbers;
        }

        private static double? Better(double? best, JsonElement e, string metric) =>
            e.TryGetProperty("validation", out JsonElement v) && v.TryGetProperty(metric, out JsonElement a) && a.ValueKind == JsonValueKind.Number
                && (best is not { } before || (Figure.KindOf(metric) == FigureKind.Error ? a.GetDouble() < before : a.GetDouble() > before))
                    ? a.GetDouble() : best;
    }
}
