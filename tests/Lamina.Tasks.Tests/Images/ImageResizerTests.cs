using Lamina.Tasks.Images;

namespace Lamina.Tasks.Tests.Images;

public sealed class ImageResizerTests
{
    private static byte[] Resize(byte[] source, ImageSize from, ImageSize to, int channels = 1)
    {
        var target = new byte[to.Height * to.Width * channels];
        ImageResizer.Resize(source, from, target, to, channels);
        return target;
    }

    [Fact]
    public void The_same_size_is_the_same_image() =>
        Assert.Equal([1, 2, 3, 4, 5, 6], Resize([1, 2, 3, 4, 5, 6], new(2, 3), new(2, 3)));

    [Theory]
    [InlineData(7, 5, 3, 2)]
    [InlineData(3, 2, 7, 5)]
    [InlineData(1, 1, 4, 9)]
    [InlineData(300, 2, 1, 64)]
    public void One_colour_stays_that_colour(int height, int width, int toHeight, int toWidth)
    {
        byte[] source = [.. Enumerable.Repeat<byte[]>([200, 10, 255], height * width).SelectMany(p => p)];
        byte[] target = Resize(source, new(height, width), new(toHeight, toWidth), channels: 3);
        Assert.Equal([.. Enumerable.Repeat<byte[]>([200, 10, 255], toHeight * toWidth).SelectMany(p => p)], target);
    }

    [Fact]
    public void Enlarging_goes_straight_from_pixel_to_pixel() =>
        Assert.Equal([0, 25, 75, 100], Resize([0, 100], new(1, 2), new(1, 4)));

    [Fact]
    public void Shrinking_weighs_by_distance()
    {
        // Four pixels to two: the triangle reaches two pixels to each side of the new centre, cut off at the edge, so
        // the first is made of the first three by weights 3, 3 and 1.
        Assert.Equal([10, 60], Resize([0, 0, 70, 70], new(1, 4), new(1, 2)));
    }

    [Fact]
    public void Rows_and_columns_are_treated_alike()
    {
        var random = new Random(5);
        var source = new byte[13 * 9];
        random.NextBytes(source);
        byte[] across = Resize(source, new(13, 9), new(6, 4));
        byte[] down = Resize(Turn(source, 13, 9), new(9, 13), new(4, 6));
        Assert.All(across.Zip(Turn(down, 4, 6)), p => Assert.InRange(p.First - p.Second, -1, 1)); // another order of rounding
    }

    private static byte[] Turn(byte[] image, int height, int width) =>
        [.. Enumerable.Range(0, width).SelectMany(column => Enumerable.Range(0, height).Select(row => image[(row * width) + column]))];
}
