using System.Buffers.Binary;

namespace Lamina.Formats.Sounds;

/// <summary>Bytes of a WAV file to samples of one channel: the mean of all channels.</summary>
internal static class WaveSamples
{
    // Far above full scale: some programs write whole numbers of 16 bits as floats.
    private const float Loudest = 1 << 20;

    /// <summary>Decodes frames of interleaved channels.</summary>
    /// <param name="bytes">Whole frames.</param>
    /// <param name="encoding">How samples stand in them.</param>
    /// <param name="size">Bytes of a sample.</param>
    /// <param name="channels">Channels of a frame.</param>
    /// <param name="mono">Takes a sample for each frame.</param>
    /// <returns>How many samples were no finite number; they count as 0.</returns>
    public static int Decode(ReadOnlySpan<byte> bytes, WaveEncoding encoding, int size, int channels, Span<float> mono)
    {
        int bad = 0;
        float share = 1f / channels;
        for (int i = 0; i < mono.Length; i++)
        {
            float sum = 0;
            for (int c = 0; c < channels; c++, bytes = bytes[size..])
            {
                float one = One(bytes, encoding, size);
                if (float.IsFinite(one)) sum += Math.Clamp(one, -Loudest, Loudest);
                else bad++;
            }
            mono[i] = sum * share;
        }
        return bad;
    }

    private static float One(ReadOnlySpan<byte> x, WaveEncoding encoding, int size) => (encoding, size) switch
    {
        (WaveEncoding.Pcm, 1) => (x[0] - 128) / 128f,
        (WaveEncoding.Pcm, 2) => BinaryPrimitives.ReadInt16LittleEndian(x) / 32_768f,
        (WaveEncoding.Pcm, 3) => (x[0] << 8 | x[1] << 16 | x[2] << 24) / 2_147_483_648f,
        (WaveEncoding.Pcm, _) => BinaryPrimitives.ReadInt32LittleEndian(x) / 2_147_483_648f,
        (WaveEncoding.Float, 4) => BinaryPrimitives.ReadSingleLittleEndian(x),
        (WaveEncoding.Float, _) => (float)BinaryPrimitives.ReadDoubleLittleEndian(x),
        (WaveEncoding.ALaw, _) => ALaw(x[0]),
        _ => MuLaw(x[0]),
    };

    // ITU-T G.711, of 13 bits: sign, exponent of three bits, mantissa of four; every second bit is inverted.
    private static float ALaw(byte code)
    {
        int x = code ^ 0x55, exponent = x >> 4 & 7, mantissa = x & 15;
        int size = exponent == 0 ? mantissa * 16 + 8 : (mantissa * 16 + 264) << exponent - 1;
        return ((x & 0x80) != 0 ? size : -size) / 32_768f;
    }

    // ITU-T G.711, of 14 bits, with a bias of 33 (132 of 16 bits); all bits are inverted.
    private static float MuLaw(byte code)
    {
        int x = ~code, size = (((x & 15) << 3) + 132 << (x >> 4 & 7)) - 132;
        return ((x & 0x80) != 0 ? -size : size) / 32_768f;
    }
}
