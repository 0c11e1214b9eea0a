using Lamina.Tasks.Images;
using SkiaSharp;

namespace Lamina.Tasks.Tests.Images;

public sealed class ImageReaderTests
{
    private static IReadOnlyList<ImageRead> Read(string[] files, int height, int width, int channels) =>
        ImageReader.ReadFiles(files, height, width, channels, cancel: TestContext.Current.CancellationToken);

    [Fact]
    public void Gives_each_file_its_pixels_or_its_error()
    {
        using var folder = new TempFolder();
        string[] files =
        [
            folder.Write("red.png", SampleImages.Png(4, 4, (_, _) => new SKColor(255, 0, 0))),
            folder.Write("text.png", "no image"u8.ToArray()),
            folder.At("missing.png"),
            folder.Root,
            folder.Write("cut.png", SampleImages.Noise(32, SKEncodedImageFormat.Png)[..2000]),
            folder.Write("grey.png", SampleImages.Png(2, 2, 90)),
        ];

        IReadOnlyList<ImageRead> results = Read(files, 2, 2, 3);

        Assert.Equal(files, results.Select(r => r.File));
        Assert.Equal(
            [null, "not an image", "there's no such file", "a folder, not an image file", "truncated", null],
            results.Select(r => r.Error));
        Assert.Equal([255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0], results[0].Pixels);
        Assert.Null(results[1].Pixels);
        Assert.All(results[5].Pixels!, p => Assert.Equal(90, p));
        Assert.Equal([76, 76, 76, 76], Read(files, 2, 2, 1)[0].Pixels);
    }

    [Fact]
    public void Reads_as_the_training_did()
    {
        using var folder = new TempFolder();
        string[] files =
        [
            .. new[] { "a/1", "a/2", "b/1", "b/2" }.Select((name, i) => folder.Write(
                name + ".jpg", SampleImages.Noise(40 + i, SKEncodedImageFormat.Jpeg, seed: i))),
        ];
        ImageSet set = ImageSource.Open(folder.Root, new ImageReadOptions { Size = new(16, 20) }, cancel: TestContext.Current.CancellationToken).Train;
        Assert.Equal(set.Pixels, Read(files, 16, 20, 3).SelectMany(r => r.Pixels!));
    }

    [Fact]
    public void Refuses_sizes_without_sense()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Read([], 0, 2, 3));
        Assert.Throws<ArgumentException>(() => Read([], 2, 2, 2));
    }
}
