using System.IO.Compression;
using System.Text;
using Lamina.Tasks.Images;

namespace Lamina.Tasks.Tests.Images;

/// <summary>Images and labels in arrays of NumPy: what is read, and what is refused with the array's name.</summary>
public sealed class ArrayReaderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static LabeledImages Open(string path, ImageReadOptions? options = null) =>
        ImageSource.Open(path, options, cancel: TestContext.Current.CancellationToken);

    private LabeledImages Open(params (string Key, byte[] Bytes)[] arrays) => Open(_folder.Npz($"{Guid.NewGuid():N}.npz", arrays));

    [Theory, InlineData("train_", "val_", "test_", true), InlineData("x_", "x_", "x_", false), InlineData("X_", "", "X_", false)]
    public void Reads_the_names_of_MedMNIST_and_of_Keras(string train, string validation, string test, bool isMed)
    {
        (string, byte[])[] Part(string prefix, string role, int count) => isMed ? SampleArrays.DarkAndLight(prefix, count)
            : [(prefix + role, SampleArrays.DarkAndLight("", count)[0].Bytes),
                (prefix.Replace('x', 'y').Replace('X', 'y') + role, SampleArrays.DarkAndLight("", count)[1].Bytes)];
        LabeledImages data = Open([.. Part(train, "train", 8), .. validation.Length > 0 ? Part(validation, "val", 4) : [], .. Part(test, "test", 6)]);
        Assert.Equal((8, 6, validation.Length > 0 ? 4 : null), (data.Train.Count, data.Test!.Count, data.Validation?.Count));
        Assert.Equal((8, 8, 1), (data.Train.Height, data.Train.Width, data.Train.Channels));
        Assert.Equal([0, 1, 0, 1], data.Train.Labels[..4]);
        Assert.Equal(254, data.Train.Image(1)[0]);
    }

    [Fact]
    public void One_pair_needs_no_names_and_may_be_files_of_a_folder()
    {
        byte[] images = SampleArrays.Images(8, 1, 2, 200, 201), labels = SampleArrays.Labels(0, 0, 1, 1);
        Assert.Equal(4, Open(("arr_0", images), ("arr_1", labels)).Train.Count);
        Assert.Equal(4, Open(("X", images), ("y", labels)).Train.Count);
        _folder.Write("arrays/images.npy", images);
        _folder.Write("arrays/labels.npy", labels);
        LabeledImages data = Open(_folder.At("arrays"));
        Assert.Equal([0, 0, 1, 1], data.Train.Labels);
        Assert.Equal(0.9, ImageRecognition.Of(_folder.At("arrays")).Score);
    }

    [Fact]
    public void Numbers_of_other_types_become_pixels()
    {
        byte[] labels = SampleArrays.Labels(0, 0, 1, 1);
        float[] grey = [.. new[] { 0f, 0.2f, 0.6f, 1f }.SelectMany(g => Enumerable.Repeat(g, 64))];
        LabeledImages unit = Open(("images", SampleArrays.Npy([4, 8, 8], grey, "<f4")), ("labels", labels));
        Assert.Equal([0, 51, 153, 255], Enumerable.Range(0, 4).Select(i => (int)unit.Train.Image(i)[0]));
        Assert.Contains("'images' holds numbers from 0 to 1, taken as black to white", unit.Notes);
        double[] large = [.. grey.Select(g => g * 255.0)];
        Assert.Equal(153, Open(("images", SampleArrays.Npy([4, 8, 8], large, "<f8")), ("labels", labels)).Train.Image(2)[0]);
        short[] whole = [.. grey.Select(g => (short)(g * 255))];
        Assert.Equal(153, Open(("images", SampleArrays.Npy([4, 8, 8], whole, "<i2")), ("labels", labels)).Train.Image(2)[0]);
        bool[] bits = [.. grey.Select(g => g > 0.5f)];
        Assert.Equal(255, Open(("images", SampleArrays.Npy([4, 8, 8], bits, "|b1")), ("labels", labels)).Train.Image(2)[0]);
        byte[] big = [.. whole.SelectMany(w => new[] { (byte)(w >> 8), (byte)w })];
        Assert.Equal(153, Open(("images", SampleArrays.Npy("(4, 8, 8)", big, "'>u2'")), ("labels", labels)).Train.Image(2)[0]);
    }

    [Fact]
    public void The_first_index_may_run_fastest_and_channels_may_come_first()
    {
        byte[] labels = SampleArrays.Labels(0, 0, 1, 1);
        var values = new byte[4 * 8 * 9];
        for (int i = 0; i < values.Length; i++) values[i] = (byte)(i % 251);
        var fortran = new byte[values.Length];
        for (int n = 0; n < 4; n++)
            for (int y = 0; y < 8; y++)
                for (int x = 0; x < 9; x++) fortran[n + 4 * (y + 8 * x)] = values[(n * 8 + y) * 9 + x];
        Assert.Equal(values, Open(("images", SampleArrays.Npy([4, 8, 9], fortran, "|u1", isFortran: true)), ("labels", labels)).Train.Pixels);

        var planes = new byte[4 * 3 * 8 * 9];
        for (int n = 0; n < 4; n++)
            for (int c = 0; c < 3; c++)
                for (int at = 0; at < 72; at++) planes[(n * 3 + c) * 72 + at] = (byte)(n * 50 + c * 10);
        LabeledImages colour = Open(("images", SampleArrays.Bytes([4, 3, 8, 9], planes)), ("labels", labels));
        Assert.Equal((8, 9, 3), (colour.Train.Height, colour.Train.Width, colour.Train.Channels));
        Assert.Equal([100, 110, 120, 100], colour.Train.Image(2)[..4].ToArray());
    }

    [Fact]
    public void Labels_may_be_a_column_texts_one_hot_or_several()
    {
        byte[] images = SampleArrays.Images(8, 1, 2, 200, 201);
        Assert.Equal([0, 0, 1, 1], Open(("images", images), ("labels", SampleArrays.Bytes([4, 1], [0, 0, 1, 1]))).Train.Labels);
        Assert.Equal([1, 1, 2, 2], Open(("images", images), ("labels", SampleArrays.Npy([4], [1.0, 1, 2, 2], "<f8"))).Train.Labels);
        byte[] texts = [.. new[] { "dog", "dog", "cat", "cat" }.SelectMany(Encoding.UTF32.GetBytes)];
        LabeledImages named = Open(("images", images), ("labels", SampleArrays.Npy("(4,)", texts, "'<U3'")));
        Assert.Equal(["cat", "dog"], named.Train.Classes);
        Assert.Equal([1, 1, 0, 0], named.Train.Labels);

        LabeledImages hot = Open(("images", images), ("labels", SampleArrays.Bytes([4, 2], [1, 0, 1, 0, 0, 1, 0, 1])));
        Assert.Equal([0, 0, 1, 1], hot.Train.Labels);
        Assert.Null(hot.Train.Targets);
        LabeledImages several = Open(("images", images), ("labels", SampleArrays.Bytes([4, 2], [1, 0, 1, 1, 0, 0, 0, 1])));
        Assert.Equal(TargetKind.Labels, several.Train.Targets!.Kind);
        Assert.Equal([1.0, 1.0], several.Train.Targets.Of(1).ToArray());
    }

    [Fact]
    public void Images_are_resized_where_a_size_is_asked_for()
    {
        LabeledImages data = Open(_folder.Npz("a.npz", SampleArrays.DarkAndLight("", 6)), new ImageReadOptions { Size = new(4, 5) });
        Assert.Equal((4, 5), (data.Train.Height, data.Train.Width));
        Assert.Contains("resized all 6 images to 4×5", data.Notes);
    }

    public static TheoryData<string, string, string> Bad => new()
    {
        { "no labels", "holds 'train_images' without labels for it: its arrays are 'train_images'", "adding an array of labels" },
        { "no images", "its array 'train_labels' holds labels, and there are no images for them", "train_images and train_labels" },
        { "lengths", "its array 'train_labels' has the shape 3, and 'train_images' has 4×8×8: there must be one label for each image",
            "one and the same set" },
        { "objects", "its array 'train_images' holds Python objects, which are never unpacked", "saving plain numbers" },
        { "object labels", "its array 'train_labels' holds Python objects, which are never unpacked", "saving plain numbers" },
        { "flat", "its array 'x_train' has the shape 4×64: images were expected as (n, height, width)", "reshape" },
        { "channels", "its array 'x_train' has the shape 4×8×8×5: 5 channels", "(n, height, width)" },
        { "no pixels", "its array 'x_train' has the shape 0×8×8: there are no images in it", "an array with images" },
        { "negative label", "its array 'train_labels' holds -1 at 2; labels are whole numbers from 0", "numbering the classes from 0 on" },
        { "label 0.5", "its array 'train_labels' holds 0.5 at 2", "--regression" },
        { "many classes", "holds labels up to 900, which is 901 classes for 4 images", "numbering the classes from 0 on" },
        { "one image each", "expected at least two images per class", "adding images to it" },
        { "values 2", "several labels an image are 0 or 1 each", "a column of 0 and 1 for each label" },
        { "normalised", "its array 'train_images' holds values from -1.5 to 1; pixels are 0 to 1, or 0 to 255", "before they were normalised" },
        { "16 bits", "its array 'train_images' holds values from 0 to 4095", "astype('uint8')" },
        { "nan", "its array 'train_images' holds NaN", "leaving these images out" },
        { "shape", "its array 'train_images' claims the shape 4000×8×8 of type |u1, 256000 bytes, and holds 256", "downloading" },
        { "huge shape", "claims the shape 2000000000×2000000000×2000000000", "downloading" },
        { "record", "is of type a record of several values, where numbers were expected", "an array of uint8" },
        { "damaged", "its array 'train_images' doesn't begin as an array of NumPy does", "saving it again" },
        { "other test", "its array 'test_images' has the shape 4×9×9, and its images are not of the form of those in 'train_images'",
            "one and the same" },
        { "test label", "its array 'test_labels' has the label 7 at 1, but the training labels end at 1", "one and the same" },
        { "two images", "both images of one part by their names", "train_images and train_labels" },
        { "no arrays", "holds no arrays (.npy)", "np.savez" },
    };

    [Theory, MemberData(nameof(Bad))]
    public void Refuses(string kind, string problem, string remedy)
    {
        byte[] images = SampleArrays.Images(8, 1, 2, 200, 201), labels = SampleArrays.Labels(0, 0, 1, 1);
        byte[] Doubles(params double[] greys) => SampleArrays.Npy([greys.Length, 8, 8], [.. greys.SelectMany(g => Enumerable.Repeat(g, 64))], "<f8");
        (string, byte[])[] arrays = kind switch
        {
            "no labels" => [("train_images", images)],
            "no images" => [("train_labels", labels)],
            "lengths" => [("train_images", images), ("train_labels", SampleArrays.Labels(0, 0, 1))],
            "objects" => [("train_images", SampleArrays.Npy("(4,)", [0x80, 4, 0x95], "'|O'")), ("train_labels", labels)],
            "object labels" => [("train_images", images), ("train_labels", SampleArrays.Npy("(4,)", [0x80, 4, 0x95], "'|O'"))],
            "flat" => [("x_train", SampleArrays.Bytes([4, 64], new byte[256])), ("y_train", labels)],
            "channels" => [("x_train", SampleArrays.Bytes([4, 8, 8, 5], new byte[4 * 64 * 5])), ("y_train", labels)],
            "no pixels" => [("x_train", SampleArrays.Bytes([0, 8, 8], [])), ("y_train", SampleArrays.Labels())],
            "negative label" => [("train_images", images), ("train_labels", SampleArrays.Npy([4], new[] { 0L, 0, -1, 1 }, "<i8"))],
            "label 0.5" => [("train_images", images), ("train_labels", SampleArrays.Npy([4], new[] { 0f, 0, 0.5f, 1 }, "<f4"))],
            "many classes" => [("train_images", images), ("train_labels", SampleArrays.Npy([4], new[] { 0, 0, 900, 900 }, "<i4"))],
            "one image each" => [("train_images", images), ("train_labels", SampleArrays.Labels(0, 1, 2, 3))],
            "values 2" => [("train_images", images), ("train_labels", SampleArrays.Bytes([4, 2], [0, 1, 2, 0, 1, 1, 0, 0]))],
            "normalised" => [("train_images", Doubles(-1.5, 0, 1, 1)), ("train_labels", labels)],
            "16 bits" => [("train_images", Doubles(0, 7, 4095, 1)), ("train_labels", labels)],
            "nan" => [("train_images", Doubles(0, double.NaN, 1, 1)), ("train_labels", labels)],
            "shape" => [("train_images", SampleArrays.Npy("(4000, 8, 8)", new byte[256], "'|u1'")), ("train_labels", labels)],
            "huge shape" => [("train_images", SampleArrays.Npy("(2000000000, 2000000000, 2000000000)", new byte[256], "'|u1'")),
                ("train_labels", labels)],
            "record" => [("train_images", SampleArrays.Npy("(4, 8, 8)", new byte[256], "[('a', '|u1')]")), ("train_labels", labels)],
            "damaged" => [("train_images", [1, 2, 3, 4, 5, 6, 7, 8, 9]), ("train_labels", labels)],
            "other test" => [("train_images", images), ("train_labels", labels), ("test_images", SampleArrays.Images(9, 1, 2, 200, 201)),
                ("test_labels", labels)],
            "test label" => [("train_images", images), ("train_labels", labels), ("test_images", images),
                ("test_labels", SampleArrays.Labels(0, 7, 1, 1))],
            "two images" => [("images", images), ("train_images", images), ("labels", labels)],
            _ => [],
        };
        string path = kind == "no arrays" ? _folder.Zip("a.npz", ("a.npy/readme.txt", [1])) : _folder.Npz("a.npz", arrays);
        if (kind == "no arrays") path = _folder.Zip("b.npz", ("a.npy", SampleArrays.Labels(1)), ("b.txt", [1])) is var b ? Emptied(b) : path;
        Refused.Open(path, path, problem, remedy);
    }

    // Its first entry says .npy, as the file's kind is found by, and its table of contents has none.
    private static string Emptied(string path)
    {
        using (ZipArchive archive = ZipFile.Open(path, ZipArchiveMode.Update)) archive.GetEntry("b.txt")!.Delete();
        byte[] bytes = File.ReadAllBytes(path);
        int at = bytes.AsSpan().LastIndexOf("a.npy"u8);
        "a.txt"u8.CopyTo(bytes.AsSpan(at));
        File.WriteAllBytes(path, bytes);
        return path;
    }

    [Fact]
    public void Refuses_a_zip_bomb_before_unpacking_it()
    {
        string path = _folder.At("bomb.npz");
        using (ZipArchive archive = ZipFile.Open(path, ZipArchiveMode.Create))
        {
            using Stream stream = archive.CreateEntry("train_images.npy", CompressionLevel.Fastest).Open();
            byte[] npy = SampleArrays.Npy("(300, 1024, 1024)", [], "'|u1'");
            stream.Write(npy);
            var zeros = new byte[1 << 20];
            for (int i = 0; i < 300; i++) stream.Write(zeros);
        }
        long before = GC.GetTotalAllocatedBytes();
        DataException e = Assert.Throws<DataException>(() => Open(path));
        Assert.Contains("as a zip bomb does", e.Message);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 50 << 20);
    }

    [Fact]
    public void A_file_that_is_cut_short_is_named()
    {
        string path = _folder.Npz("a.npz", SampleArrays.DarkAndLight("", 6));
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^40]);
        Assert.Contains("expected an .npz file", Assert.Throws<DataException>(() => Open(path)).Message);
    }

    [Fact]
    public void Says_what_fits_where_memory_does_not()
    {
        ImageMemory.Require("data", 1000, new(64, 64), 3, 1L << 30);
        DataException e = Assert.Throws<DataException>(() => ImageMemory.Require("data", 100_000, new(512, 512), 3, 1L << 30));
        Assert.Contains("a smaller size, of 42×42 or less", e.Message);
    }
}
