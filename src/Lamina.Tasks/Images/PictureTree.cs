namespace Lamina.Tasks.Images;

/// <summary>
/// The files below one place, a folder or a zip, by their names relative to it with '/' between, in ordinal order,
/// so that nothing depends on the order in which a file system gives them.
/// </summary>
internal abstract class PictureTree : IDisposable
{
    /// <summary>The place, as the caller named it.</summary>
    internal required string Place { get; init; }

    /// <summary>The names of the files.</summary>
    internal abstract IReadOnlyList<string> Files { get; }

    /// <summary>The names of the folders, as far as they're known apart from their files.</summary>
    internal abstract IReadOnlyList<string> Folders { get; }

    /// <summary>What a person should know about the listing.</summary>
    internal List<string> Notes { get; } = [];

    /// <summary>Reads a file whole; safe to call from several threads.</summary>
    /// <param name="index">Which of <see cref="Files"/>.</param>
    /// <param name="limit">The most bytes to read.</param>
    /// <param name="bytes">The file's bytes, empty where it can't be read.</param>
    /// <returns>Null, or in a few words why it can't be read.</returns>
    internal string? TryRead(int index, int limit, out byte[] bytes) => Try(Read, index, limit, out bytes);

    /// <summary>Releases what's held open.</summary>
    public abstract void Dispose();

    /// <summary>As <see cref="TryRead"/>, but for the exceptions of reading.</summary>
    protected abstract string? Read(int index, int limit, out byte[] bytes);

    /// <summary>Puts the exceptions of reading into a few words.</summary>
    protected static string? Try<T>(ReadFile<T> read, T file, int limit, out byte[] bytes)
    {
        bytes = [];
        try
        {
            return read(file, limit, out bytes);
        }
        catch (UnauthorizedAccessException)
        {
            return "no permission to read it";
        }
        catch (Exception e) when (e is IOException or InvalidDataException or NotSupportedException)
        {
            return $"can't be read: {e.Message}";
        }
    }

    /// <summary>Reads a file whole: null, or in a few words why it can't be read.</summary>
    protected delegate string? ReadFile<T>(T file, int limit, out byte[] bytes);

    /// <summary>The words for a file above the limit.</summary>
    protected static string TooLarge(long length, int limit) => $"{length} bytes, more than the {limit} allowed";
}
