using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Lamina.Learning.Data;

/// <summary>
/// x · scale + offset with a scale and offset for each channel, channels last. Both are laid out for sixteen pixels, so that
/// any number of channels is whole vectors; vectors and the tail multiply and add alike, to the bit.
/// </summary>
internal sealed class ChannelScale
{
    private const int Pixels = 16;
    private readonly float[] _scale, _offset;

    private ChannelScale(Normalization normalization)
    {
        int channels = normalization.Channels;
        _scale = new float[channels * Pixels];
        _offset = new float[channels * Pixels];
        for (int i = 0; i < _scale.Length; i++)
        {
            double deviation = normalization.Deviation[i % channels];
            _scale[i] = (float)(1 / (255 * deviation));
            _offset[i] = (float)(-normalization.Mean[i % channels] / deviation);
        }
    }

    /// <summary>From pixels 0 to 255.</summary>
    public static ChannelScale ForPixels(Normalization normalization) => new(normalization);

    public void Apply(ReadOnlySpan<byte> from, Span<float> to)
    {
        ref byte source = ref MemoryMarshal.GetReference(from);
        ref float result = ref MemoryMarshal.GetReference(to);
        int i = 0, period = _scale.Length;
        for (; i + period <= from.Length; i += period)
            for (int j = 0; j < period; j += 16)
            {
                (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(Vector128.LoadUnsafe(ref source, (nuint)(i + j)));
                (Vector128<uint> a, Vector128<uint> b) = Vector128.Widen(low);
                (Vector128<uint> c, Vector128<uint> d) = Vector128.Widen(high);
                Scale(Vector128.ConvertToSingle(a.AsInt32()), j).StoreUnsafe(ref result, (nuint)(i + j));
                Scale(Vector128.ConvertToSingle(b.AsInt32()), j + 4).StoreUnsafe(ref result, (nuint)(i + j + 4));
                Scale(Vector128.ConvertToSingle(c.AsInt32()), j + 8).StoreUnsafe(ref result, (nuint)(i + j + 8));
                Scale(Vector128.ConvertToSingle(d.AsInt32()), j + 12).StoreUnsafe(ref result, (nuint)(i + j + 12));
            }
        for (int j = 0; i < from.Length; i++, j++) to[i] = from[i] * _scale[j] + _offset[j];
    }

    public void Apply(ReadOnlySpan<float> from, Span<float> to)
    {
        ref float source = ref MemoryMarshal.GetReference(from);
        ref float result = ref MemoryMarshal.GetReference(to);
        int i = 0, period = _scale.Length;
        for (; i + period <= from.Length; i += period)
            for (int j = 0; j < period; j += 4)
                Scale(Vector128.LoadUnsafe(ref source, (nuint)(i + j)), j).StoreUnsafe(ref result, (nuint)(i + j));
        for (int j = 0; i < from.Length; i++, j++) to[i] = from[i] * _scale[j] + _offset[j];
    }

    /// <summary>
    /// (x − mean) / deviation of values in the unit of the normalisation: the mean goes first, so that values far from 0 keep their distances.
    /// </summary>
    public static void ApplyToValues(Normalization normalization, ReadOnlySpan<float> from, Span<float> to)
    {
        int channels = normalization.Channels, period = channels * Pixels, i = 0;
        float[] mean = new float[period], scale = new float[period];
        for (int j = 0; j < period; j++) (mean[j], scale[j]) = (normalization.Mean[j % channels], (float)(1.0 / normalization.Deviation[j % channels]));
        ref float source = ref MemoryMarshal.GetReference(from), result = ref MemoryMarshal.GetReference(to);
        for (; i + period <= from.Length; i += period)
            for (int j = 0; j < period; j += 4)
                ((Vector128.LoadUnsafe(ref source,
                    (nuint)(i + j)) - Vector128.LoadUnsafe(ref mean[j])) * Vector128.LoadUnsafe(ref scale[j])).StoreUnsafe(ref result, (nuint)(i + j));
        for (int j = 0; i < from.Length; i++, j++) to[i] = (from[i] - mean[j]) * scale[j];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector128<float> Scale(Vector128<float> x, int at) =>
        x * Vector128.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(_scale), (nuint)at)
        + Vector128.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(_offset), (nuint)at);
}
