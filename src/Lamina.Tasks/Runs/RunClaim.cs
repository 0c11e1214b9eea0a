using System.Globalization;
using System.Text.RegularExpressions;
using Lamina.Formats;
using Lamina.Learning.Checkpoints;

namespace Lamina.Tasks.Runs;

/// <summary>
/// The exclusive right to write to a run's folder, from before its data is read to its end: a file in it that is held open.
/// What a killed process leaves, a free lock and temporary files, is no obstacle to the next one.
/// </summary>
internal sealed partial class RunClaim : IDisposable
{
    /// <summary>The file that is held open while a run is trained; it stays in the folder, free.</summary>
    public const string LockFile = "run.lock";

    private static readonly TimeSpan s_surelyForgotten = TimeSpan.FromMinutes(1);

    private readonly FolderLock _lock;
    private readonly string? _made;

    private RunClaim(string path, FolderLock held, string? made) => (Path, _lock, _made) = (path, held, made);

    /// <summary>The run's folder.</summary>
    public string Path { get; }

    /// <summary>Claims a folder for a new run; it must not exist, or hold nothing but what a killed process left.</summary>
    /// <exception cref="TaskException">The path is a file, a folder with something in it, in another's hands, or can't be made or written.</exception>
    public static RunClaim New(string path)
    {
        if (File.Exists(path)) throw new TaskException($"{path} is a file; a run needs a folder of its own", "another --run");
        if (FolderLock.IsHeld(LockOf(path))) throw InUse(path);
        RequireFree(path);
        RunClaim claim = Take(path) ?? throw InUse(path);
        try
        {
            RequireFree(path); // another run may have come and gone between the look and the lock
            Clean(path);
            if (RunFolder.IsTorn(path)) File.Delete(System.IO.Path.Combine(path, RunFolder.InfoFile));
            return claim;
        }
        catch
        {
            claim.Dispose();
            throw;
        }
    }

    /// <summary>Claims a new folder in the folder of runs: the time, the name, and a number where that is taken.</summary>
    /// <exception cref="TaskException">The folder can't be made or written.</exception>
    public static RunClaim NewIn(string runs, string name)
    {
        RemoveForgotten(runs);
        string stem = System.IO.Path.Combine(runs, $"{DateTime.Now.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}-{name}");
        for (int i = 1; ; i++)
        {
            string path = i == 1 ? stem : $"{stem}-{i}";
            if (System.IO.Path.Exists(path) || Take(path) is not { } claim) continue;
            // Whoever lost the race for it may be the one who made it.
            if (IsFree(path)) return claim._made is null ? new(path, claim._lock, System.IO.Path.GetFullPath(path)) : claim;
            claim.Dispose();
        }
    }

    /// <summary>Claims the folder of a run that is resumed, and removes what killed processes left in it.</summary>
    /// <exception cref="TaskException">The run is being trained.</exception>
    /// <exception cref="SaveException">The folder can't be written.</exception>
    public static RunClaim Existing(string path)
    {
        RunClaim? claim = null;
        SaveException.Explain(path, () =>
        {
            if (FolderLock.TryTake(LockOf(path)) is not { } held) return;
            claim = new(path, held, null);
            Clean(path);
        });
        return claim ?? throw new TaskException($"{path} is being trained by another process", "again when that is done or stopped");
    }

    /// <summary>Whether a run is being trained right now.</summary>
    public static bool IsHeld(string path) => FolderLock.IsHeld(LockOf(path));

    /// <summary>
    /// Takes a new run's folder away again if there is nothing in it to resume: a run that failed before or in its first step
    /// leaves nothing.
    /// </summary>
    /// <param name="keepStart">Whether a checkpoint of the start, before the first step, is worth keeping.</param>
    public void Abandon(bool keepStart = false)
    {
        string checkpoints = System.IO.Path.Combine(Path, "checkpoints");
        if (new CheckpointStore(checkpoints).Newest is { } step && (step > 0 || keepStart)) return;
        try
        {
            // The folds of a cross-validation that were begun can be resumed.
            bool hasFolds = File.Exists(System.IO.Path.Combine(Path, RunFolder.FoldsFile));
            if (hasFolds && Directory.EnumerateDirectories(Path).Any(IsRunFolder)) return;
            foreach (string file in (string[])[RunFolder.InfoFile, RunFolder.FoldsFile, "events.jsonl"])
                File.Delete(System.IO.Path.Combine(Path, file));
            if (Directory.Exists(checkpoints)) AtomicFolder.Delete(checkpoints);
            AtomicFolder.Clean(Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What brought us here matters more.
        }
        _lock.Remove();
        Unmake(Path, _made);
    }

    /// <summary>Gives the folder free.</summary>
    public void Dispose() => _lock.Dispose();

    private static string LockOf(string path) => System.IO.Path.Combine(path, LockFile);

    private static TaskException InUse(string path) =>
        new($"{path} is being trained by another process", "another --run, or again when that is done or stopped");

    // Makes the folder and takes its lock; null where another has it.
    private static RunClaim? Take(string path)
    {
        while (true)
        {
            string? made = Make(path);
            try
            {
                return FolderLock.TryTake(LockOf(path)) is { } held ? new(path, held, made) : null;
            }
            catch (DirectoryNotFoundException)
            {
                // Another run failed, and took the folders away that it had made: ours are made again.
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Unmake(path, made);
                throw Unwritable(path, e);
            }
        }
    }

    // What may be in the folder of a new run: what we ourselves have left there.
    private static bool IsLeftover(string entry) => System.IO.Path.GetFileName(entry) == LockFile || AtomicFolder.IsTemporary(entry);

    private static bool IsFree(string path) => Directory.EnumerateFileSystemEntries(path).All(IsLeftover) || RunFolder.IsTorn(path);

    private static void RequireFree(string path)
    {
        try
        {
            if (!Directory.Exists(path) || IsFree(path)) return;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(path, e);
        }
        if (File.Exists(System.IO.Path.Combine(path, RunFolder.FoldsFile)))
            throw new TaskException($"{path} holds a cross-validation already", $"--resume {ShellPath.Quote(path)} to resume it, or another --run");
        if (!IsRunFolder(path)) throw new TaskException($"{path} is not empty", "another --run");
        try
        {
            RunFolder.Open(path);
        }
        catch (TaskException e)
        {
            // To resume it would be refused as well.
            throw new TaskException($"{path} holds a run already, which can't be used: {e.Message.Split('\n')[0]}", "another --run");
        }
        throw new TaskException($"{path} holds a run already", $"--resume {ShellPath.Quote(path)} to resume it, or another --run");
    }

    private static bool IsRunFolder(string path) => File.Exists(System.IO.Path.Combine(path, RunFolder.InfoFile));

    // Only with the lock: nobody else is saving.
    private static void Clean(string path)
    {
        AtomicFolder.Clean(path);
        AtomicFolder.Clean(System.IO.Path.Combine(path, "best"));
    }

    // Folders that runs were about to begin in when they were killed: nothing in them but a free lock.
    private static void RemoveForgotten(string runs)
    {
        if (!Directory.Exists(runs)) return;
        try
        {
            foreach (string folder in Directory.GetDirectories(runs).Where(f => UsualName().IsMatch(System.IO.Path.GetFileName(f))))
            {
                string[] entries = Directory.GetFileSystemEntries(folder);
                if (entries.Length == 0 && DateTime.UtcNow - Directory.GetLastWriteTimeUtc(folder) > s_surelyForgotten) Directory.Delete(folder);
                if (!entries.Contains(LockOf(folder)) || !entries.All(IsLeftover) || FolderLock.TryTake(LockOf(folder)) is not { } held) continue;
                using var claim = new RunClaim(folder, held, System.IO.Path.GetFullPath(folder));
                if (Directory.EnumerateFileSystemEntries(folder).All(IsLeftover)) claim.Abandon();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // They don't stand in the way.
        }
    }

    /// <summary>Makes a folder and those above it that are missing; returns the outermost that was made, or null.</summary>
    private static string? Make(string path)
    {
        const int Attempts = 20;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                string? made = null;
                for (string? up = System.IO.Path.GetFullPath(path); up is not null && !Directory.Exists(up); up = System.IO.Path.GetDirectoryName(up))
                    made = up;
                Directory.CreateDirectory(path);
                return made;
            }
            catch (IOException) when (attempt < Attempts && !File.Exists(path))
            {
                // Another run failed, and took away a folder that this one was just told exists.
                Thread.Sleep(1);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw Unwritable(path, e);
            }
        }
    }

    // Only what is empty: another process may have made a run beside it since.
    private static void Unmake(string path, string? made)
    {
        try
        {
            string? folder = System.IO.Path.GetFullPath(path);
            for (; made is not null && folder?.Length >= made.Length; folder = System.IO.Path.GetDirectoryName(folder)) Directory.Delete(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody uses it.
        }
    }

    private static TaskException Unwritable(string path, Exception e) => new(
        $"the run's folder {path} can't be made: {(e is UnauthorizedAccessException ? "there is no permission to write there" : e.Message.TrimEnd('.'))}",
        "--run with a folder that you may write to");

    [GeneratedRegex(@"^\d{8}-\d{6}-")]
    private static partial Regex UsualName();
}
