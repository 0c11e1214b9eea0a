using Lamina.Tasks.Images;
using SkiaSharp;

namespace Lamina.Tasks.Tests.Images;

public sealed class ImageSourceTests
{
    private const string Accepted = "a folder, or a .zip, that holds a folder a class";

    private static LabeledImages Open(string path, ImageReadOptions? options = null) =>
        ImageSource.Open(path, options, cancel: TestContext.Current.CancellationToken);

    [Fact]
    public void Suggests_a_name_near_a_missing_one()
    {
        using TempFolder folder = new TempFolder().WithCatsAndDogs("images/");
        Refused.Open(folder.At("imgaes"), folder.At("imgaes"), "there's no such file or folder", $"{folder.At("images")}, which is there, or the path of your data");
        DataException e = Refused.Open(folder.At("unlike"), folder.At("unlike"), "there's no such file or folder", "the path of your data");
        Assert.DoesNotContain("which is there", e.Message, StringComparison.Ordinal);
        Refused.Open(folder.At("no/where"), folder.At("no/where"), "there's no such file or folder", $"a folder that exists ({folder.At("no")} doesn't either)");
    }

    [Fact]
    public void Refuses_single_files_and_says_what_they_are()
    {
        using var folder = new TempFolder();
        string idx = folder.Write("train-images-idx3-ubyte", SampleImages.Idx([1, 1, 1], [1]));
        Refused.Open(idx, idx, "one IDX file alone, where images and labels are needed together", "the folder that holds them: train-images-idx3-ubyte");
        string packed = folder.Write("train-images-idx3-ubyte.gz", SampleImages.Gzip(SampleImages.Idx([1, 1, 1], [1])));
        Refused.Open(packed, packed, "one IDX file alone", "the folder that holds them");

        string image = folder.Write("cat.png", SampleImages.Png(2, 2, 1));
        Refused.Open(image, image, "found a single image", Accepted);
        string table = folder.Write("data.npz", [1, 2, 3, 4]);
        Refused.Open(table, table, "found a file that's neither (.npz)", Accepted);
        string empty = folder.Write("empty", []);
        Refused.Open(empty, empty, "found an empty file", Accepted);
    }

    [Fact]
    public void One_colour_image_makes_the_whole_set_colour()
    {
        using TempFolder folder = new TempFolder().WithCatsAndDogs("train/").WithCatsAndDogs("test/");
        Assert.Equal((1, 1), (Open(folder.Root).Train.Channels, Open(folder.Root).Test!.Channels));

        folder.Write("test/dog/red.png", SampleImages.Png(4, 4, (_, _) => new SKColor(255, 0, 0)));
        LabeledImages data = Open(folder.Root);
        Assert.Equal((3, 3), (data.Train.Channels, data.Test!.Channels));
        Assert.Equal([10, 10, 10], data.Train.Image(0)[..3].ToArray());
        Assert.Equal([255, 0, 0], data.Test.Image(4)[..3].ToArray());
    }

    [Fact]
    public void The_most_common_size_is_taken_and_others_are_resized()
    {
        using TempFolder folder = new TempFolder().WithCatsAndDogs(size: 28);
        folder.Write("cat/wide.png", SampleImages.Png(20, 60, 7));
        LabeledImages data = Open(folder.Root);
        Assert.Equal((28, 28), (data.Train.Height, data.Train.Width));
        Assert.Equal(["resized 1 image of other sizes to 28×28"], data.Notes);
        Assert.All(data.Train.Image(2).ToArray(), p => Assert.Equal(7, p));

        Assert.Equal(["resized all 5 images to 6×7"], Open(folder.Root, new ImageReadOptions { Size = new(6, 7) }).Notes);
    }

    [Fact]
    public void The_size_follows_its_rule()
    {
        static ImageSize Choose(params (int Height, int Width)[] sizes) =>
            ClassFolderReader.ChooseSize([.. sizes.Select(s => new ImageSize(s.Height, s.Width))]);
        Assert.Equal(new(28, 28), Choose((28, 28), (28, 28), (500, 500)));
        Assert.Equal(new(100, 128), Choose((100, 128)));
        Assert.Equal(new(64, 64), Choose((100, 129)));
        Assert.Equal(new(64, 64), Choose((640, 480), (640, 480), (28, 28)));
        Assert.Equal(new(20, 10), Choose((20, 10), (30, 10))); // of equals the smaller
        Assert.Equal(new(40, 40), Choose((10, 20), (30, 25), (40, 30), (50, 45), (61, 60))); // none common: the median
        Assert.Equal(new(64, 64), Choose());
    }

    [Fact]
    public void Transparency_is_noted()
    {
        using TempFolder folder = new TempFolder().WithCatsAndDogs();
        folder.Write("cat/glass.png", SampleImages.Png(4, 4, (_, _) => new SKColor(0, 0, 0, 0)));
        LabeledImages data = Open(folder.Root);
        Assert.Equal(["laid 1 image with transparency over white"], data.Notes);
        Assert.Equal(255, data.Train.Image(2)[0]);
    }

    [Fact]
    public void Orientation_counts_for_the_size()
    {
        using var folder = new TempFolder();
        byte[] upright = SampleImages.Encode(24, 16, (_, _) => new SKColor(9, 9, 9), SKEncodedImageFormat.Jpeg);
        byte[] lying = SampleImages.WithOrientation(SampleImages.Encode(16, 24, (_, _) => new SKColor(9, 9, 9), SKEncodedImageFormat.Jpeg), 6);
        foreach (string name in new[] { "a/1.jpg", "a/2.jpg", "b/1.jpg", "b/2.jpg" })
        {
            folder.Write(name, name.EndsWith("1.jpg", StringComparison.Ordinal) ? upright : lying);
        }

        LabeledImages data = Open(folder.Root);
        Assert.Equal((24, 16), (data.Train.Height, data.Train.Width));
        Assert.Empty(data.Notes);
    }

    [Fact]
    public void Progress_rises_to_the_total()
    {
        using TempFolder folder = new TempFolder().WithCatsAndDogs("train/").WithCatsAndDogs("test/");
        var seen = new Seen();
        ImageSource.Open(folder.Root, progress: seen, cancel: TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(1, 8).Select(i => new ImageProgress(i, 8)), seen.Reports);
    }

    [Fact]
    public void Cancelling_stops_the_reading()
    {
        using TempFolder folder = new TempFolder().WithCatsAndDogs();
        for (int i = 0; i < 500; i++)
        {
            folder.Write($"cat/more{i}.png", SampleImages.Png(4, 4, 1));
        }

        using var source = new CancellationTokenSource();
        var seen = new Seen { Then = source.Cancel };
        Assert.ThrowsAny<OperationCanceledException>(() => ImageSource.Open(folder.Root, progress: seen, cancel: source.Token));
        Assert.InRange(seen.Reports[^1].Done, 1, 503);
        Assert.ThrowsAny<OperationCanceledException>(() => ImageSource.Open(folder.Root, cancel: source.Token));
    }

    [Fact]
    public void Refuses_options_and_paths_without_sense()
    {
        using TempFolder folder = new TempFolder().WithCatsAndDogs();
        Assert.Throws<ArgumentException>(() => Open(" "));
        ArgumentException e = Assert.Throws<ArgumentException>(() => Open(folder.Root, new ImageReadOptions { Size = new(0, 4) }));
        Assert.Contains("a size of 0×4 is outside 1 to 8192", e.Message, StringComparison.Ordinal);
    }

    private sealed class Seen : IProgress<ImageProgress>
    {
        internal List<ImageProgress> Reports { get; } = [];

        internal Action? Then { get; init; }

        public void Report(ImageProgress value)
        {
            Reports.Add(value);
            Then?.Invoke();
        }
    }
}
