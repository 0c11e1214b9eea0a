using Lamina.Learning.Data;
using Lamina.Learning.Series;
using Xunit;

namespace Lamina.Learning.Tests.Series;

/// <summary>Series of different lengths as a network's inputs.</summary>
public sealed class SeriesEncodingTests
{
    private static SeriesEncoding Of(int channels = 1, int every = 1, int steps = 100) => new(Normalization.None(channels), every, steps);

    [Fact]
    public void Short_series_are_padded_and_masked()
    {
        Lamina.Tensors.Tensors inputs = new SeriesEncoding(new Normalization([1, 10], [2, 5]), 1, 100).Encode([[1, 10, 3, 15], [5, 5]]);
        Assert.Equal([0, 0, 1, 1, 2, -1, 0, 0], inputs[0].ToArray<float>());
        Assert.Equal([1, 1, 1, 0], inputs[1].ToArray<float>());
        Assert.Equal("(2, 2, 2)", inputs[0].Shape.ToString());
    }

    [Fact]
    public void Gaps_are_filled_between_their_neighbours()
    {
        float nan = float.NaN;
        Assert.Equal([1, 1, 2, 3, 4, 4], Of().EncodeOne([nan, 1, nan, nan, 4, float.PositiveInfinity]));
        // A channel without values is the training's mean, which is 0.
        Assert.Equal([1, 0, 2, 0], new SeriesEncoding(new Normalization([0, 7], [1, 1]), 1, 9).EncodeOne([1, nan, 2, nan]));
    }

    [Fact]
    public void Long_series_are_averaged_and_cropped_to_their_middle()
    {
        Assert.Equal([1.5f, 3.5f], Of(every: 2).EncodeOne([1, 2, 3, 4, 99])); // what is left over is no whole step
        Assert.Equal([4, 5], Of(steps: 2).EncodeOne([1, 2, 3, 4, 5, 6, 7, 8]));
        Assert.Equal([1], Of(every: 5).EncodeOne([1]));
        Assert.Equal(100, Of(every: 1_000).EncodeOne(new float[100_000]).Length);
    }

    [Fact]
    public void Lengths_that_are_not_whole_steps_are_refused()
    {
        Assert.Throws<FormatException>(() => Of().EncodeOne([]));
        Assert.Throws<FormatException>(() => Of(2).EncodeOne([1, 2, 3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Of(every: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Of(steps: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Of(channels: 0));
    }
}
