using System.Buffers.Binary;
using System.Text;

namespace Lamina.Formats.Tests;

/// <summary>Safetensors files made by hand, right and wrong.</summary>
internal static class Raw
{
    public const string Name = "weights.safetensors";

    public static byte[] File(string header, params byte[] values) => File(Encoding.UTF8.GetBytes(header), values);

    public static byte[] File(byte[] header, params byte[] values) => WithLength((ulong)header.Length, [.. header, .. values]);

    public static byte[] WithLength(ulong length, params byte[] rest)
    {
        byte[] file = new byte[8 + rest.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(file, length);
        rest.CopyTo(file, 8);
        return file;
    }

    public static SafeTensorsFile Read(byte[] file) => SafeTensors.Read(new MemoryStream(file), Name);

    public static SafeTensorsFile ReadPiped(byte[] file) => SafeTensors.Read(new Pipe(file), Name);

    /// <summary>The failure that reading gives, the same from a file and from a pipe's point of view.</summary>
    public static FileFormatException Fails(byte[] file)
    {
        FileFormatException e = Assert.Throws<FileFormatException>(() => Read(file));
        Assert.Throws<FileFormatException>(() => ReadPiped(file));
        Assert.StartsWith($"{Name}: {e.Place}: expected {e.Expected}, found {e.Found}\n  try ", e.Message);
        return e;
    }

    public static FileFormatException Fails(string header, params byte[] values) => Fails(File(header, values));

    /// <summary>A stream that can't be sought in and gives few bytes at a time.</summary>
    private sealed class Pipe(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, 7));
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 7)]);
    }
}
