using System.Buffers.Binary;

namespace Lamina.Formats.Sounds;

/// <summary>WAV files, whole.</summary>
public static class WaveFile
{
    private const int Header = 44;

    /// <summary>Reads a file as one channel, the mean of all of its channels.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">The most samples to read; it bounds the memory.</param>
    /// <exception cref="FileFormatException">It can't be read, is no WAV file, or one of a codec that isn't read.</exception>
    public static Waveform Read(string path, int most = int.MaxValue)
    {
        using WaveReader reader = WaveReader.Open(path);
        return reader.ReadToEnd(most);
    }

    /// <summary>Writes a file of one channel with whole numbers of 16 bits; louder samples than full scale are cut off.</summary>
    /// <exception cref="SaveException">It can't be written.</exception>
    public static void Write(string path, Waveform waveform) => AtomicFile.Write(path, stream => stream.Write(Bytes(waveform)));

    /// <summary>The bytes of such a file.</summary>
    public static byte[] Bytes(Waveform waveform)
    {
        ReadOnlySpan<float> samples = waveform.Samples.Span;
        var file = new byte[checked(Header + 2 * samples.Length)];
        Span<byte> to = file;
        "RIFF"u8.CopyTo(to);
        BinaryPrimitives.WriteInt32LittleEndian(to[4..], file.Length - 8);
        "WAVEfmt "u8.CopyTo(to[8..]);
        BinaryPrimitives.WriteInt32LittleEndian(to[16..], 16);
        BinaryPrimitives.WriteInt16LittleEndian(to[20..], (short)WaveEncoding.Pcm);
        BinaryPrimitives.WriteInt16LittleEndian(to[22..], 1);
        BinaryPrimitives.WriteInt32LittleEndian(to[24..], waveform.Rate);
        BinaryPrimitives.WriteInt32LittleEndian(to[28..], 2 * waveform.Rate);
        BinaryPrimitives.WriteInt16LittleEndian(to[32..], 2);
        BinaryPrimitives.WriteInt16LittleEndian(to[34..], 16);
        "data"u8.CopyTo(to[36..]);
        BinaryPrimitives.WriteInt32LittleEndian(to[40..], 2 * samples.Length);
        for (int i = 0; i < samples.Length; i++)
            BinaryPrimitives.WriteInt16LittleEndian(to[(Header + 2 * i)..], (short)Math.Clamp(MathF.Round(samples[i] * 32_768f), -32_768, 32_767));
        return file;
    }
}
