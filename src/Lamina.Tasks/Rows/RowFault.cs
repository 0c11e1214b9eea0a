namespace Lamina.Tasks.Rows;

/// <summary>Says of a failure to read what a person can do about it.</summary>
internal static class RowFault
{
    /// <summary>Whether it is a failure of the file or its storage, not of the code.</summary>
    public static bool Explains(Exception e) => e is IOException or UnauthorizedAccessException or InvalidDataException or NotSupportedException;

    /// <summary>The failure with its place and the way out.</summary>
    public static DataException Of(string name, Exception e, string where = "") => e switch
    {
        InvalidDataException or EndOfStreamException => new(name, $"is cut short or damaged{(where.Length > 0 ? ", " + where : "")}: {Line(e)}",
            "fetching or writing the file again", e),
        UnauthorizedAccessException => new(name, $"may not be read: {Line(e)}", "other permissions of the file", e),
        _ => new(name, $"can't be read{(where.Length > 0 ? " " + where : "")}: {Line(e)}", "a file on a disk that can be read", e),
    };

    private static string Line(Exception e) => e.Message.Split('\n')[0].TrimEnd('.', '\r');
}
