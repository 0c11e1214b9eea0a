namespace Lamina.Tasks.Images;

/// <summary>Reads streams whose length is only a claim until it has been read.</summary>
internal static class BoundedRead
{
    private const int FirstStep = 1 << 20;

    /// <summary>
    /// Reads to the end of the stream, or one byte past <paramref name="limit"/>: memory grows with what is there,
    /// never with what a header claims.
    /// </summary>
    /// <param name="stream">The stream, from where it stands.</param>
    /// <param name="claimed">The length that a header claims; only the first step is taken from it.</param>
    /// <param name="limit">The most bytes that the caller wants.</param>
    /// <param name="bytes">What was read, at most <paramref name="limit"/> bytes.</param>
    /// <returns>Whether the stream ended within the limit.</returns>
    internal static bool TryReadAll(Stream stream, long claimed, int limit, out byte[] bytes)
    {
        limit = Math.Min(limit, Array.MaxLength - 1);

        // One byte more than claimed, so that the end is seen without growing.
        var buffer = new byte[(int)Math.Clamp(claimed + 1, 1, Math.Min(FirstStep, limit + 1L))];
        int length = 0;
        while (true)
        {
            length += stream.ReadAtLeast(buffer.AsSpan(length), buffer.Length - length, throwOnEndOfStream: false);
            if (length < buffer.Length)
            {
                Array.Resize(ref buffer, length);
                bytes = buffer;
                return true;
            }

            if (length > limit)
            {
                bytes = [];
                return false;
            }

            Array.Resize(ref buffer, (int)Math.Min(buffer.Length * 2L, limit + 1L));
        }
    }
}
