namespace Lamina.Tasks.Images;

/// <summary>
/// Resizes an image that comes row by row, with the filter of <see cref="ImageResizer"/>. It holds a few rows of the result or of the
/// source, whatever the image's size, and adds in one order: how the rows are handed over changes no bit.
/// </summary>
internal sealed class RowResizer
{
    private readonly ImageSize _from;
    private readonly ImageSize _to;
    private readonly int _channels;
    private readonly int _line;
    private readonly Taps? _across;
    private readonly Taps? _down;
    private readonly bool _addsUp;
    private readonly int _slots;
    private readonly float[] _rows = [];
    private readonly float[] _narrowed = [];
    private int _row;
    private int _done;

    /// <summary>Prepares for an image of <paramref name="from"/> to become one of <paramref name="to"/>; proportions aren't kept.</summary>
    internal RowResizer(ImageSize from, ImageSize to, int channels)
    {
        (_from, _to, _channels) = (from, to, channels);
        _line = to.Width * channels;
        if (from == to)
        {
            return;
        }

        _across = Taps.Of(from.Width, to.Width);
        _down = Taps.Of(from.Height, to.Height);

        // Shrinking, a few rows of the result are open at a time, and each source row is added to those that it's part of;
        // enlarging, a few source rows are kept instead.
        _addsUp = from.Height >= to.Height;
        _slots = _addsUp ? _down.MostOpen() : _down.Widest;
        _rows = new float[checked(_slots * _line)];
        _narrowed = new float[_line];
    }

    /// <summary>The bytes that are held for an image.</summary>
    internal static long Needs(ImageSize to, int channels) => 8L * to.Width * channels * sizeof(float);

    /// <summary>Takes the next source row, (width, channels), and writes the rows of the result that it completes.</summary>
    internal void Push(ReadOnlySpan<byte> source, Span<byte> target)
    {
        int row = _row++;
        if (_across is null || _down is null)
        {
            source[.._line].CopyTo(target.Slice(row * _line, _line));
            return;
        }

        Span<float> narrowed = _addsUp ? _narrowed : _rows.AsSpan(row % _slots * _line, _line);
        _across.Apply(source, narrowed, _channels);
        if (_addsUp)
        {
            AddUp(row, narrowed, target);
            return;
        }

        while (_done < _to.Height && _down.First[_done] + _down.Count[_done] - 1 <= row)
        {
            Span<float> sums = _narrowed; // free, since the source rows are kept
            sums.Clear();
            for (int tap = 0; tap < _down.Count[_done]; tap++)
            {
                Add(_down.Weight(_done, tap), _rows.AsSpan((_down.First[_done] + tap) % _slots * _line, _line), sums);
            }

            Write(sums, target.Slice(_done++ * _line, _line));
        }
    }

    private void AddUp(int row, ReadOnlySpan<float> narrowed, Span<byte> target)
    {
        for (int open = _done; open < _to.Height && _down!.First[open] <= row; open++)
        {
            Span<float> sums = _rows.AsSpan(open % _slots * _line, _line);
            int tap = row - _down.First[open];
            if (tap == 0)
            {
                sums.Clear();
            }

            Add(_down.Weight(open, tap), narrowed, sums);
            if (tap == _down.Count[open] - 1)
            {
                Write(sums, target.Slice(open * _line, _line));
                _done = open + 1;
            }
        }
    }

    private static void Add(float weight, ReadOnlySpan<float> values, Span<float> sums)
    {
        values = values[..sums.Length];
        for (int i = 0; i < sums.Length; i++)
        {
            sums[i] += weight * values[i];
        }
    }

    private static void Write(ReadOnlySpan<float> sums, Span<byte> output)
    {
        for (int i = 0; i < sums.Length; i++)
        {
            output[i] = (byte)Math.Clamp(sums[i] + 0.5f, 0f, 255f);
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

        internal float Weight(int target, int tap) => Weights[(target * Widest) + tap];

        /// <summary>The most targets that one source pixel is part of.</summary>
        internal int MostOpen()
        {
            int most = 1;
            for (int begin = 0, end = 0; begin < First.Length; begin++)
            {
                end = Math.Max(end, begin);
                while (end < First.Length && First[end] < First[begin] + Count[begin])
                {
                    end++;
                }

                most = Math.Max(most, end - begin);
            }

            return most;
        }

        internal void Apply(ReadOnlySpan<byte> source, Span<float> target, int channels)
        {
            for (int column = 0; column < First.Length; column++)
            {
                ReadOnlySpan<float> weights = Weights.AsSpan(column * Widest, Count[column]);
                for (int channel = 0; channel < channels; channel++)
                {
                    int at = (First[column] * channels) + channel;
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

        private static double Triangle(double x) => Math.Max(0, 1 - Math.Abs(x));
    }
}
