using Lamina.Tasks.Images;

namespace Lamina.Tasks.Tests.Images;

public sealed class IdxReaderTests
{
    private const string Images = "train-images-idx3-ubyte";
    private const string Labels = "train-labels-idx1-ubyte";
    private const string Again = "downloading or copying the file again";

    private static readonly byte[] FourImages = [.. Enumerable.Range(0, 4 * 6).Select(i => (byte)i)]; // (4, 2, 3)
    private static readonly byte[] FourLabels = [1, 0, 1, 0];

    private static TempFolder Folder(byte[]? images = null, byte[]? labels = null)
    {
        var folder = new TempFolder();
        folder.Write(Images, images ?? SampleImages.Idx([4, 2, 3], FourImages));
        folder.Write(Labels, labels ?? SampleImages.Idx([4], FourLabels));
        return folder;
    }

    private static LabeledImages Open(TempFolder folder, ImageReadOptions? options = null) =>
        ImageSource.Open(folder.Root, options, cancel: TestContext.Current.CancellationToken);

    [Fact]
    public void Reads_images_and_labels()
    {
        using TempFolder folder = Folder();
        LabeledImages data = Open(folder);
        Assert.Equal(FourImages, data.Train.Pixels);
        Assert.Equal([1, 0, 1, 0], data.Train.Labels);
        Assert.Equal(["0", "1"], data.Train.Classes);
        Assert.Equal((4, 2, 3, 1), (data.Train.Count, data.Train.Height, data.Train.Width, data.Train.Channels));
        Assert.Null(data.Test);
        Assert.Empty(data.Notes);
    }

    [Theory]
    [InlineData("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz")]
    [InlineData("test-images.idx3-ubyte", "test-labels.idx1-ubyte")]
    public void Reads_the_test_and_knows_gzip_by_content(string images, string labels)
    {
        using TempFolder folder = Folder(SampleImages.Gzip(SampleImages.Idx([4, 2, 3], FourImages)));
        folder.Write(images, SampleImages.Gzip(SampleImages.Idx([1, 2, 3], [9, 8, 7, 6, 5, 4])));
        folder.Write(labels, SampleImages.Idx([1], [1]));
        LabeledImages data = Open(folder);
        Assert.Equal(FourImages, data.Train.Pixels);
        Assert.Equal([9, 8, 7, 6, 5, 4], data.Test!.Pixels);
        Assert.Equal([1], data.Test.Labels);
    }

    [Fact]
    public void Reads_colour_with_channels_last()
    {
        using TempFolder folder = Folder(SampleImages.Idx([4, 1, 2, 3], FourImages));
        ImageSet train = Open(folder).Train;
        Assert.Equal((1, 2, 3), (train.Height, train.Width, train.Channels));
        Assert.Equal(FourImages, train.Pixels);
    }

    [Fact]
    public void Resizes_where_asked()
    {
        using TempFolder folder = Folder(SampleImages.Idx([4, 2, 2], [.. Enumerable.Range(0, 4).SelectMany(i => Enumerable.Repeat((byte)(i * 10), 4))]));
        LabeledImages data = Open(folder, new ImageReadOptions { Size = new(1, 1) });
        Assert.Equal([0, 10, 20, 30], data.Train.Pixels);
        Assert.Equal(["resized all 4 images to 1×1"], data.Notes);
    }

    [Fact]
    public void Notes_labels_without_images_and_a_packed_twin()
    {
        using TempFolder folder = Folder(labels: SampleImages.Idx([4], [1, 3, 1, 3]));
        folder.Write(Labels + ".gz", [1, 2, 3]);
        LabeledImages data = Open(folder);
        Assert.Equal(["0", "1", "2", "3"], data.Train.Classes);
        Assert.Equal([$"read {Labels}, and ignored {Labels}.gz beside it", "no training image has the label '0', '2'"], data.Notes);
    }

    [Fact]
    public void Refuses_a_wrong_magic_number()
    {
        using TempFolder folder = Folder(images: SampleImages.Idx([4], FourLabels));
        Refused.Open(folder.Root, folder.At(Images), "expected the magic number 00000803 or 00000804 of IDX images at byte 0, found 00000801", Again);

        byte[] floats = SampleImages.Idx([4, 2, 3], FourImages);
        floats[2] = 0x0D;
        folder.Write(Images, floats);
        Refused.Open(folder.Root, folder.At(Images), "found 00000d03", Again);

        folder.Write(Images, "<html>"u8.ToArray());
        Refused.Open(folder.Root, folder.At(Images), "found 3c68746d", Again);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Refuses_a_file_that_ends_early(bool packed)
    {
        byte[] Pack(byte[] b) => packed ? SampleImages.Gzip(b) : b;
        byte[] whole = SampleImages.Idx([4, 2, 3], FourImages);
        using TempFolder folder = Folder(Pack(whole[..30]));
        string at = folder.At(Images);
        Refused.Open(
            folder.Root, at,
            packed ? "ends at byte 30: its header claims 4×2×3 = 24 bytes from byte 16 on, found 14" : "its header claims 4×2×3 = 24 bytes from byte 16 on, ",
            Again);

        folder.Write(Images, Pack(whole[..10]));
        Refused.Open(folder.Root, at, "ends within its header, before byte 12", Again);
        folder.Write(Images, Pack(whole[..3]));
        Refused.Open(folder.Root, at, "expected an IDX header, found fewer than 4 bytes", Again);
        folder.Write(Images, []);
        Refused.Open(folder.Root, at, "found an empty file", Again);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Refuses_a_file_that_goes_on(bool packed)
    {
        byte[] longer = [.. SampleImages.Idx([4, 2, 3], FourImages), 0];
        using TempFolder folder = Folder(packed ? SampleImages.Gzip(longer) : longer);
        Refused.Open(folder.Root, folder.At(Images), "goes on after byte 40, where its header (4×2×3 bytes) says it ends", Again);
    }

    [Fact]
    public void Refuses_a_cut_or_damaged_gzip()
    {
        var random = new Random(3);
        var values = new byte[4 * 50 * 50];
        random.NextBytes(values);
        byte[] whole = SampleImages.Gzip(SampleImages.Idx([4, 50, 50], values));
        using TempFolder folder = Folder(whole);
        Assert.Equal(values, Open(folder).Train.Pixels);
        foreach (int length in new[] { 5, 20, whole.Length / 2, whole.Length - 12 })
        {
            folder.Write(Images, whole[..length]);
            Refused.Open(folder.Root, folder.At(Images), length == 5 ? "found fewer than 4 bytes" : "", Again);
        }

        whole[whole.Length / 2] ^= 0x10; // in the middle of the pixels: only the checksum can tell
        folder.Write(Images, whole);
        Refused.Open(folder.Root, folder.At(Images), "its gzip packing is damaged: a wrong code or checksum", Again);
    }

    [Theory]
    [InlineData(2_000_000_000, 2_000_000_000, 2_000_000_000, "claims 2000000000×2000000000×2000000000 = 8000000000000000000000000000 bytes")]
    [InlineData(60_000, 28, 28, "claims 60000×28×28 = 47040000 bytes from byte 16 on")]
    [InlineData(-1, 2, 3, "gives dimension 0 the size 4294967295, at byte 4")]
    [InlineData(4, 0, 3, "gives dimension 1 the size 0, at byte 8")]
    public void Refuses_absurd_dimensions_without_allocating(int count, int height, int width, string problem)
    {
        byte[] file = SampleImages.Idx([count, height, width], FourImages);
        foreach (byte[] one in new[] { file, SampleImages.Gzip(file) })
        {
            using TempFolder folder = Folder(one);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Refused.Open(folder.Root, folder.At(Images), problem, Again);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 5_000_000);
        }
    }

    [Fact]
    public void Refuses_another_number_of_labels()
    {
        using TempFolder folder = Folder(labels: SampleImages.Idx([5], [0, 1, 0, 1, 0]));
        Refused.Open(folder.Root, folder.At(Images), $"holds 4 images, but {Labels} holds 5 labels", "the two files of one download");
    }

    [Fact]
    public void Refuses_labels_without_images_and_images_without_labels()
    {
        using TempFolder folder = Folder();
        string test = folder.Write("t10k-images-idx3-ubyte", SampleImages.Idx([4, 2, 3], FourImages));
        Refused.Open(folder.Root, test, "its labels are missing", "t10k-labels-idx1-ubyte");
        File.Delete(test);
        File.Delete(folder.At(Images));
        Refused.Open(folder.Root, folder.At(Labels), "its images are missing", Images);
    }

    [Fact]
    public void Refuses_a_test_without_training()
    {
        using var folder = new TempFolder();
        folder.Write("t10k-images-idx3-ubyte", SampleImages.Idx([4, 2, 3], FourImages));
        Refused.Open(folder.Root, folder.Root, "none for training: 't10k-images-idx3-ubyte'", Images);
    }

    [Fact]
    public void Refuses_two_sets_in_one_folder()
    {
        using TempFolder folder = Folder();
        folder.Write("letters-" + Images, [1]);
        Refused.Open(folder.Root, folder.Root, $"holds 2 files of images for train: 'letters-{Images}', '{Images}'", "a folder for each set");
    }

    [Fact]
    public void Refuses_a_test_of_another_form_or_with_other_labels()
    {
        using TempFolder folder = Folder();
        folder.Write("t10k-images-idx3-ubyte", SampleImages.Idx([1, 3, 2], [1, 2, 3, 4, 5, 6]));
        folder.Write("t10k-labels-idx1-ubyte", SampleImages.Idx([1], [0]));
        Refused.Open(folder.Root, folder.Root, "its test images are 3×2, its training images 2×3", "one and the same set");

        folder.Write("t10k-images-idx3-ubyte", SampleImages.Idx([1, 2, 3], [1, 2, 3, 4, 5, 6]));
        folder.Write("t10k-labels-idx1-ubyte", SampleImages.Idx([1], [2]));
        Refused.Open(folder.Root, folder.Root, "its test label 0 is 2, but the training labels end at 1", "one and the same set");
    }

    [Fact]
    public void Refuses_two_channels_one_class_and_single_images()
    {
        using TempFolder folder = Folder(SampleImages.Idx([4, 1, 3, 2], FourImages));
        Refused.Open(folder.Root, folder.At(Images), "expected 1 or 3 channels in its last dimension, found 2 (4×1×3×2)", "(count, height, width, channels)");

        folder.Write(Images, SampleImages.Idx([4, 2, 3], FourImages));
        folder.Write(Labels, SampleImages.Idx([4], [1, 1, 1, 1]));
        Refused.Open(folder.Root, folder.Root, "found only the class '1'", "adding the images of a second class");

        folder.Write(Labels, SampleImages.Idx([4], [1, 1, 0, 1]));
        Refused.Open(folder.Root, folder.Root, "'0' has one", "deleting the class");
    }
}
