using Lamina.Learning.Data;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using Xunit;

namespace Lamina.Learning.Tests.Data;

public class DatasetTests
{
    [Fact]
    public void Tensor_rows_are_gathered()
    {
        var set = new TensorDataset(Tensor.From(new float[] { 1, 2, 3, 4, 5, 6 }, [3, 2]), Tensor.From(new long[] { 7, 8, 9 }, [3]));
        Batch batch = set.Take([2, 0, 2]);
        Assert.Equal([5f, 6, 1, 2, 5, 6], batch.Input.ToArray<float>());
        Assert.Equal([9L, 7, 9], batch.Target.ToArray<long>());
        Assert.Equal(new Spec(DType.Float32, [3, 2]), batch.Input.Spec);
        Assert.Throws<TensorException>(() => new TensorDataset(Tensor.From(new float[6], [3, 2]), Tensor.From(1f, 2f)));
    }

    [Fact]
    public void A_subset_of_a_subset_reads_from_the_whole()
    {
        Dataset part = new NumbersDataset(20).Select([3, 5, 7, 9]).Select([3, 1]);
        Assert.Equal([9, 5], part.Take([0, 1]).Target.ToArray<int>());
        // The draw belongs to the example, wherever it stands.
        Assert.Equal(new NumbersDataset(20).Take([9], 4, 2).Input.ToArray<float>(), part.Take([0], 4, 2).Input.ToArray<float>());
        Assert.Throws<ArgumentOutOfRangeException>(() => part.Select([2]));
    }

    [Theory, InlineData(1, 5, 7), InlineData(3, 9, 11), InlineData(2, 16, 16), InlineData(5, 3, 3)]
    public void Images_are_normalised_by_what_was_measured(int channels, int height, int width)
    {
        var random = new Random(1);
        byte[] pixels = new byte[6 * height * width * channels];
        random.NextBytes(pixels);
        var images = new ImageDataset(pixels, height, width, channels, new int[] { 0, 1, 0, 1, 1, 1 }, ["cat", "dog"]);
        int[] some = [0, 2, 3, 5];
        Normalization measured = Normalization.Of(images, some);
        Batch raw = images.Take(some), normal = images.With(measured).Take(some);
        Normalization floats = Normalization.Of(raw.Input);
        for (int c = 0; c < channels; c++)
        {
            Assert.Equal(floats.Mean[c], measured.Mean[c], 1e-6f);
            Assert.Equal(floats.Deviation[c], measured.Deviation[c], 1e-6f);
        }
        Normalization after = Normalization.Of(normal.Input);
        Assert.All(after.Mean, m => Assert.Equal(0, m, 1e-5f));
        Assert.All(after.Deviation, d => Assert.Equal(1, d, 1e-5f));
        Assert.Equal([0, 0, 1, 1], normal.Target.ToArray<int>());
        float[] x = raw.Input.ToArray<float>(), direct = new float[x.Length];
        for (int i = 0; i < some.Length; i++)
            measured.Apply(images.Pixels(some[i]), direct.AsSpan(i * height * width * channels, height * width * channels));
        Assert.Equal(normal.Input.ToArray<float>(), direct);
        measured.Apply(x, direct);
        for (int i = 0; i < x.Length; i++) Assert.Equal((x[i] - measured.Mean[i % channels]) / measured.Deviation[i % channels], direct[i], 1e-5f);
    }

    [Fact]
    public void A_constant_channel_is_left_finite()
    {
        var images = new ImageDataset(new byte[] { 9, 1, 9, 2, 9, 3 }, 1, 3, 2, new int[1], ["a"]);
        Normalization measured = Normalization.Of(images, [0]);
        Assert.Equal(1, measured.Deviation[0]);
        Assert.Equal(0f, images.With(measured).Take([0]).Input.ToArray<float>()[0], 1e-6f);
        Assert.Equal(measured, Normalization.Of(images, [0]));
        Assert.NotEqual(measured, Normalization.None(2));
    }

    [Fact]
    public void Values_far_from_zero_keep_their_distances()
    {
        // Two channels: one constant, one of steps of 1/16 around a million.
        float[] values = [.. Enumerable.Range(0, 100).SelectMany(i => new[] { 1e7f / 3, 1e6f + i % 3 * 0.0625f })], to = new float[200];
        Normalization measured = Normalization.Of(Tensor.From(values, (100, 2)));
        measured.Apply(values, to);
        Assert.Equal(1, measured.Deviation[0]);
        for (int i = 0; i < 200; i++) Assert.Equal((values[i] - (double)measured.Mean[i % 2]) / measured.Deviation[i % 2], to[i], 1e-6);
        Assert.Equal(0, to[0]);
    }

    [Fact]
    public void Wrong_images_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new ImageDataset(new byte[10], 2, 2, 1, new int[3], ["a"]));
        Assert.Throws<ArgumentException>(() => new ImageDataset(new byte[4], 2, 2, 1, new[] { 1 }, ["a"]));
        Assert.Throws<ArgumentException>(() => new ImageDataset(new byte[4], 2, 2, 1, new int[1], ["a"]).With(Normalization.None(3)));
    }
}
