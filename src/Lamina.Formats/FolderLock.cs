namespace Lamina.Formats;

/// <summary>
/// A folder in the hands of one holder: a file in it that is held open exclusively. The operating system gives it free when
/// its process ends, however it ends, so that a killed process never leaves a folder locked. The file itself may stay.
/// </summary>
/// <remarks>
/// .NET locks by <c>flock</c> where there is no sharing of files by the system; file systems that have no such locks (some
/// network drives) let everybody in.
/// </remarks>
public sealed class FolderLock : IDisposable
{
    private const int Attempts = 5, MillisecondsBetween = 20;
    // The sharing violations of Windows, and EWOULDBLOCK of Linux and of the BSDs.
    private const int WindowsSharing = unchecked((int)0x80070020), WindowsLocked = unchecked((int)0x80070021), WouldBlockLinux = 11, WouldBlockBsd = 35;

    private readonly FileStream _stream;

    private FolderLock(string file, FileStream stream) => (File, _stream) = (file, stream);

    /// <summary>The file that is held.</summary>
    public string File { get; }

    /// <summary>Takes the lock.</summary>
    /// <param name="file">The file to hold; it is made where it is missing, its folder is not.</param>
    /// <returns>The lock, or null where somebody else holds it, in this process or in another.</returns>
    /// <exception cref="IOException">The file can't be made or opened, for another reason than that it is held.</exception>
    /// <exception cref="UnauthorizedAccessException">There is no permission.</exception>
    public static FolderLock? TryTake(string file)
    {
        for (int attempt = 1; ; attempt++)
        {
            DiskStep.Next("lock", file);
            try
            {
                var stream = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
                // Whoever removes a lock empties its name first and marks the file then: what we opened may be no longer the one of that name.
                if (System.IO.File.Exists(file) && (stream.Length == 0 || attempt >= Attempts)) return new(file, stream);
                stream.Dispose();
            }
            catch (IOException e) when (MeansHeld(e))
            {
                // IsHeld looks for a moment only: that is waited for.
                if (attempt >= Attempts) return null;
                Thread.Sleep(MillisecondsBetween);
            }
        }
    }

    /// <summary>Whether somebody holds the lock; false where the file is missing or can't be opened.</summary>
    public static bool IsHeld(string file)
    {
        try
        {
            // Open for writing too, since a named pipe would wait for its other end. A shared lock, as others may look as well.
            if (System.IO.File.Exists(file)) new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0).Dispose();
            return false;
        }
        catch (IOException e)
        {
            return MeansHeld(e);
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Gives the lock free and removes its file.</summary>
    public void Remove()
    {
        DiskStep.Next("unlock", File);
        // An open file can't be deleted on Windows; there, one that another holder has opened since can't be either.
        if (OperatingSystem.IsWindows()) _stream.Dispose();
        try
        {
            System.IO.File.Delete(File);
            if (!OperatingSystem.IsWindows()) _stream.SetLength(1);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It stays, empty and free.
        }
        _stream.Dispose();
    }

    /// <summary>Gives the lock free.</summary>
    public void Dispose() => _stream.Dispose();

    private static bool MeansHeld(IOException e) => OperatingSystem.IsWindows()
        ? e.HResult is WindowsSharing or WindowsLocked
        : e.HResult is WouldBlockLinux or WouldBlockBsd or WindowsSharing;
}
