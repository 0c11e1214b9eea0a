using System.Buffers;

namespace Lamina.Tasks.Images;

/// <summary>
/// Resizes with a triangle filter that widens as the picture shrinks, so that every source pixel counts and nothing
/// flickers. It's written here, not taken from SkiaSharp, because plain arithmetic in a fixed order gives the same
/// bytes on every machine, and SkiaSharp's own depends on the processor's instructions.
/// </summary>
internal static class PictureResizer
{
    /// <summary>Resizes (height, width, channels) bytes; proportions aren't kept.</summary>
    internal static void Resize(
        ReadOnlySpan<byte> source, PictureSize from, Span<byte> target, PictureSize to, int channels)
    {
        if (from == to)
        {
            source[..(int)(from.Area * channels)].CopyTo(target);
            return;
        }

        Taps across = Taps.Of(from.Width, to.Width);
        Taps down = Taps.Of(from.Height, to.Height);
        int line = to.Width * channels;
        float[] narrowed = ArrayPool<float>.Shared.Rent(checked(from.Height * line)); // (from.Height, to.Width, channels)
        for (int row = 0; row < from.Height; row++)
        {
            int step = from.Width * channels;
            ResizeRow(source.Slice(row * step, step), narrowed.AsSpan(row * line, line), across, channels);
        }

        Span<float> sums = new float[line];
        for (int row = 0; row < to.Height; row++)
        {
            sums.Clear();
            for (int tap = 0; tap < down.Count[row]; tap++)
            {
                float weight = down.Weights[(row * down.Widest) + tap];
                ReadOnlySpan<float> values = narrowed.AsSpan((down.First[row] + tap) * line, line);
                for (int i = 0; i < sums.Length; i++)
                {
                    sums[i] += weight * values[i];
                }
            }

            Span<byte> output = target.Slice(row * line, line);
            for (int i = 0; i < sums.Length; i++)
            {
                output[i] = (byte)Math.Clamp(sums[i] + 0.5f, 0f, 255f);
            }
        }

        ArrayPool<float>.Shared.Return(narrowed);
    }

    private static void ResizeRow(ReadOnlySpan<byte> source, Span<float> target, Taps taps, int channels)
    {
        for (int column = 0; column < taps.First.Length; column++)
        {
            ReadOnlySpan<float> weights = taps.Weights.AsSpan(column * taps.Widest, taps.Count[column]);
            for (int channel = 0; channel < channels; channel++)
            {
                int at = (taps.First[column] * channels) + channel;
                float sum = 0;
                foreach (float weight in weights)
                {
                    sum += weight * source[at];
                    at += channels;
                }

                target[(column * channels) + channel] = sum;
            }
        }
    }

    /// <summary>For each target pixel of an axis: the source pixels it's made of, and their weights, which sum to 1.</summary>
    private sealed record Taps(int[] First, int[] Count, float[] Weights, int Widest)
    {
        internal static Taps Of(int from, int to)
        {
            double scale = (double)from / to;
            double reach = Math.Max(1, scale); // half the triangle's base, in source pixels
            int widest = (int)Math.Ceiling(2 * reach) + 1;
            var first = new int[to];
            var count = new int[to];
            var weights = new float[to * widest];
            for (int i = 0; i < to; i++)
            {
                double centre = (i + 0.5) * scale;
                int begin = Math.Max(0, (int)Math.Floor(centre - reach + 0.5));
                int end = Math.Min(from, (int)Math.Floor(centre + reach + 0.5));
                double sum = 0;
                for (int x = begin; x < end; x++)
                {
                    sum += Triangle((x + 0.5 - centre) / reach);
                }

                for (int x = begin; x < end; x++)
                {
                    weights[(i * widest) + x - begin] = (float)(Triangle((x + 0.5 - centre) / reach) / sum);
                }

                first[i] = begin;
                count[i] = end - begin;
            }

            return new Taps(first, count, weights, widest);
        }

        private static double Triangle(double x) => Math.Max(0, 1 - Math.Abs(x));
    }
}
