using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Data;

/// <summary>
/// What makes inputs of mean 0 and deviation 1, channel by channel: (x − mean) / deviation. It is measured on the training
/// examples and belongs to the network: it is saved with it, and everything that the network is shown later goes through it.
/// </summary>
/// <param name="Mean">The mean of each channel; of pixels, in parts of full white, 0 to 1.</param>
/// <param name="Deviation">The standard deviation of each channel, in the same unit; greater than zero.</param>
public sealed record Normalization(IReadOnlyList<float> Mean, IReadOnlyList<float> Deviation)
{
    /// <summary>The number of channels (or, for tables, features).</summary>
    public int Channels => Mean.Count;

    /// <summary>Leaves inputs as they are; pixels are 0 to 1.</summary>
    public static Normalization None(int channels) => new(new float[channels], Enumerable.Repeat(1f, channels).ToArray());

    /// <summary>
    /// Measures pixels (count, height, width, channels) of some images. The sums are of whole numbers and exact, so their
    /// order can't matter. A channel that never changes gets deviation 1.
    /// </summary>
    public static Normalization Of(ImageDataset images, ReadOnlySpan<int> indices)
    {
        int channels = images.Channels;
        var sums = new long[channels];
        var squares = new long[channels];
        foreach (int index in indices) Add(images.Pixels(index), sums, squares);
        var mean = new float[channels];
        var deviation = new float[channels];
        Int128 count = (Int128)indices.Length * images.Height * images.Width;
        for (int i = 0; i < channels; i++)
        {
            double spread = count == 0 ? 0 : (double)(count * squares[i] - (Int128)sums[i] * sums[i]);
            mean[i] = count == 0 ? 0 : (float)(sums[i] / (double)count / 255);
            deviation[i] = spread == 0 ? 1 : (float)(Math.Sqrt(spread) / (double)count / 255);
        }
        return new(mean, deviation);
    }

    /// <summary>
    /// Measures float32 values (…, channels) over all axes but the last: in double precision, row by row, the mean first and
    /// the deviation from it after. A channel that never changes gets deviation 1.
    /// </summary>
    /// <exception cref="TensorException">The values are not float32, or there is no axis.</exception>
    public static Normalization Of(Tensor values)
    {
        ReadOnlySpan<float> x = values.Read<float>();
        int channels = values.Shape[^1];
        var mean = new double[channels];
        var spread = new double[channels];
        double rows = channels == 0 ? 0 : x.Length / channels;
        for (int row = 0; row < x.Length; row += channels)
            for (int i = 0; i < channels; i++) mean[i] += x[row + i];
        for (int i = 0; i < channels; i++) mean[i] = rows == 0 ? 0 : mean[i] / rows;
        for (int row = 0; row < x.Length; row += channels)
            for (int i = 0; i < channels; i++) spread[i] += (x[row + i] - mean[i]) * (x[row + i] - mean[i]);
        return new(
            Array.ConvertAll(mean, m => (float)m),
            Array.ConvertAll(spread, s => s == 0 || (float)Math.Sqrt(s / rows) == 0 ? 1f : (float)Math.Sqrt(s / rows)));
    }

    /// <summary>Normalised values of pixels 0 to 255, channels last: whole images, any number of them.</summary>
    /// <exception cref="ArgumentException">The spans have other lengths, or not a whole number of pixels.</exception>
    public void Apply(ReadOnlySpan<byte> pixels, Span<float> to)
    {
        CheckLength(pixels.Length, to.Length);
        ChannelScale.ForPixels(this).Apply(pixels, to);
    }

    /// <summary>Normalised values of values, channels last.</summary>
    /// <exception cref="ArgumentException">The spans have other lengths, or not a whole number of rows.</exception>
    public void Apply(ReadOnlySpan<float> values, Span<float> to)
    {
        CheckLength(values.Length, to.Length);
        ChannelScale.ApplyToValues(this, values, to);
    }

    /// <summary>Equal means and deviations.</summary>
    public bool Equals(Normalization? other) =>
        other is not null && Mean.SequenceEqual(other.Mean) && Deviation.SequenceEqual(other.Deviation);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (float mean in Mean) hash.Add(mean);
        foreach (float deviation in Deviation) hash.Add(deviation);
        return hash.ToHashCode();
    }

    private void CheckLength(int from, int to)
    {
        if (from != to) throw new ArgumentException($"{from} values don't fill {to}");
        if (Channels == 0 || from % Channels != 0) throw new ArgumentException($"{from} values are not a whole number of pixels of {Channels} channels");
    }

    private static void Add(ReadOnlySpan<byte> pixels, long[] sums, long[] squares)
    {
        for (int channel = 0; channel < sums.Length; channel++)
        {
            long sum = 0, square = 0;
            for (int i = channel; i < pixels.Length; i += sums.Length)
            {
                uint value = pixels[i];
                sum += value;
                square += value * value;
            }
            sums[channel] += sum;
            squares[channel] += square;
        }
    }
}
