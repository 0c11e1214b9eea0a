namespace Lamina.Formats;

/// <summary>
/// A file or folder that could not be saved: no space, no permission, no such folder. What was there before is as it
/// was. The message names the path, the cause and the way out.
/// </summary>
public sealed class SaveException : Exception
{
    // errno and Win32 codes, as IOException.HResult carries them.
    private const int NoSpace = 28, QuotaLinux = 122, QuotaMac = 69, ReadOnlyFileSystem = 30;
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027), WindowsDiskFull = unchecked((int)0x80070070);

    /// <summary>Makes the exception for a path from the cause and the way out, phrases without a full stop.</summary>
    public SaveException(string path, string cause, string wayOut, Exception? inner = null)
        : base(ForeignText.Show($"{path} could not be saved: {cause}; what was there before is untouched") + $"\n  try {ForeignText.Show(wayOut)}", inner)
    {
        Path = path;
        Cause = cause;
        WayOut = wayOut;
    }

    /// <summary>The file or folder that was to be saved.</summary>
    public string Path { get; }

    /// <summary>Why it could not.</summary>
    public string Cause { get; }

    /// <summary>Suggested remedy.</summary>
    public string WayOut { get; }

    /// <summary>Does something that writes to a path, and explains the failures of disks and permissions.</summary>
    /// <exception cref="SaveException">It failed because of the disk or its permissions.</exception>
    public static void Explain(string path, Action body)
    {
        try
        {
            body();
        }
        catch (Exception e) when (Explains(e))
        {
            throw For(path, e);
        }
    }

    /// <summary>True for the failures of disks and permissions, which this exception explains; others are left as they are.</summary>
    internal static bool Explains(Exception e) => e is IOException or UnauthorizedAccessException or SaveException;

    /// <summary>The failure <paramref name="e"/> as one of saving <paramref name="path"/>.</summary>
    internal static SaveException For(string path, Exception e)
    {
        if (e is SaveException inside) return inside.Path == path ? inside : new(path, inside.Cause, inside.WayOut, inside);
        (string cause, string wayOut) = e switch
        {
            UnauthorizedAccessException => ("there is no permission to write there", "another folder, or change the permissions of this one"),
            DirectoryNotFoundException => ("its folder does not exist", "making the folder first, or check the path"),
            PathTooLongException => ("the path is too long", "a shorter name"),
            { HResult: WindowsDiskFull or WindowsHandleDiskFull } => DiskFull,
            { HResult: NoSpace or QuotaLinux or QuotaMac } when !OperatingSystem.IsWindows() => DiskFull,
            { HResult: ReadOnlyFileSystem } when !OperatingSystem.IsWindows() => ("the disk is read-only", "a folder on another disk"),
            _ => (e.Message.TrimEnd('.'), "saving again, or to another folder"),
        };
        return new(path, cause, wayOut, e);
    }

    private static (string, string) DiskFull => ("the disk is full", "freeing some space, or a folder on another disk");
}
