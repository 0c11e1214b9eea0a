using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Lamina.Formats;

namespace Lamina.Tasks.Runs;

/// <summary>
/// The folder of a run: <c>run.json</c> says what it is, <c>events.jsonl</c> what happened, <c>checkpoints</c> and
/// <c>best</c> hold what was learned on the way, <c>model.safetensors</c> what came out.
/// </summary>
public sealed class RunFolder
{
    private const string InfoFile = "run.json", ModelFile = "model.safetensors";
    private const long MostInfoBytes = 16 << 20;
    private const int MostSide = 8192;

    private RunFolder(string path, RunInfo info) => (Path, Info) = (path, info);

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>What the run is.</summary>
    public RunInfo Info { get; }

    /// <summary>The file of the finished network's weights.</summary>
    public string Model => System.IO.Path.Combine(Path, ModelFile);

    /// <summary>The file of the best weights so far.</summary>
    public string Best => System.IO.Path.Combine(Path, "best", ModelFile);

    /// <summary>The file of the events.</summary>
    public string Events => System.IO.Path.Combine(Path, "events.jsonl");

    /// <summary>The version of Lamina that is running.</summary>
    public static string Version { get; } =
        typeof(RunFolder).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>The path of a new run under <c>runs</c>: the time, the name, and a number where that is taken.</summary>
    public static string NewPath(string name)
    {
        string stem = System.IO.Path.Combine("runs", $"{DateTime.Now.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}-{name}");
        string path = stem;
        for (int i = 2; Directory.Exists(path); i++) path = $"{stem}-{i}";
        return path;
    }

    /// <summary>Refuses a folder that holds something, or that can't be written, before any work is done. Nothing is left there.</summary>
    /// <exception cref="TaskException">The path is a file, a folder with something in it, or can't be made or written.</exception>
    public static void CheckNew(string path)
    {
        if (File.Exists(path)) throw new TaskException($"{path} is a file; a run needs a folder of its own", "another --run");
        string? made = Make(path);
        try
        {
            if (Directory.EnumerateFileSystemEntries(path).Any())
            {
                throw File.Exists(System.IO.Path.Combine(path, InfoFile))
                    ? new TaskException($"{path} holds a run already", $"--resume {path} to go on with it, or another --run")
                    : new TaskException($"{path} is not empty", "another --run");
            }
            string file = System.IO.Path.Combine(path, InfoFile);
            AtomicFile.Write(file, stream => stream.WriteByte((byte)'{'));
            File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(path, e.Message);
        }
        finally
        {
            Unmake(path, made);
        }
    }

    /// <summary>Makes a folder and those above it that are missing; returns the outermost that was made, or null.</summary>
    private static string? Make(string path)
    {
        string? made = null;
        for (string? up = System.IO.Path.GetFullPath(path); up is not null && !Directory.Exists(up); up = System.IO.Path.GetDirectoryName(up)) made = up;
        try
        {
            Directory.CreateDirectory(path);
            return made;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(path, e is UnauthorizedAccessException ? "there is no permission to write there" : e.Message.TrimEnd('.'));
        }
    }

    // Only what is empty: another program may have made a run beside it since.
    private static void Unmake(string path, string? made)
    {
        try
        {
            for (string? folder = System.IO.Path.GetFullPath(path); made is not null && folder?.Length >= made.Length; folder = System.IO.Path.GetDirectoryName(folder)) Directory.Delete(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody uses it.
        }
    }

    private static TaskException Unwritable(string path, string why) => new($"the run's folder {path} can't be made: {why}", "--run with a folder that you may write to");

    /// <summary>Makes the folder of a new run.</summary>
    /// <exception cref="SaveException">It can't be written.</exception>
    public static RunFolder Create(string path, RunInfo info)
    {
        string? made = Make(path);
        try
        {
            AtomicFile.Write(System.IO.Path.Combine(path, InfoFile), stream => JsonSerializer.Serialize(stream, info, RunJson.Default.RunInfo));
        }
        catch (SaveException)
        {
            Unmake(path, made); // a folder without run.json is no run
            throw;
        }
        return new(path, info);
    }

    /// <summary>Opens a run.</summary>
    /// <exception cref="TaskException">The folder is missing or no run, or its <c>run.json</c> can't be read.</exception>
    public static RunFolder Open(string path)
    {
        string file = System.IO.Path.Combine(path, InfoFile);
        if (File.Exists(path)) throw new TaskException($"{path} is a file, not a run's folder", "the folder that train printed, such as runs/…");
        if (!Directory.Exists(path)) throw new TaskException($"there is no run {path}", Directory.Exists("runs") ? $"one of: {Newest()}" : "lamina train, which makes one");
        if (!File.Exists(file)) throw new TaskException($"{path} is no run: it has no {InfoFile}", "the folder that train printed, such as runs/…");
        if (SpecialFile.Describe(file) is { } special) throw new TaskException($"{file} is {special}, not a file", "a copy of the run from a backup, or a new run");
        try
        {
            if (new FileInfo(file).Length > MostInfoBytes) throw new JsonException("it is too large");
            using FileStream stream = File.OpenRead(file);
            RunInfo info = JsonSerializer.Deserialize(stream, RunJson.Default.RunInfo) ?? throw new JsonException("it is empty");
            if (info.Format > RunInfo.CurrentFormat) throw new TaskException($"{file} has form {info.Format}; this version reads {RunInfo.CurrentFormat}", "a newer Lamina");
            Check(info);
            return new(path, info);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new TaskException($"{file} can't be read: {e.Message}", "a copy of the run from a backup, or a new run");
        }
    }

    // What a hand-edited or hostile file could say; the network's own options are checked where it is built.
    private static void Check(RunInfo info)
    {
        if (info.Format < 1) throw new JsonException($"there is no form {info.Format}");
        if (info.Input is not [>= 1 and <= MostSide, >= 1 and <= MostSide, 1 or 3]) throw new JsonException($"input [{string.Join(", ", info.Input)}] is no height, width and channels");
        if (info.Classes.Count is < 2 or > 1_000_000) throw new JsonException($"there are {info.Classes.Count} classes");
        if (info.Classes.Any(name => name is null) || info.Classes.Distinct().Count() < info.Classes.Count) throw new JsonException("the names of the classes don't differ");
        if (info.Network.Classes != info.Classes.Count) throw new JsonException($"the network has {info.Network.Classes} classes, {info.Classes.Count} are named");
        if (info.Mean.Count != info.Input[2] || info.Deviation.Count != info.Input[2]) throw new JsonException("mean and deviation don't have a value for each channel");
        if (info.Mean.Concat(info.Deviation).Any(x => !float.IsFinite(x)) || info.Deviation.Any(x => x <= 0)) throw new JsonException("mean or deviation is no usable number");
        ImageSettings s = info.Settings;
        if (s.Epochs < 1 || s.Batch < 1 || !(s.LearningRate > 0) || !double.IsFinite(s.LearningRate)) throw new JsonException("epochs, batch or learning rate is out of range");
    }

    private static string Newest() => string.Join(", ", Directory.GetDirectories("runs").OrderDescending(StringComparer.Ordinal).Take(3));
}
