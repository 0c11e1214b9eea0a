using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lamina.Formats;
using Lamina.Learning.Checkpoints;

namespace Lamina.Tasks.Runs;

/// <summary>
/// The folder of a run: <c>run.json</c> says what it is, <c>events.jsonl</c> what happened, <c>checkpoints</c> and
/// <c>best</c> hold what was learned on the way, <c>model.safetensors</c> what came out.
/// </summary>
public sealed class RunFolder
{
    internal const string InfoFile = "run.json";
    internal const string ReportFile = "report.html";
    internal const string FoldsFile = "folds.json";
    private const string ModelFile = "model.safetensors";
    private const long MostInfoBytes = 16 << 20;
    internal const double MostMinutes = 1e6;

    private RunFolder(string path, RunInfo info) => (Path, Info) = (path, info);

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>What the run is.</summary>
    public RunInfo Info { get; }

    /// <summary>Whether a folder is that of a run.</summary>
    public static bool IsRun(string path) => File.Exists(System.IO.Path.Combine(path, InfoFile));

    /// <summary>The file of the finished network's weights.</summary>
    public string Model => System.IO.Path.Combine(Path, ModelFile);

    /// <summary>The file of the best weights so far.</summary>
    public string Best => System.IO.Path.Combine(Path, "best", ModelFile);

    /// <summary>The file of the finished weights, or of the best so far while it is still trained.</summary>
    /// <exception cref="TaskException">There are none yet.</exception>
    public string Weights => File.Exists(Model) ? Model : File.Exists(Best) ? Best
        : throw new TaskException($"{Path} has no trained weights yet", $"lamina train --resume {ShellPath.Quote(Path)}");

    /// <summary>The file of the events.</summary>
    public string Events => System.IO.Path.Combine(Path, "events.jsonl");

    /// <summary>The file of the report.</summary>
    public string Report => System.IO.Path.Combine(Path, ReportFile);

    /// <summary>The version of Lamina that is running.</summary>
    public static string Version { get; } =
        typeof(RunFolder).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>The folder that new runs are made in, unless another is named.</summary>
    public const string Usual = "runs";

    /// <summary>Says in a claimed folder what the new run is.</summary>
    /// <exception cref="SaveException">It can't be written.</exception>
    internal static RunFolder Create(RunClaim claim, RunInfo info)
    {
        AtomicFile.Write(System.IO.Path.Combine(claim.Path, InfoFile), stream => JsonSerializer.Serialize(stream, info, RunJson.Default.RunInfo));
        return new(claim.Path, info);
    }

    // Up to version 0.1 a process that was killed while it looked whether a folder can be written left this there and nothing else.
    internal static bool IsTorn(string path) =>
        Directory.EnumerateFileSystemEntries(path).All(e => System.IO.Path.GetFileName(e) is InfoFile or RunClaim.LockFile || AtomicFolder.IsTemporary(e))
        && new FileInfo(System.IO.Path.Combine(path, InfoFile)) is { Exists: true, Length: <= 1, LinkTarget: null };

    /// <summary>Whether training stopped because its numbers were no longer finite.</summary>
    public bool HasDiverged => new CheckpointStore(System.IO.Path.Combine(Path, "checkpoints")).HasDiverged;

    /// <summary>The run with other facts, which are saved.</summary>
    /// <exception cref="SaveException">They can't be written; the run is as it was.</exception>
    public RunFolder With(RunInfo info)
    {
        AtomicFile.Write(System.IO.Path.Combine(Path, InfoFile), stream => JsonSerializer.Serialize(stream, info, RunJson.Default.RunInfo));
        return new(Path, info);
    }

    /// <summary>Opens a run.</summary>
    /// <exception cref="TaskException">The folder is missing or no run, or its <c>run.json</c> can't be read.</exception>
    public static RunFolder Open(string path)
    {
        string file = System.IO.Path.Combine(path, InfoFile);
        if (File.Exists(path)) throw new TaskException($"{path} is a file, not a run's folder", "the folder that train printed, such as runs/…");
        if (!Directory.Exists(path))
            throw new TaskException($"there is no run {path}", Directory.Exists(Usual) ? $"one of: {Newest()}" : "lamina train, which makes one");
        if (!File.Exists(file) && RunClaim.IsHeld(path)) throw new TaskException($"{path} is only just beginning: its data is being read", "again in a while");
        if (!File.Exists(file) && File.Exists(System.IO.Path.Combine(path, FoldsFile)))
            throw new TaskException($"{path} is a cross-validation, which holds a run for each fold",
                $"one of them, such as {System.IO.Path.Combine(path, "fold-1")}");
        if (!File.Exists(file)) throw new TaskException($"{path} is no run: it has no {InfoFile}", "the folder that train printed, such as runs/…");
        if (SpecialFile.Describe(file) is { } special)
            throw new TaskException($"{file} is {special}, not a file", "a copy of the run from a backup, or a new run");
        try
        {
            if (new FileInfo(file).Length > MostInfoBytes) throw new JsonException("it is too large");
            using FileStream stream = File.OpenRead(file);
            JsonNode? json = JsonNode.Parse(stream);
            if (json is JsonObject run && run["format"] is JsonValue version && version.TryGetValue(out int format) && format > RunInfo.CurrentFormat)
                throw new TaskException($"{file} has format version {format}; this Lamina reads up to {RunInfo.CurrentFormat}", "a newer Lamina");
            RunInfo info = RunUpgrade.ToCurrent(json).Deserialize(RunJson.Default.RunInfo) ?? throw new JsonException("it is empty");
            Check(info);
            return new(path, info);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or NotSupportedException
            or InvalidOperationException or ArgumentException)
        {
            throw new TaskException($"{file} can't be read: {e.Message}", "a copy of the run from a backup, or a new run");
        }
    }

    // What a hand-edited or hostile file could say; what is the task's own is checked by the task.
    private static void Check(RunInfo info)
    {
        if (info.Format < 1) throw new JsonException($"there is no format version {info.Format}");
        if (info.Output.Problem is { } problem) throw new JsonException(problem);
        TrainingSettings s = info.Settings;
        if (s.Epochs < 1 || s.Batch < 1 || !(s.LearningRate > 0) || !double.IsFinite(s.LearningRate))
            throw new JsonException("epochs, batch or learning rate is out of range");
        if (s.Patience < 0 || s.Minutes is { } m && !(m > 0 && m <= MostMinutes)) throw new JsonException("patience or minutes is out of range");
        if (s.Unfreeze < 1 || s.Freeze is { } frozen && frozen.Trim(',', ' ') is "" or "0") throw new JsonException("the frozen layers are none");
        if (s.Split.Folds is { } folds && (folds < 2 || s.Split.Fold < 0 || s.Split.Fold >= folds)) throw new JsonException("there is no such fold");
    }

    private static string Newest() => string.Join(", ", Directory.GetDirectories(Usual).OrderDescending(StringComparer.Ordinal).Take(3));
}
