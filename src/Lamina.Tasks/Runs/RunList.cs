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
/// <param name="Data">Where its data came from: a full path, or null for built-in digits.</param>
/// <param name="EpochsDone">Epochs done.</param>
/// <param name="Epochs">Epochs in all; null where that can't be read.</param>
/// <param name="Accuracy">The accuracy on the test set, or while there is none the best one on the validation set, 0 to 1; null before the first.</param>
/// <param name="IsTested">Whether the accuracy is that on the test set.</param>
/// <param name="Problem">Why it is broken, or null.</param>
public sealed record RunEntry(
    string Path, RunState State, DateTimeOffset? Created, string? Data, int EpochsDone, int? Epochs, double? Accuracy, bool IsTested, string? Problem);

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
            return new(path, isHeld ? RunState.Training : RunState.Broken, null, null, 0, null, null, false, isHeld ? null : e.Message.Split('\n')[0]);
        }
        Told told = Read(run.Events);
        RunState state = isHeld ? RunState.Training : File.Exists(run.Model) ? RunState.Finished : told.IsDiverged ? RunState.Diverged : RunState.Stopped;
        return new(path, state, run.Info.Created, run.Info.Data, told.Epochs, run.Info.Settings.Epochs, told.Tested ?? told.Validated, told.Tested is not null, null);
    }

    private static Told Read(string events)
    {
        var told = new Told();
        try
        {
            // A named pipe has no length either, and would wait for ever.
            if (new FileInfo(events) is not { Exists: true, Length: > 0 and <= MostEventBytes }) return told;
            using var reader = new StreamReader(new FileStream(events, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            while (reader.ReadLine() is { } line)
                if (line.Length is > 0 and < LongestLine) told = told.With(line);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The list ends with what could be read.
        }
        return told;
    }

    /// <summary>What the events of a run have told so far.</summary>
    private readonly record struct Told(int Epochs, double? Validated, double? Tested, bool IsDiverged)
    {
        public Told With(string line)
        {
            try
            {
                using JsonDocument json = JsonDocument.Parse(line);
                JsonElement e = json.RootElement;
                return e.GetProperty("event").GetString() switch
                {
                    "started" => this with { IsDiverged = false },
                    // An epoch that is done again after a resume replaces what was told of it.
                    "epoch" => this with { Epochs = e.GetProperty("epoch").GetInt32(), Validated = Better(Validated, e) },
                    "tested" => this with { Tested = e.GetProperty("accuracy").GetDouble() },
                    "diverged" => this with { IsDiverged = true },
                    _ => this,
                };
            }
            catch (Exception x) when (x is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
            {
                return this; // half a line of a killed process
            }
        }

        private static double? Better(double? best, JsonElement e) =>
            e.TryGetProperty("validation", out JsonElement v) && v.TryGetProperty("accuracy", out JsonElement a) && a.ValueKind == JsonValueKind.Number
                && (best is null || a.GetDouble() > best) ? a.GetDouble() : best;
    }
}
