using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Lamina.Formats;

/// <summary>Turns values round on the machines whose byte order is not the file's.</summary>
internal static class ByteOrder
{
    /// <summary>Reverses the bytes of each element in place.</summary>
    public static void Reverse(Span<byte> bytes, int elementSize)
    {
        Span<ushort> two = MemoryMarshal.Cast<byte, ushort>(bytes);
        Span<uint> four = MemoryMarshal.Cast<byte, uint>(bytes);
        Span<ulong> eight = MemoryMarshal.Cast<byte, ulong>(bytes);
        switch (elementSize)
        {
            case sizeof(ushort): BinaryPrimitives.ReverseEndianness(two, two); break;
            case sizeof(uint): BinaryPrimitives.ReverseEndianness(four, four); break;
            case sizeof(ulong): BinaryPrimitives.ReverseEndianness(eight, eight); break;
        }
    }
}
