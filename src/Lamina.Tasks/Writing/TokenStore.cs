using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Lamina.Tasks.Writing;

/// <summary>
/// The tokens of a text, two bytes each: in memory, or in a temporary file where they are many. It is filled from the front; then any number of
/// threads read.
/// </summary>
internal sealed class TokenStore : IDisposable
{
    /// <summary>The most tokens that there may be different ones of.</summary>
    public const int MostKinds = 1 << 16;

    private const int MostInMemory = 128 << 20, Buffer = 1 << 16;

    private readonly int _mostInMemory;
    private readonly List<ushort[]> _blocks = [];
    private ushort[] _open = new ushort[Buffer];
    private int _filled;
    private SafeFileHandle? _file;
    private long _written;

    /// <param name="mostInMemory">So many tokens are kept in memory at most; a text with more goes to a file.</param>
    public TokenStore(int mostInMemory = MostInMemory) => _mostInMemory = mostInMemory;

    /// <summary>The number of tokens.</summary>
    public long Count { get; private set; }

    /// <summary>Whether they are in a file.</summary>
    public bool IsFile => _file is not null;

    /// <summary>Appends tokens.</summary>
    /// <exception cref="DataException">The temporary file can't be written.</exception>
    public void Add(IReadOnlyList<int> tokens)
    {
        foreach (int token in tokens)
        {
            if (_filled == Buffer) Next();
            _open[_filled++] = (ushort)token;
        }
        Count += tokens.Count;
    }

    /// <summary>Ends the filling.</summary>
    public void Complete()
    {
        if (_file is not null) Write(_open.AsSpan(0, _filled));
        else _blocks.Add(_open);
    }

    /// <summary>Reads tokens from a place on.</summary>
    public void Read(long from, Span<ushort> to)
    {
        if (from < 0 || from + to.Length > Count) throw new ArgumentOutOfRangeException(nameof(from), from, $"there are {Count} tokens");
        if (_file is not null)
        {
            Span<byte> bytes = MemoryMarshal.AsBytes(to);
            for (int done = 0; done < bytes.Length;)
            {
                int read = RandomAccess.Read(_file, bytes[done..], from * sizeof(ushort) + done);
                if (read == 0) throw new IOException("the temporary file of the text ended early");
                done += read;
            }
            return;
        }
        while (to.Length > 0)
        {
            int at = (int)(from % Buffer), count = Math.Min(to.Length, Buffer - at);
            _blocks[(int)(from / Buffer)].AsSpan(at, count).CopyTo(to);
            from += count;
            to = to[count..];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    private void Next()
    {
        if (_file is null && (long)(_blocks.Count + 1) * Buffer > _mostInMemory)
        {
            _file = Temporary();
            foreach (ushort[] block in _blocks) Write(block);
            _blocks.Clear();
        }
        if (_file is not null) Write(_open);
        else
        {
            _blocks.Add(_open);
            _open = new ushort[Buffer];
        }
        _filled = 0;
    }

    private void Write(ReadOnlySpan<ushort> tokens)
    {
        try
        {
            RandomAccess.Write(_file!, MemoryMarshal.AsBytes(tokens), _written * sizeof(ushort));
        }
        catch (IOException e)
        {
            throw new DataException(Path.GetTempPath(), $"has no room for the tokens of the text: {e.Message.Split('\n')[0]}", "a TMPDIR with more room", e);
        }
        _written += tokens.Length;
    }

    private static SafeFileHandle Temporary()
    {
        string path = Path.Combine(Path.GetTempPath(), $"lamina-text-{Guid.NewGuid():N}");
        try
        {
            // DeleteOnClose takes it away when the process ends, however it ends on Unix too, where the name is gone at once.
            SafeFileHandle file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None,
                FileOptions.DeleteOnClose | FileOptions.RandomAccess);
            if (!OperatingSystem.IsWindows()) File.Delete(path);
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(path, $"the temporary file can't be made: {e.Message.Split('\n')[0]}", "a TMPDIR that you may write to", e);
        }
    }
}
