using System.Buffers.Binary;

namespace Lamina.Formats.Sounds;

/// <summary>What stands before the samples of a WAV file.</summary>
/// <param name="Encoding">How samples stand in it.</param>
/// <param name="Channels">Number of channels.</param>
/// <param name="Rate">Samples of a channel in a second.</param>
/// <param name="SampleSize">Bytes of a sample.</param>
/// <param name="DataBytes">How many bytes of samples follow; null where the writer didn't know, so that they go to the end.</param>
internal sealed record WaveHeader(WaveEncoding Encoding, int Channels, int Rate, int SampleSize, long? DataBytes)
{
    private const int MostChannels = 1_024, MostRate = 10_000_000, MostChunks = 10_000, MostFormat = 1 << 16;
    private const uint Unknown = 0xFFFF_FFFF, Streamed = 0x7FFF_F000;
    private const string WayOut = "the file converted to a WAV of 16 bits, such as by ffmpeg -i NAME -c:a pcm_s16le NEW.wav";

    private static readonly Dictionary<int, string> s_codecs = new()
    {
        [0x02] = "Microsoft ADPCM", [0x11] = "IMA ADPCM", [0x31] = "GSM 6.10", [0x50] = "MPEG audio", [0x55] = "MP3", [0x161] = "Windows Media Audio",
        [0x162] = "Windows Media Audio", [0x2000] = "AC-3", [0xFF] = "AAC", [0x1610] = "AAC", [0x1600] = "AAC", [0x674F] = "Ogg Vorbis",
            [0xF1AC] = "FLAC",
    };

    /// <summary>Reads up to the first sample.</summary>
    /// <exception cref="FileFormatException">It is no WAV file, or one whose samples can't be read.</exception>
    public static WaveHeader Read(ChunkReader from)
    {
        Span<byte> start = stackalloc byte[12];
        int got = from.Read(start);
        if (got < 12 || !start[8..].SequenceEqual("WAVE"u8) || !(start.StartsWith("RIFF"u8) || start.StartsWith("RF64"u8)
            || start.StartsWith("BW64"u8)))
            throw from.Wrong("byte 0", "a WAV file, which begins with RIFF and WAVE", Kind(start[..got]), WayOut);
        WaveHeader? format = null;
        long? large = null;
        for (int chunk = 0; chunk < MostChunks; chunk++)
        {
            if (!from.ReadChunk(out uint id, out uint size))
                throw from.Wrong($"byte {from.Position}", format is null ? "a format chunk" : "a data chunk with the samples", "the end of the file",
                    "another copy of the file: it is cut short");
            switch (id)
            {
                case ChunkReader.Format:
                    format = ReadFormat(from, size);
                    break;
                case ChunkReader.Sizes when size is >= 16 and < MostFormat:
                    byte[] sizes = from.ReadBody(size);
                    large = BinaryPrimitives.ReadInt64LittleEndian(sizes.AsSpan(8));
                    break;
                case ChunkReader.Data:
                    if (format is null) throw from.Wrong($"byte {from.Position - 8}", "a format chunk before the data", "none", WayOut);
                    return format with { DataBytes = DataLength(from, size, large) };
                default:
                    from.Skip(size);
                    break;
            }
        }
        throw from.Wrong($"byte {from.Position}", "a data chunk with the samples", $"{MostChunks:N0} other chunks", WayOut);
    }

    // Programs that write to a pipe can't go back to put the length in.
    private static long? DataLength(ChunkReader from, uint size, long? large) =>
        size == Unknown && large is > 0 ? large : size >= Streamed ? null : size > 0 ? size : from.IsChunkNext() ? 0 : null;

    private static WaveHeader ReadFormat(ChunkReader from, uint size)
    {
        long place = from.Position;
        FileFormatException Wrong(string expected, string found) => from.Wrong($"byte {place}", expected, found, WayOut);
        if (size is < 14 or > MostFormat) throw Wrong("a format chunk of 16, 18 or 40 bytes", $"one of {size} bytes");
        byte[] body = from.ReadBody(size);
        int Word(int at) => at + 2 <= body.Length ? BinaryPrimitives.ReadUInt16LittleEndian(body.AsSpan(at)) : 0;
        int tag = Word(0), channels = Word(2), bits = Word(14), block = Word(12);
        uint rate = BinaryPrimitives.ReadUInt32LittleEndian(body.AsSpan(4));
        // WAVE_FORMAT_EXTENSIBLE: what it is stands at the beginning of a GUID.
        if (tag == 0xFFFE) tag = Word(24);
        if (tag is not (1 or 3 or 6 or 7))
            throw Wrong("samples as whole numbers, floats, A-law or µ-law", s_codecs.TryGetValue(tag, out string? name)
                ? $"{name} (codec 0x{tag:X4})" : $"the codec 0x{tag:X4}");
        if (channels is < 1 or > MostChannels) throw Wrong($"1 to {MostChannels:N0} channels", $"{channels}");
        if (rate is < 1 or > MostRate) throw Wrong($"a rate of 1 to {MostRate:N0} samples in a second", $"{rate}");
        // 12 or 20 bits stand at the upper end of 16 or 24.
        int bytes = block > 0 && block % channels == 0 && block / channels * 8 >= bits ? block / channels : (bits + 7) / 8;
        bool isKnown = (WaveEncoding)tag switch
        {
            WaveEncoding.Pcm => bytes is >= 1 and <= 4,
            WaveEncoding.Float => bytes is 4 or 8,
            _ => bytes == 1,
        };
        if (!isKnown) throw Wrong(tag == 1 ? "8, 16, 24 or 32 bits a sample" : tag == 3 ? "floats of 32 or 64 bits" : "8 bits a sample",
            $"{bits} bits in {bytes} bytes");
        return new((WaveEncoding)tag, channels, (int)rate, bytes, null);
    }

    // What people give in place of a WAV file.
    private static string Kind(ReadOnlySpan<byte> start)
    {
        if (start.IsEmpty) return "an empty file";
        if (start.StartsWith("RIFX"u8)) return "a WAV file with the bytes in the other order (RIFX)";
        if (start.StartsWith("RIFF"u8)) return start.Length < 12 ? "a WAV file that is cut short in its first bytes" : "a RIFF file of another kind";
        if (start.StartsWith("ID3"u8) || start.Length > 1 && start[0] == 0xFF && start[1] is 0xFB or 0xFA or 0xF3 or 0xF2) return "an MP3 file";
        if (start.StartsWith("fLaC"u8)) return "a FLAC file";
        if (start.StartsWith("OggS"u8)) return "an Ogg file (Vorbis or Opus)";
        if (start.StartsWith("FORM"u8)) return "an AIFF file";
        if (start.StartsWith("caff"u8)) return "a CAF file";
        if (start.StartsWith(".snd"u8)) return "an AU file";
        if (start.Length >= 8 && start[4..].StartsWith("ftyp"u8)) return "an MP4 or M4A file";
        if (start.StartsWith((ReadOnlySpan<byte>)[0x1A, 0x45, 0xDF, 0xA3])) return "a WebM or Matroska file";
        string text = System.Text.Encoding.ASCII.GetString(start[..Math.Min(4, start.Length)]);
        return $"{FileFormatException.Quote(text)} at its beginning";
    }
}
