namespace Lamina.Formats.Sounds;

/// <summary>
/// Reads WAV files (RIFF, RF64) forwards, a part at a time, as samples of one channel: the mean of all channels. Whole numbers of 8 to 32 bits,
/// floats, A-law and µ-law. A file that is cut short, or whose writer could not go back to put the length in, is read as far as it goes.
/// </summary>
public sealed class WaveReader : IDisposable
{
    private readonly Stream _stream;
    private readonly ChunkReader _reader;
    private readonly WaveHeader _header;
    private readonly byte[] _buffer;
    private long _left;

    /// <summary>Reads the header of a file.</summary>
    /// <param name="stream">The file; disposed with the reader.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="FileFormatException">It is no WAV file, or one of a codec that isn't read.</exception>
    public WaveReader(Stream stream, string name)
    {
        const int Buffer = 1 << 16;
        _stream = stream;
        _reader = new(stream, name);
        _header = WaveHeader.Read(_reader);
        _left = _header.DataBytes ?? long.MaxValue;
        int frame = _header.SampleSize * _header.Channels;
        _buffer = new byte[Math.Max(1, Buffer / frame) * frame];
    }

    /// <summary>Opens a file.</summary>
    /// <exception cref="FileFormatException">It can't be opened, is no WAV file, or one of a codec that isn't read.</exception>
    public static WaveReader Open(string path)
    {
        FileStream? stream = null;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            return new(stream, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            stream?.Dispose();
            throw FileFormatException.Unreadable(path, e);
        }
        catch
        {
            stream?.Dispose();
            throw;
        }
    }

    /// <summary>Samples in a second.</summary>
    public int Rate => _header.Rate;

    /// <summary>Number of channels in the file.</summary>
    public int Channels => _header.Channels;

    /// <summary>How samples stand in the file.</summary>
    public WaveEncoding Encoding => _header.Encoding;

    /// <summary>Bits of a sample in the file.</summary>
    public int Bits => 8 * _header.SampleSize;

    /// <summary>How many samples of each channel the file says it has; null where its writer didn't know.</summary>
    public long? Count => _header.DataBytes / (_header.SampleSize * _header.Channels);

    /// <summary>Whether the file ended before all samples came that it says it has.</summary>
    public bool IsCutShort { get; private set; }

    /// <summary>How many samples were no finite number so far; they count as 0.</summary>
    public long NotFinite { get; private set; }

    /// <summary>Reads the next samples.</summary>
    /// <param name="mono">Takes them.</param>
    /// <returns>How many there are; fewer than asked for at the end alone.</returns>
    /// <exception cref="FileFormatException">The file can't be read.</exception>
    public int Read(Span<float> mono)
    {
        int frame = _header.SampleSize * _header.Channels, done = 0;
        while (done < mono.Length && _left >= frame)
        {
            int wanted = (int)Math.Min(Math.Min(_buffer.Length, (long)(mono.Length - done) * frame), _left / frame * frame);
            int got = _reader.Read(_buffer.AsSpan(0, wanted)), frames = got / frame;
            NotFinite += WaveSamples.Decode(_buffer.AsSpan(0, frames * frame), _header.Encoding, _header.SampleSize, _header.Channels,
                mono.Slice(done, frames));
            done += frames;
            _left -= got;
            if (got == wanted) continue;
            IsCutShort = _header.DataBytes is not null;
            _left = 0;
        }
        return done;
    }

    /// <summary>Reads what is left, up to a number of samples.</summary>
    /// <param name="most">The most samples to read; it bounds the memory.</param>
    /// <exception cref="FileFormatException">The file can't be read.</exception>
    public Waveform ReadToEnd(int most = int.MaxValue)
    {
        const int First = 1 << 14;
        // What a header claims is no reason to take memory.
        var samples = new float[Math.Min(most, First)];
        int count = 0;
        while (true)
        {
            int got = Read(samples.AsSpan(count));
            count += got;
            if (count < samples.Length || count == most) return new(samples.AsMemory(0, count), Rate);
            Array.Resize(ref samples, (int)Math.Min(most, Math.Min(2L * samples.Length, Array.MaxLength)));
            if (samples.Length == count) return new(samples, Rate);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();
}
