namespace Lamina.Tasks.Images;

/// <summary>A file's bytes, in a shared array: disposing gives the array and its share of the memory back.</summary>
internal readonly struct FileBytes : IDisposable
{
    private readonly byte[]? _array;
    private readonly DecodeMemory.Share _share;

    private FileBytes(byte[] array, int length, DecodeMemory.Share share) => (_array, Length, _share) = (array, length, share);

    /// <summary>How many bytes there are.</summary>
    internal int Length { get; }

    /// <summary>The bytes.</summary>
    internal ArraySegment<byte> Bytes => _array is null ? [] : new(_array, 0, Length);

    /// <summary>Reads a stream that is said to have so many bytes: memory for one more is taken, never for what else may come.</summary>
    /// <param name="stream">From where it stands.</param>
    /// <param name="claimed">The length that a header or a file system gives.</param>
    /// <param name="cancel">Stops the waiting for memory.</param>
    /// <param name="isMore">Whether there are more bytes than were claimed.</param>
    internal static FileBytes Read(Stream stream, int claimed, CancellationToken cancel, out bool isMore)
    {
        DecodeMemory.Share share = DecodeMemory.Files.Take(claimed + 1L, cancel);
        byte[] array = DecodeMemory.Files.Rent(claimed + 1);
        try
        {
            int got = stream.ReadAtLeast(array.AsSpan(0, claimed + 1), claimed + 1, throwOnEndOfStream: false);
            isMore = got > claimed;
            return new FileBytes(array, Math.Min(got, claimed), share);
        }
        catch
        {
            DecodeMemory.Files.Return(array);
            share.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_array is not null)
        {
            DecodeMemory.Files.Return(_array);
            _share.Dispose();
        }
    }
}
