using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace Lamina.Tasks.Tests.Images;

/// <summary>Makes arrays of NumPy, good and bad.</summary>
internal static class SampleArrays
{
    /// <summary>An array as np.save writes it.</summary>
    internal static byte[] Npy<T>(int[] shape, T[] values, string type, bool isFortran = false) where T : unmanaged =>
        Npy($"({string.Join(", ", shape.Select(s => s.ToString(CultureInfo.InvariantCulture)))}{(shape.Length == 1 ? "," : "")})",
            MemoryMarshal.AsBytes(values.AsSpan()).ToArray(),
            $"'{type}'", isFortran);

    internal static byte[] Npy(string shape, byte[] values, string type, bool isFortran = false)
    {
        string header = $"{{'descr': {type}, 'fortran_order': {(isFortran ? "True" : "False")}, 'shape': {shape}, }}";
        header = header.PadRight((header.Length + 11 + 63) / 64 * 64 - 11) + "\n";
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, (byte)(header.Length >> 8), .. Encoding.ASCII.GetBytes(header), .. values];
    }

    internal static byte[] Bytes(int[] shape, byte[] values) => Npy(shape, values, "|u1");

    /// <summary>Images of one grey value each: (n, side, side).</summary>
    internal static byte[] Images(int side, params byte[] greys) =>
        Bytes([greys.Length, side, side], [.. greys.SelectMany(g => Enumerable.Repeat(g, side * side))]);

    internal static byte[] Labels(params byte[] labels) => Bytes([labels.Length], labels);

    internal static string Npz(this TempFolder folder, string name, params (string Key, byte[] Bytes)[] arrays) =>
        folder.Zip(name, [.. arrays.Select(a => ($"{a.Key}.npy", a.Bytes))]);

    /// <summary>Dark and light images by turns, labelled 0 and 1.</summary>
    internal static (string Key, byte[] Bytes)[] DarkAndLight(string prefix, int count, string images = "images", string labels = "labels") =>
    [
        ($"{prefix}{images}", Images(8, [.. Enumerable.Range(0, count).Select(i => (byte)(i % 2 == 0 ? i : 255 - i))])),
        ($"{prefix}{labels}", Labels([.. Enumerable.Range(0, count).Select(i => (byte)(i % 2))])),
    ];
}
