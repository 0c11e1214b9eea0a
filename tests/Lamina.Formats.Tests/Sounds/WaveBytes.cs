using System.Buffers.Binary;
using System.Text;

namespace Lamina.Formats.Tests.Sounds;

/// <summary>WAV files of every kind, byte by byte, written independently of the reader.</summary>
internal sealed class WaveBytes
{
    private readonly MemoryStream _bytes = new();

    public WaveBytes(string magic = "RIFF", uint size = 0, string kind = "WAVE")
    {
        Text(magic);
        Number(size);
        Text(kind);
    }

    public WaveBytes Format(int tag, int channels, int rate, int bits, int? extensible = null, int? block = null)
    {
        Text("fmt ");
        Number(extensible is null ? 16u : 40);
        Half(tag);
        Half(channels);
        Number((uint)rate);
        Number((uint)(rate * channels * bits / 8));
        Half(block ?? channels * ((bits + 7) / 8));
        Half(bits);
        if (extensible is not { } sub) return this;
        Half(22);
        Half(bits);
        Number(3);
        Half(sub);
        _bytes.Write([0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71]);
        return this;
    }

    public WaveBytes Chunk(string name, byte[] body, uint? size = null, bool isPadded = true)
    {
        Text(name);
        Number(size ?? (uint)body.Length);
        _bytes.Write(body);
        if (isPadded && body.Length % 2 == 1) _bytes.WriteByte(0);
        return this;
    }

    public byte[] ToArray() => _bytes.ToArray();

    public static byte[] Shorts(params short[] samples)
    {
        var bytes = new byte[2 * samples.Length];
        for (int i = 0; i < samples.Length; i++) BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(2 * i), samples[i]);
        return bytes;
    }

    private void Text(string text) => _bytes.Write(Encoding.ASCII.GetBytes(text));

    private void Number(uint x) => _bytes.Write(BitConverter.GetBytes(x));

    private void Half(int x) => _bytes.Write(BitConverter.GetBytes((ushort)x));
}
