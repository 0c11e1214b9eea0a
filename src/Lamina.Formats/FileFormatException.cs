namespace Lamina.Formats;

/// <summary>
/// A file that cannot be read: missing, cut short, damaged, or of a kind that isn't supported. The message names the
/// file, the place in it, what was expected there, what was found, and the way out.
/// </summary>
public sealed class FileFormatException : Exception
{
    private const int LongestQuote = 80;

    /// <summary>Makes the exception from what its message says, each a phrase without a full stop.</summary>
    /// <param name="file">The file's path, or a name for the stream.</param>
    /// <param name="place">Where in the file: <c>byte 8</c>, <c>entry "fc1.weight"</c>.</param>
    /// <param name="expected">What a valid file has there.</param>
    /// <param name="found">What this one has.</param>
    /// <param name="wayOut">What to do about it.</param>
    /// <param name="inner">The exception that gave rise to this one.</param>
    public FileFormatException(string file, string place, string expected, string found, string wayOut, Exception? inner = null)
        : base(ForeignText.Show($"{file}: {place}: expected {expected}, found {found}") + $"\n  try {ForeignText.Show(wayOut)}", inner)
    {
        File = file;
        Place = place;
        Expected = expected;
        Found = found;
        WayOut = wayOut;
    }

    /// <summary>The file's path, or the name of the stream.</summary>
    public string File { get; }

    /// <summary>Position in the file.</summary>
    public string Place { get; }

    /// <summary>Content that a valid file has there.</summary>
    public string Expected { get; }

    /// <summary>Content that this file has there.</summary>
    public string Found { get; }

    /// <summary>Suggested remedy.</summary>
    public string WayOut { get; }

    /// <summary>A file that could not be opened or read at all.</summary>
    internal static FileFormatException Unreadable(string file, Exception cause)
    {
        (string found, string wayOut) = cause switch
        {
            FileNotFoundException => ("no file of that name", "checking the path"),
            DirectoryNotFoundException => ("no such folder", "checking the path"),
            UnauthorizedAccessException when Directory.Exists(file) => ("a folder", "naming a file in that folder"),
            UnauthorizedAccessException => ("a file that you may not read", "changing the file's permissions, or a copy of it"),
            _ => ($"an error: {cause.Message}", "reading it again; if that fails too, use a copy or an earlier checkpoint"),
        };
        return new(file, "opening it", "a readable file", found, wayOut, cause);
    }

    /// <summary>Text out of a file as a message may show it: in quotes, on one line, not endless.</summary>
    internal static string Quote(string text) =>
        text.Length > LongestQuote ? $"\"{ForeignText.Show(text, LongestQuote)[..^1]}\"…" : $"\"{ForeignText.Show(text)}\"";
}
