using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Lamina.Learning.Data;

/// <summary>
/// Samples images of one size with bilinear weights. The original is laid out once as floats with a border around it, so
/// the sampler only has to keep places inside the border and never asks which side it is on. What a vector holds beyond
/// a row or a pixel's channels is written over by what follows.
/// </summary>
internal sealed unsafe class ImageSampler(int height, int width, int channels, Border border)
{
    /// <summary>Floats that may be read or written beyond the end.</summary>
    public const int Slack = 4;

    private readonly int _pad = border == Border.Mirror ? (Math.Max(height, width) + 7) / 8 + 1 : 1;

    // One column and one row more than the border: the neighbour of the last place.
    private int RowLength => (width + 2 * _pad + 1) * channels;

    private int Rows => height + 2 * _pad + 1;

    private int PaddedLength => Rows * RowLength + Slack;

    private int Lanes => (width + 3) & ~3;

    /// <summary>Floats that it works in: the padded original, and what is known of the pixels of a row.</summary>
    public int ScratchLength => PaddedLength + 3 * Lanes;

    /// <summary>Lays an image out as floats 0 to 255 with its border.</summary>
    public void Lay(ReadOnlySpan<byte> image, float* padded)
    {
        int rowLength = RowLength, inner = width * channels;
        for (int row = 0; row < height; row++)
        {
            float* first = padded + (row + _pad) * rowLength + _pad * channels;
            Widen(image.Slice(row * inner, inner), first);
            LaySides(first);
        }
        for (int row = -_pad; row <= height + _pad; row = row == -1 ? height : row + 1)
        {
            var line = new Span<float>(padded + (row + _pad) * rowLength, rowLength);
            int from = Source(row, height);
            if (from < 0) line.Clear();
            else new ReadOnlySpan<float>(padded + (from + _pad) * rowLength, rowLength).CopyTo(line);
        }
        new Span<float>(padded + Rows * rowLength, Slack).Clear();
    }

    /// <summary>The result of a change, from a laid out image, as (height, width, channels).</summary>
    public void Sample(float* scratch, in ImageChange change, float* to)
    {
        float* right = scratch + PaddedLength, below = right + Lanes;
        int* offsets = (int*)(below + Lanes);
        for (int y = 0; y < height; y++, to += width * channels)
        {
            Place(change, y, right, below, offsets);
            if (channels == 1) BlendGrey(scratch, right, below, offsets, to);
            else BlendChannels(scratch, right, below, offsets, to);
        }
    }

    /// <summary>
    /// Where the pixels of a row of the result come from: the offset of the upper left neighbour, and the weights of the right and the lower ones.
    /// </summary>
    private void Place(in ImageChange change, int y, float* right, float* below, int* offsets)
    {
        int columns = width, depth = channels, rowLength = RowLength;
        Vector128<float> lastX = Vector128.Create((float)(width - 1 + 2 * _pad)), lastY = Vector128.Create((float)(height - 1 + 2 * _pad));
        Vector128<float> stepX = Vector128.Create(change.Xx), stepY = Vector128.Create(change.Yx), column = Vector128.Create(0f, 1, 2, 3);
        Vector128<float> rowX = Vector128.Create(change.Xy * y + (change.X0 + _pad)), rowY = Vector128.Create(change.Yy * y + (change.Y0 + _pad));
        for (int x = 0; x < columns; x += 4, column += Vector128.Create(4f))
        {
            Vector128<float> placeX = Vector128.MinNative(Vector128.MaxNative(stepX * column + rowX, Vector128<float>.Zero), lastX);
            Vector128<float> placeY = Vector128.MinNative(Vector128.MaxNative(stepY * column + rowY, Vector128<float>.Zero), lastY);
            Vector128<int> wholeX = Vector128.ConvertToInt32Native(placeX), wholeY = Vector128.ConvertToInt32Native(placeY);
            (placeX - Vector128.ConvertToSingle(wholeX)).Store(right + x);
            (placeY - Vector128.ConvertToSingle(wholeY)).Store(below + x);
            (wholeY * rowLength + wholeX * depth).Store(offsets + x);
        }
    }

    // Four pixels are a vector.
    private void BlendGrey(float* padded, float* right, float* below, int* offsets, float* to)
    {
        int columns = width, rowLength = RowLength;
        for (int x = 0; x < columns; x += 4)
        {
            float* p = padded + offsets[x], q = padded + offsets[x + 1], r = padded + offsets[x + 2], s = padded + offsets[x + 3];
            Vector128<float> a = Vector128.Create(p[0], q[0], r[0], s[0]), b = Vector128.Create(p[1], q[1], r[1], s[1]);
            p += rowLength;
            q += rowLength;
            r += rowLength;
            s += rowLength;
            Vector128<float> c = Vector128.Create(p[0], q[0], r[0], s[0]), d = Vector128.Create(p[1], q[1], r[1], s[1]);
            Blend(a, b, c, d, Vector128.Load(right + x), Vector128.Load(below + x)).Store(to + x);
        }
    }

    // Four channels are a vector.
    private void BlendChannels(float* padded, float* right, float* below, int* offsets, float* to)
    {
        int columns = width, depth = channels, rowLength = RowLength;
        for (int x = 0; x < columns; x++, to += depth)
        {
            float* from = padded + offsets[x];
            Vector128<float> weightRight = Vector128.Create(right[x]), weightBelow = Vector128.Create(below[x]);
            for (int channel = 0; channel < depth; channel += 4, from += 4)
                Blend(
                    Vector128.Load(from), Vector128.Load(from + depth), Vector128.Load(from + rowLength), Vector128.Load(from + rowLength + depth),
                    weightRight, weightBelow).Store(to + channel);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Blend(Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d, Vector128<float> right,
        Vector128<float> below)
    {
        Vector128<float> top = a + right * (b - a), bottom = c + right * (d - c);
        return top + below * (bottom - top);
    }

    private void LaySides(float* first)
    {
        int depth = channels, end = width + _pad;
        for (int column = -_pad; column <= end; column = column == -1 ? width : column + 1)
        {
            int from = Source(column, width);
            for (int channel = 0; channel < depth; channel++)
                first[column * depth + channel] = from < 0 ? 0 : first[from * depth + channel];
        }
    }

    /// <summary>The row or column of the original that a place beyond it shows; −1 for black.</summary>
    private int Source(int at, int size)
    {
        if ((uint)at < (uint)size) return at;
        if (border == Border.Black) return -1;
        if (border == Border.Mirror) at = at < 0 ? -at : 2 * size - 2 - at;
        return Math.Clamp(at, 0, size - 1);
    }

    private static void Widen(ReadOnlySpan<byte> from, float* to)
    {
        int i = 0;
        ref byte source = ref MemoryMarshal.GetReference(from);
        for (; i + 4 <= from.Length; i += 4)
        {
            uint four = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref source, i));
            Vector128<ushort> wide = Vector128.WidenLower(Vector128.CreateScalarUnsafe(four).AsByte());
            Vector128.ConvertToSingle(Vector128.WidenLower(wide).AsInt32()).Store(to + i);
        }
        for (; i < from.Length; i++) to[i] = from[i];
    }
}
