using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Lamina.Learning.Data;

/// <summary>
/// Samples pictures of one size with bilinear weights. The original is laid out once as floats with a border around it, so
/// the sampler only has to keep places inside the border and never asks which side it is on. A pixel's channels are one
/// vector, four at a time: what a vector holds beyond them is written over by the pixel that follows.
/// </summary>
internal sealed unsafe class PictureSampler(int height, int width, int channels, Border border)
{
    /// <summary>Floats that may be read or written beyond the end.</summary>
    public const int Slack = 4;

    private readonly int _pad = border == Border.Mirror ? (Math.Max(height, width) + 7) / 8 + 1 : 1;

    // One column and one row more than the border: the neighbour of the last place.
    private int RowLength => (width + 2 * _pad + 1) * channels;

    private int Rows => height + 2 * _pad + 1;

    /// <summary>Floats of a padded original.</summary>
    public int PaddedLength => Rows * RowLength + Slack;

    /// <summary>Lays a picture out as floats 0 to 255 with its border.</summary>
    public void Lay(ReadOnlySpan<byte> picture, float* padded)
    {
        int rowLength = RowLength, inner = width * channels;
        for (int row = 0; row < Rows; row++, padded += rowLength)
        {
            int from = Source(row - _pad, height);
            if (from < 0)
            {
                new Span<float>(padded, rowLength).Clear();
                continue;
            }
            float* first = padded + _pad * channels;
            Widen(picture.Slice(from * inner, inner), first);
            for (int column = 0; column < _pad; column++) CopyPixel(first, column - _pad);
            for (int column = width; column <= width + _pad; column++) CopyPixel(first, column);
        }
        new Span<float>(padded, Slack).Clear();
    }

    /// <summary>The result of a change, from a laid out picture, as (height, width, channels).</summary>
    public void Sample(float* padded, in PictureChange change, float* to)
    {
        int rowLength = RowLength;
        Vector128<float> step = Vector128.Create(change.Xx, change.Yx, 0, 0), origin = Vector128.Create(change.X0 + _pad, change.Y0 + _pad, 0, 0);
        Vector128<float> down = Vector128.Create(change.Xy, change.Yy, 0, 0), last = Vector128.Create((float)(width - 1 + 2 * _pad), height - 1 + 2 * _pad, 0, 0);
        for (int y = 0; y < height; y++)
        {
            Vector128<float> row = down * y + origin;
            for (int x = 0; x < width; x++, to += channels)
            {
                Vector128<float> place = Vector128.MinNative(Vector128.MaxNative(step * x + row, Vector128<float>.Zero), last);
                Vector128<int> whole = Vector128.ConvertToInt32Native(place);
                Vector128<float> part = place - Vector128.ConvertToSingle(whole);
                Vector128<float> right = Vector128.Shuffle(part, Vector128.Create(0, 0, 0, 0)), below = Vector128.Shuffle(part, Vector128.Create(1, 1, 1, 1));
                float* from = padded + whole[1] * rowLength + whole[0] * channels;
                for (int channel = 0; channel < channels; channel += 4, from += 4)
                {
                    Vector128<float> a = Vector128.Load(from), b = Vector128.Load(from + channels);
                    Vector128<float> c = Vector128.Load(from + rowLength), d = Vector128.Load(from + rowLength + channels);
                    Vector128<float> top = a + right * (b - a), bottom = c + right * (d - c);
                    (top + below * (bottom - top)).Store(to + channel);
                }
            }
        }
    }

    private void CopyPixel(float* first, int column)
    {
        int from = Source(column, width);
        for (int channel = 0; channel < channels; channel++)
            first[column * channels + channel] = from < 0 ? 0 : first[from * channels + channel];
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
            uint four = System.Runtime.CompilerServices.Unsafe.ReadUnaligned<uint>(ref System.Runtime.CompilerServices.Unsafe.Add(ref source, i));
            Vector128<ushort> wide = Vector128.WidenLower(Vector128.CreateScalarUnsafe(four).AsByte());
            Vector128.ConvertToSingle(Vector128.WidenLower(wide).AsInt32()).Store(to + i);
        }
        for (; i < from.Length; i++) to[i] = from[i];
    }
}
