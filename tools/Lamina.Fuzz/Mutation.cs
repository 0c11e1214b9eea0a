using System.Buffers.Binary;
using System.Text;

namespace Lamina.Fuzz;

/// <summary>Spoils files: bytes flipped, cut, doubled and moved, numbers set to their extremes, JSON taken apart.</summary>
internal static class Mutation
{
    private static readonly int[] s_extremes = [0, 1, -1, 127, 128, 255, 256, 32767, 65535, 65536, int.MaxValue, int.MinValue, 1 << 24, 8192, 8193];

    private static readonly string[] s_values =
        ["0", "-1", "1", "1e999", "9223372036854775808", "2147483647", "8192", "0.5", "NaN", "null", "true", "\"\"", "\"\\u0000\"", "\"\\ud800\"", "[]", "{}", "[[[[[[[[", "1000000"];

    /// <summary>A copy with one to eight faults.</summary>
    public static byte[] Spoil(byte[] file, Random random)
    {
        var bytes = new List<byte>(file);
        for (int faults = 1 + random.Next(8); faults > 0 && bytes.Count > 0; faults--) Fault(bytes, random);
        return [.. bytes];
    }

    /// <summary>JSON with one to four values, names or brackets changed, so that it mostly stays JSON.</summary>
    public static byte[] SpoilJson(byte[] file, Random random)
    {
        string text = Encoding.UTF8.GetString(file);
        for (int faults = 1 + random.Next(4); faults > 0; faults--)
        {
            int[] colons = [.. Enumerable.Range(0, text.Length).Where(i => text[i] is ':' or '[' or ',')];
            if (colons.Length == 0) break;
            int at = colons[random.Next(colons.Length)] + 1;
            int end = text.IndexOfAny([',', '}', ']', '\n'], at);
            if (end < 0) end = text.Length;
            text = random.Next(5) switch
            {
                0 => text.Remove(at, end - at),
                1 => text.Insert(end, "," + text[at..end]),
                2 => text.Insert(at, new string('[', random.Next(200))),
                _ => text[..at] + s_values[random.Next(s_values.Length)] + text[end..],
            };
        }
        return Encoding.UTF8.GetBytes(text);
    }

    /// <summary>Makes the checksums of a PNG's chunks right again, so that what is behind them is reached.</summary>
    public static void MendPng(byte[] png)
    {
        for (int at = 8; at + 12 <= png.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at));
            if (length < 0 || at + 12L + length > png.Length) return;
            BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(at + 8 + length), Crc32(png.AsSpan(at + 4, 4 + length)));
            at += 12 + length;
        }
    }

    private static void Fault(List<byte> bytes, Random random)
    {
        // Mostly near the front, where headers are.
        int at = random.Next(random.Next(2) == 0 ? Math.Min(bytes.Count, 64) : bytes.Count);
        switch (random.Next(8))
        {
            case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
            case 1: bytes[at] = (byte)random.Next(256); break;
            case 2: bytes.RemoveRange(at, Math.Min(random.Next(1, 16), bytes.Count - at)); break;
            case 3: bytes.InsertRange(at, Enumerable.Range(0, random.Next(1, 16)).Select(_ => (byte)random.Next(256)).ToArray()); break;
            case 4: bytes.RemoveRange(at, bytes.Count - at); break;
            case 5: bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 200), bytes.Count - at)).ToArray()); break;
            default:
                Span<byte> number = stackalloc byte[4];
                int value = s_extremes[random.Next(s_extremes.Length)];
                if (random.Next(2) == 0) BinaryPrimitives.WriteInt32BigEndian(number, value);
                else BinaryPrimitives.WriteInt32LittleEndian(number, value);
                for (int i = 0; i < (random.Next(2) == 0 ? 2 : 4) && at + i < bytes.Count; i++) bytes[at + i] = number[i];
                break;
        }
    }

    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
        }
        return ~crc;
    }
}
