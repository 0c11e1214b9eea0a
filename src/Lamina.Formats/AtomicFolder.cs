namespace Lamina.Formats;

/// <summary>Saves a folder so that its name stands for a whole one: checkpoints, exported models.</summary>
/// <remarks>
/// The files go to a folder beside it, are flushed to the disk, and that folder is renamed. A new name appears whole or
/// not at all. Replacing a folder takes two renames (.NET has no call that swaps two folders), and a process killed
/// between them leaves the old one beside, as <c>name.….old</c>: <see cref="Clean"/> puts it back. For power cuts the
/// remarks on <see cref="AtomicFile"/> hold.
/// </remarks>
public static class AtomicFolder
{
    private const string Aside = ".old";
    private const int RandomDigits = 12;

    /// <summary>Saves the files that <paramref name="body"/> writes as the folder <paramref name="folder"/>.</summary>
    /// <param name="folder">The folder to make or replace; the folders above it are made where they are missing.</param>
    /// <param name="body">Writes the files into the folder it is given, and closes them.</param>
    /// <exception cref="SaveException">The disk or its permissions don't let it be saved. Other exceptions of the body pass
    /// through unchanged. Either way the old folder is as it was and nothing is left beside it.</exception>
    public static void Write(string folder, Action<string> body)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string final = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        string temporary = AtomicFile.Beside(final, AtomicFile.Suffix);
        try
        {
            DiskStep.Next("create", temporary);
            Directory.CreateDirectory(temporary);
            body(temporary);
            DiskStep.Next("flush", temporary);
            foreach (string file in Directory.EnumerateFiles(temporary, "*", Everything(recurse: true))) AtomicFile.Flush(file);
            MoveIn(temporary, final);
        }
        catch (Exception e)
        {
            TryDelete(temporary);
            if (SaveException.Explains(e)) throw SaveException.For(folder, e);
            throw;
        }
    }

    /// <summary>
    /// Takes away what killed processes left in a folder: half-written files and folders of <see cref="AtomicFile"/> and
    /// <see cref="AtomicFolder"/>, known by their names. A replaced folder whose successor did not arrive gets its name
    /// back. Only for a time when no one is saving in there.
    /// </summary>
    /// <param name="parent">The folder that holds the saved ones; nothing happens where it does not exist.</param>
    /// <returns>The names of what was taken away or put back, in order.</returns>
    /// <exception cref="IOException">Something could not be deleted or renamed.</exception>
    /// <exception cref="UnauthorizedAccessException">Something may not be deleted or renamed.</exception>
    public static IReadOnlyList<string> Clean(string parent)
    {
        List<string> done = [];
        if (!Directory.Exists(parent)) return done;
        string[] entries = Directory.GetFileSystemEntries(parent, "*", Everything(recurse: false));
        Array.Sort(entries, string.CompareOrdinal);
        foreach (string path in entries)
        {
            if (NameWithout(Aside, path) is null && !IsTemporary(path)) continue;
            DiskStep.Next("clean", path);
            if (NameWithout(Aside, path) is string name && Directory.Exists(path) && !Path.Exists(name)) Directory.Move(path, name);
            else if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
            else File.Delete(path);
            done.Add(Path.GetFileName(path));
        }
        return done;
    }

    /// <summary>
    /// Deletes a folder so that its name is gone at once: it is renamed first, to a name that <see cref="Clean"/> knows, so that
    /// a process killed in between leaves no half of it behind under its name.
    /// </summary>
    /// <exception cref="IOException">It could not be deleted.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be deleted.</exception>
    public static void Delete(string folder)
    {
        string final = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)), temporary = AtomicFile.Beside(final, AtomicFile.Suffix);
        DiskStep.Next("rename", final);
        Directory.Move(final, temporary);
        DiskStep.Next("delete", temporary);
        Directory.Delete(temporary, recursive: true);
        DiskStep.Next("deleted", final);
    }

    /// <summary>Whether a name is that of a file or folder that was being saved: what <see cref="Clean"/> removes.</summary>
    public static bool IsTemporary(string path) => NameWithout(AtomicFile.Suffix, path) is not null;

    private static void MoveIn(string temporary, string final)
    {
        if (File.Exists(final)) throw new IOException("there is a file of that name");
        DiskStep.Next("rename", final);
        if (!Directory.Exists(final))
        {
            Directory.Move(temporary, final);
            return;
        }
        string aside = AtomicFile.Beside(final, Aside);
        Directory.Move(final, aside);
        try
        {
            DiskStep.Next("rename", final);
            Directory.Move(temporary, final);
        }
        catch
        {
            Directory.Move(aside, final);
            throw;
        }
        TryDelete(aside);
    }

    /// <summary>The path before <c>.0123456789ab</c> and the suffix, or null for a name that was not made here.</summary>
    private static string? NameWithout(string suffix, string path)
    {
        if (!path.EndsWith(suffix, StringComparison.Ordinal)) return null;
        string rest = path[..^suffix.Length];
        int dot = rest.Length - RandomDigits - 1;
        bool ours = dot > 0 && rest[dot] == '.' && !rest.AsSpan(dot + 1).ContainsAnyExcept("0123456789abcdef")
            && Path.GetFileName(rest).Length > RandomDigits + 1;
        return ours ? rest[..dot] : null;
    }

    // Hidden files count; what lies behind a link does not.
    private static EnumerationOptions Everything(bool recurse) =>
        new() { RecurseSubdirectories = recurse, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = false };

    private static void TryDelete(string folder)
    {
        try
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Left for Clean: what was saved, or the failure that brought us here, matters more.
        }
    }
}
