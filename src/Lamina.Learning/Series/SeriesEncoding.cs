using Lamina.Learning.Data;
using Lamina.Learning.Layers;
using Lamina.Learning.Saving;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Series;

/// <summary>
/// Series of different lengths as two inputs of a network: float32 (series, steps, channels), standardised by channel and padded with zeros, and a
/// mask, float32
/// (series, steps), of ones where there is a step. Missing values are put in between their neighbours. Long series are averaged over some steps at
/// a time,
/// and of those that are longer still the middle is taken.
/// </summary>
public sealed partial record SeriesEncoding : SeriesPreprocessing
{
    private const int MostChannels = 10_000, Most = 1_000_000;

    /// <summary>An encoding of these values.</summary>
    /// <param name="scale">Mean and deviation of each channel over the training series.</param>
    /// <param name="every">Number of steps that are averaged to one, from 1.</param>
    /// <param name="steps">The most steps after that, from 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public SeriesEncoding(Normalization scale, int every, int steps)
    {
        Expect.AtLeast(1, every);
        Expect.AtLeast(1, steps);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(every, Most);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(steps, Most);
        if (scale.Channels is < 1 or > MostChannels) throw new ArgumentOutOfRangeException(nameof(scale), scale.Channels,
            $"a series has 1 to {MostChannels:N0} channels");
        (Scale, Every, Steps) = (scale, every, steps);
    }

    /// <summary>Mean and deviation of each channel.</summary>
    public Normalization Scale { get; }

    /// <summary>Number of steps that are averaged to one.</summary>
    public int Every { get; }

    /// <summary>The most steps after that.</summary>
    public int Steps { get; }

    /// <inheritdoc/>
    public override Lamina.Tensors.Tensors Encode(IReadOnlyList<float[]> series)
    {
        float[][] encoded = [.. series.Select(EncodeOne)];
        int channels = Scale.Channels, longest = encoded.Select(e => e.Length / channels).DefaultIfEmpty(1).Max();
        Tensor values = Tensor.Create<float>(new Shape(series.Count, longest, channels), to =>
        {
            to.Clear();
            for (int i = 0; i < encoded.Length; i++) encoded[i].CopyTo(to[(i * longest * channels)..]);
        });
        Tensor mask = Tensor.Create<float>(new Shape(series.Count, longest), to =>
        {
            for (int i = 0; i < encoded.Length; i++)
                for (int t = 0; t < longest; t++) to[i * longest + t] = t < encoded[i].Length / channels ? 1 : 0;
        });
        return [values, mask];
    }

    /// <summary>A series (steps, channels) as the network gets it, without padding.</summary>
    /// <exception cref="FormatException">It has no steps, or isn't of whole steps.</exception>
    public float[] EncodeOne(float[] series)
    {
        int channels = Scale.Channels, have = series.Length / channels;
        if (series.Length == 0 || series.Length % channels != 0)
            throw new FormatException(series.Length == 0 ? "a series has no steps"
                : $"a series of {series.Length} values isn't one of whole steps: there are {channels} channels");
        float[] whole = Filled(series, channels);
        int steps = Math.Max(1, have / Every), taken = Math.Min(steps, Steps), first = (steps - taken) / 2;
        var values = new float[taken * channels];
        for (int t = 0; t < taken; t++)
            for (int c = 0; c < channels; c++)
            {
                double sum = 0;
                int begin = (first + t) * Every, end = Math.Min(begin + Every, have);
                for (int i = begin; i < end; i++) sum += whole[i * channels + c];
                values[t * channels + c] = (float)((sum / (end - begin) - Scale.Mean[c]) / Scale.Deviation[c]);
            }
        return values;
    }

    // Linear between the values around a gap; the nearest one at the ends; the training's mean where a channel has none.
    private float[] Filled(float[] series, int channels)
    {
        if (Array.TrueForAll(series, float.IsFinite)) return series;
        var filled = (float[])series.Clone();
        int steps = series.Length / channels;
        for (int c = 0; c < channels; c++)
        {
            int before = -1;
            for (int t = 0; t <= steps; t++)
            {
                if (t < steps && !float.IsFinite(series[t * channels + c])) continue;
                float left = before >= 0 ? series[before * channels + c] : t < steps ? series[t * channels + c] : Scale.Mean[c];
                float right = t < steps ? series[t * channels + c] : left;
                for (int gap = before + 1; gap < t; gap++) filled[gap * channels + c] = left + (right - left) * (gap - before) / (t - before);
                before = t;
            }
        }
        return filled;
    }

    /// <inheritdoc/>
    public override string ToString() => $"SeriesEncoding({Scale.Channels} channels, every {Every}, {Steps} steps)";
}
