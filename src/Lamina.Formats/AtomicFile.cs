using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Lamina.Formats;

/// <summary>Saves a file so that its name always stands for a whole file: the old one or the new one.</summary>
/// <remarks>
/// The bytes go to a file beside it, are flushed to the disk, and that file is renamed over the old one. A process that
/// is killed at any moment leaves the old file or the new one. After a power cut it is one of the two as well, as long as
/// the file system keeps a rename behind the flushed bytes, as the journalling ones do; but the rename itself may be
/// lost with the power, because that takes a flush of the directory, for which .NET has no managed call.
/// </remarks>
public static class AtomicFile
{
    internal const string Suffix = ".tmp";

    private const int BufferBytes = 1 << 16;

    /// <summary>Saves what <paramref name="body"/> writes under <paramref name="path"/>; a symbolic link there is replaced.</summary>
    /// <param name="path">The file to make or replace. Its folder has to exist.</param>
    /// <param name="body">Writes the contents, front to back; it may dispose the stream.</param>
    /// <exception cref="SaveException">The disk or its permissions don't let it be saved. Other exceptions of the body pass
    /// through unchanged. Either way the old file is as it was and nothing is left beside it.</exception>
    public static void Write(string path, Action<Stream> body)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string temporary = Beside(path, Suffix);
        try
        {
            if (Directory.Exists(path)) throw new IOException("there is a folder of that name");
            WriteFlushed(temporary, body);
            DiskStep.Next("rename", path);
            File.Move(temporary, path, overwrite: true);
            DiskStep.Next("done", path);
        }
        catch (Exception e)
        {
            TryDelete(temporary);
            if (SaveException.Explains(e)) throw SaveException.For(path, e);
            throw;
        }
    }

    /// <summary>A name beside a path that no one else has: <c>path.0123456789ab.tmp</c>.</summary>
    internal static string Beside(string path, string suffix) =>
        $"{path}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}{suffix}";

    /// <summary>Waits until a file's bytes are on the disk.</summary>
    internal static void Flush(string path)
    {
        // Windows flushes only through a handle that may write; elsewhere a read-only file can be flushed too.
        FileAccess access = OperatingSystem.IsWindows() ? FileAccess.ReadWrite : FileAccess.Read;
        using SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, access);
        RandomAccess.FlushToDisk(handle);
    }

    private static void WriteFlushed(string path, Action<Stream> body)
    {
        // The buffer is a stream of its own that is not disposed: when the body fails on a full disk, the file would
        // fail again while disposing its buffer, and hide the first failure.
        DiskStep.Next("create", path);
        using FileStream file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        BufferedStream buffered = new(file, BufferBytes);
        DiskStep.Next("write", path);
        body(buffered);
        DiskStep.Next("flush", path);
        if (buffered.CanWrite)
        {
            buffered.Flush();
            file.Flush(flushToDisk: true);
        }
        else
        {
            Flush(path);
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            DiskStep.Next("delete", path);
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The failure that brought us here says more; AtomicFolder.Clean takes the rest away.
        }
    }
}
