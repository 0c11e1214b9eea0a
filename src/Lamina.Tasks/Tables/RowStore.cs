using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Lamina.Tasks.Tables;

/// <summary>Rows of numbers: in memory in blocks, so that no single array has to hold them all, or in a temporary file where they are many.</summary>
internal sealed class RowStore
{
    public const long MostBytes = 600L << 20;

    private const int BlockRows = 1 << 14;

    private readonly List<float[]> _blocks = [];
    private readonly SafeFileHandle? _file;
    private readonly int _width;
    private int _open;

    /// <param name="count">The number of rows.</param>
    /// <param name="width">The numbers of each.</param>
    /// <param name="mostBytes">What they may take in memory; more go to a temporary file, which vanishes with the process.</param>
    /// <exception cref="DataException">The temporary file can't be made.</exception>
    public RowStore(int count, int width, long mostBytes = MostBytes)
    {
        _width = width;
        long bytes = (long)count * width * sizeof(float);
        if (bytes > mostBytes) _file = Temporary(bytes);
        for (int i = 0; i < count; i += BlockRows)
        {
            if (_file is null || i == 0) _blocks.Add(new float[Math.Min(BlockRows, count - i) * width]);
        }
    }

    /// <summary>Whether the rows are in a file.</summary>
    public bool IsFile => _file is not null;

    /// <summary>The numbers of a row, to be filled. Rows are filled in their order.</summary>
    public Span<float> this[int row]
    {
        get
        {
            int block = row / BlockRows;
            if (_file is null) return _blocks[block].AsSpan(row % BlockRows * _width, _width);
            if (block != _open)
            {
                Flush();
                _open = block;
            }
            return _blocks[0].AsSpan(row % BlockRows * _width, _width);
        }
    }

    /// <summary>Ends the filling; any number of threads may read then.</summary>
    public void Flush()
    {
        if (_file is not null) RandomAccess.Write(_file, MemoryMarshal.AsBytes(_blocks[0].AsSpan()), (long)_open * BlockRows * _width * sizeof(float));
    }

    /// <summary>Reads a row.</summary>
    public void Read(int row, Span<float> to)
    {
        if (_file is null)
        {
            this[row].CopyTo(to);
            return;
        }
        Span<byte> bytes = MemoryMarshal.AsBytes(to);
        for (int done = 0; done < bytes.Length;)
        {
            int read = RandomAccess.Read(_file, bytes[done..], (long)row * bytes.Length + done);
            if (read == 0) throw new IOException("the temporary file of the rows ended early");
            done += read;
        }
    }

    private static SafeFileHandle Temporary(long bytes)
    {
        string path = Path.Combine(Path.GetTempPath(), $"lamina-rows-{Guid.NewGuid():N}");
        try
        {
            // DeleteOnClose takes it away when the process ends, however it ends on Unix too, where the name is gone at once.
            SafeFileHandle file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None,
                FileOptions.DeleteOnClose | FileOptions.RandomAccess, bytes);
            if (!OperatingSystem.IsWindows()) File.Delete(path);
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(path,
                $"{bytes >> 20:N0} MB are needed for the rows, and the temporary file can't be made: {e.Message.Split('\n')[0]}",
                    "a TMPDIR with more room", e);
        }
    }
}
