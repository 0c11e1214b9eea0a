using Lamina.Formats;

namespace Lamina.Tasks.Images;

/// <summary>
/// The files below one place, a folder or a zip, by their names relative to it with '/' between, in ordinal order,
/// so that nothing depends on the order in which a file system gives them.
/// </summary>
internal abstract class ImageTree : IDisposable
{
    /// <summary>How many folders may lie within one another. What people sort by hand has fewer than ten.</summary>
    protected const int MostDeep = 64;

    /// <summary>The place, as the caller named it.</summary>
    internal required string Place { get; init; }

    /// <summary>The names of the files.</summary>
    internal abstract IReadOnlyList<string> Files { get; }

    /// <summary>The names of the folders, as far as they're known apart from their files.</summary>
    internal abstract IReadOnlyList<string> Folders { get; }

    /// <summary>What a person should know about the listing.</summary>
    internal List<string> Notes { get; } = [];

    /// <summary>Reads a file whole; safe to call from several threads. Waits until there is memory for it.</summary>
    /// <param name="index">Which of <see cref="Files"/>.</param>
    /// <param name="limit">The most bytes to read.</param>
    /// <param name="bytes">The file's bytes, to be disposed; empty where it can't be read.</param>
    /// <param name="cancel">Stops the waiting.</param>
    /// <returns>Null, or in a few words why it can't be read.</returns>
    internal string? TryRead(int index, int limit, out FileBytes bytes, CancellationToken cancel) => Try(Read, index, limit, out bytes, cancel);

    /// <summary>The first bytes of a file, to tell what it is; null where it can't be read.</summary>
    internal byte[]? TryReadBeginning(int index)
    {
        try
        {
            return ReadBeginning(index, FileSignature.Enough);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException or InvalidDataException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>Opens a file to be read forwards, as far as the caller wants; one at a time.</summary>
    /// <exception cref="IOException">It can't be opened.</exception>
    internal abstract Stream OpenRead(int index);

    /// <summary>Releases what's held open.</summary>
    public abstract void Dispose();

    /// <summary>As <see cref="TryRead"/>, but for the exceptions of reading.</summary>
    protected abstract string? Read(int index, int limit, out FileBytes bytes, CancellationToken cancel);

    /// <summary>At most so many bytes of a file's beginning; null for what is no file.</summary>
    protected abstract byte[]? ReadBeginning(int index, int most);

    /// <summary>Puts the exceptions of reading into a few words.</summary>
    protected static string? Try<T>(ReadFile<T> read, T file, int limit, out FileBytes bytes, CancellationToken cancel)
    {
        bytes = default;
        try
        {
            return read(file, limit, out bytes, cancel);
        }
        catch (UnauthorizedAccessException)
        {
            return "no permission to read it";
        }
        catch (NotAFileException e)
        {
            return e.Message;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or NotSupportedException)
        {
            return $"can't be read: {e.Message}";
        }
    }

    /// <summary>Reads a file whole: null, or in a few words why it can't be read.</summary>
    protected delegate string? ReadFile<T>(T file, int limit, out FileBytes bytes, CancellationToken cancel);

    /// <summary>The refusal of folders that lie too deep.</summary>
    protected static DataException TooDeep(string place, string name) => new(
        place, $"its folders are nested more than {MostDeep} deep, at {ForeignText.Show(name, 60)}",
        $"moving the class folders up; {ClassLayout.Expected}");

    /// <summary>What stands in the place of a file, as the whole of the message.</summary>
    protected sealed class NotAFileException(string what) : Exception(what);

    /// <summary>The words for a file above the limit.</summary>
    protected static string TooLarge(long length, int limit) => $"{length} bytes, more than the {limit} allowed";
}
