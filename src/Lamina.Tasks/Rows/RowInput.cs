using Lamina.Formats;
using Microsoft.Win32.SafeHandles;

namespace Lamina.Tasks.Rows;

/// <summary>Bytes that can be read from their start as often as needed: a file, unpacked where it is gzip, or what came through a pipe.</summary>
internal sealed class RowInput
{
    /// <summary>Standard input's name as a path.</summary>
    internal const string StandardInput = "-";

    private const int HeadBytes = 1 << 16;

    // It comes once a process, however often it is opened.
    private static readonly Lazy<SafeFileHandle> s_standardInput = new(() => Spooled(Console.OpenStandardInput));

    private readonly Func<Stream> _open;

    private RowInput(string name, string? path, Func<Stream> open)
    {
        (Name, Path) = (name, path);
        byte[] head = First(open);
        IsPacked = head is [0x1F, 0x8B, ..];
        _open = IsPacked ? () => new GzipBytes(open()) : open;
        Head = IsPacked ? First(_open) : head;
    }

    /// <summary>What a person calls it.</summary>
    public string Name { get; }

    /// <summary>The path of the file; null where it came through a pipe.</summary>
    public string? Path { get; }

    /// <summary>Whether it is unpacked from gzip.</summary>
    public bool IsPacked { get; }

    /// <summary>The first bytes, unpacked.</summary>
    public byte[] Head { get; }

    /// <summary>Looks at a file, or at standard input where the path is <c>-</c>.</summary>
    /// <exception cref="DataException">There is none, it may not be read, or it is a folder, a device or a named pipe.</exception>
    public static RowInput From(string path)
    {
        const string Remedy = "the path of a table: CSV, TSV, JSON lines, Parquet or SQLite";
        if (path == StandardInput) return Kept("standard input", s_standardInput.Value);
        if (Directory.Exists(path)) throw new DataException(path, "is a folder, not a table", Remedy);
        if (!File.Exists(path)) throw new DataException(path, "there's no such file", NearPath(path) is { } near ? $"'{near}'" : Remedy);
        return SpecialFile.Describe(path) switch
        {
            null => new(path, path, () => new FileStream(path, FileMode.Open, FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan)),
            "a pipe" => Kept(path, Spooled(() => File.OpenRead(path))),
            var kind => throw new DataException(path, $"is {kind}, not a file", "an ordinary file, or - for standard input"),
        };
    }

    /// <summary>Begins to read the bytes, unpacked.</summary>
    public Stream Open() => _open();

    private static byte[] First(Func<Stream> open)
    {
        using Stream stream = open();
        var head = new byte[HeadBytes];
        return head[..stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
    }

    private static string? NearPath(string path)
    {
        string folder = System.IO.Path.GetDirectoryName(path) is { Length: > 0 } named ? named : ".";
        try
        {
            string[] names = [.. Directory.EnumerateFiles(folder).Take(1000).Select(f => System.IO.Path.GetFileName(f))];
            return NearName.Find(System.IO.Path.GetFileName(path), names) is { } near
                ? System.IO.Path.Join(System.IO.Path.GetDirectoryName(path), near) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static RowInput Kept(string name, SafeFileHandle spool) => new(name, null, () => new SpoolStream(spool));

    private static SafeFileHandle Spooled(Func<Stream> open)
    {
        SafeFileHandle spool = Spool.Create();
        using (Stream from = open())
        using (Stream into = new SpoolStream(spool))
            from.CopyTo(into, 1 << 17);
        return spool;
    }
}

/// <summary>Files that vanish with the process, however it ends.</summary>
internal static class Spool
{
    /// <summary>Makes an empty temporary file.</summary>
    public static SafeFileHandle Create()
    {
        string path = Path.Combine(Path.GetTempPath(), $"lamina-{Path.GetRandomFileName()}");
        SafeFileHandle handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite,
            FileShare.Read | FileShare.Delete, FileOptions.DeleteOnClose);
        // An open file without a name lives as long as its handle; Windows has that by the option above alone.
        if (!OperatingSystem.IsWindows()) File.Delete(path);
        return handle;
    }
}

/// <summary>Reads or writes a spooled file from its start, beside others that do.</summary>
internal sealed class SpoolStream(SafeFileHandle handle) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => true;

    public override long Length => RandomAccess.GetLength(handle);

    public override long Position { get; set; }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int got = RandomAccess.Read(handle, buffer, Position);
        Position += got;
        return got;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        RandomAccess.Write(handle, buffer, Position);
        Position += buffer.Length;
    }

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => Length + offset,
    };

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Flush()
    {
    }
}
