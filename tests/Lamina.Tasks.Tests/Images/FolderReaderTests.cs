using Lamina.Tasks.Images;
using SkiaSharp;

namespace Lamina.Tasks.Tests.Images;

public sealed class FolderReaderTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static LabeledImages Open(TempFolder folder, ImageReadOptions? options = null) =>
        ImageSource.Open(folder.Root, options, cancel: Cancel);

    [Fact]
    public void Reads_classes_labels_and_pixels_in_ordinal_order()
    {
        using TempFolder folder = new TempFolder().WithCatsAndDogs();

        LabeledImages data = Open(folder);

        Assert.Equal(["cat", "dog"], data.Train.Classes);
        Assert.Equal([0, 0, 1, 1], data.Train.Labels);
        Assert.Equal((4, 4, 4, 1), (data.Train.Count, data.Train.Height, data.Train.Width, data.Train.Channels));
        Assert.Equal([10, 11, 200, 201], Enumerable.Range(0, 4).Select(i => data.Train.Image(i)[0]));
        Assert.Null(data.Validation);
        Assert.Null(data.Test);
        Assert.Empty(data.Notes);
    }

    [Fact]
    public void Order_and_hash_do_not_depend_on_the_order_of_writing()
    {
        using var one = new TempFolder();
        using var other = new TempFolder();
        string[] names = ["b/10.png", "b/9.png", "B/x.png", "a/z.png", "a/y.png", "B/w.png"];
        byte Value(string name) => (byte)(name[0] + name[2]);
        foreach (string name in names)
        {
            one.Write(name, SampleImages.Png(3, 3, Value(name)));
        }

        foreach (string name in names.Reverse())
        {
            other.Write(name, SampleImages.Png(3, 3, Value(name)));
        }

        ImageSet first = Open(one).Train;
        Assert.Equal(["B", "a", "b"], first.Classes);
        Assert.Equal(
            new[] { "B/w.png", "B/x.png", "a/y.png", "a/z.png", "b/10.png", "b/9.png" }.Select(Value),
            Enumerable.Range(0, 6).Select(i => first.Image(i)[0]));
        Assert.Equal(first.Hash, Open(other).Train.Hash);
    }

    [Theory]
    [InlineData("val")]
    [InlineData("Valid")]
    [InlineData("validation")]
    public void Reads_train_validation_and_test(string validation)
    {
        using TempFolder folder = new TempFolder().WithCatsAndDogs("train/");
        folder.Write($"{validation}/dog/1.png", SampleImages.Png(4, 4, 77));
        folder.Write("test/cat/deeper/1.png", SampleImages.Png(4, 4, 88));

        LabeledImages data = Open(folder);

        Assert.Equal(4, data.Train.Count);
        Assert.Equal([1], data.Validation!.Labels);
        Assert.Equal(77, data.Validation.Pixels[0]);
        Assert.Equal([0], data.Test!.Labels);
        Assert.Equal(88, data.Test.Pixels[0]);
        Assert.Equal(data.Train.Classes, data.Test.Classes);
    }

    [Fact]
    public void Reads_through_one_folder_around_all()
    {
        using TempFolder folder = new TempFolder().WithCatsAndDogs("my-images/train/");
        Assert.Equal(["cat", "dog"], Open(folder).Train.Classes);
    }

    [Fact]
    public void A_class_may_be_called_train()
    {
        using TempFolder folder = new TempFolder().WithCatsAndDogs();
        folder.Write("train/1.png", SampleImages.Png(4, 4, 1));
        folder.Write("train/2.png", SampleImages.Png(4, 4, 2));
        Assert.Equal(["cat", "dog", "train"], Open(folder).Train.Classes);
    }

    [Fact]
    public void Passes_over_what_systems_leave_behind_and_notes_other_files()
    {
        using TempFolder folder = new TempFolder().WithCatsAndDogs();
        foreach (string name in new[] { ".DS_Store", "cat/Thumbs.db", "cat/._0.png", "__MACOSX/cat/._0.png", ".git/x.png", "README", "README.md", "LICENSE.txt" })
        {
            folder.Write(name, [1, 2, 3]);
        }

        Assert.Empty(Open(folder).Notes);

        folder.Write("labels.csv", [1]);
        folder.Write("cat/notes.txt", [1]);
        folder.Write("dog/0.json", [1]);
        LabeledImages data = Open(folder);
        Assert.Equal(4, data.Train.Count);
        Assert.Equal(["ignored 3 files that are no images by their names (.csv, .json, .txt)"], data.Notes);
    }

    [Fact]
    public void Notes_grey_images_among_coloured_ones()
    {
        using TempFolder folder = new TempFolder().WithCatsAndDogs();
        folder.Write("cat/grey.png", SampleImages.GreyPng(4, 4, 70));
        Assert.Empty(Open(folder).Notes); // grey all of them
        folder.Write("dog/red.png", SampleImages.Png(4, 4, (_, _) => SKColors.Red));
        LabeledImages data = Open(folder);
        Assert.Equal(["read 1 grey image as colour, as others are"], data.Notes);
        Assert.Equal(3, data.Train.Channels);
    }

    [Fact]
    public void Notes_images_outside_the_class_folders()
    {
        using TempFolder folder = new TempFolder().WithCatsAndDogs();
        folder.Write("logo.png", SampleImages.Png(4, 4, 1));
        Assert.Equal([$"ignored 1 image directly in {folder.Root}, in no class folder"], Open(folder).Notes);
    }

    [Fact]
    public void Skips_a_few_unreadable_files_by_name()
    {
        using var folder = new TempFolder();
        for (int i = 0; i < 20; i++)
        {
            folder.Write($"cat/{i:00}.png", SampleImages.Png(4, 4, (byte)i));
            folder.Write($"dog/{i:00}.png", SampleImages.Png(4, 4, (byte)(100 + i)));
        }

        folder.Write("cat/03.png", "no image"u8.ToArray());
        folder.Write("dog/19.png", []);

        LabeledImages data = Open(folder);

        Assert.Equal(["skipped 2 unreadable files: cat/03.png (not an image), dog/19.png (empty file)"], data.Notes);
        Assert.Equal(38, data.Train.Count);
        Assert.Equal(19, data.Train.Labels.Count(l => l == 1));
        Assert.Equal([2, 4], new[] { data.Train.Image(2)[0], data.Train.Image(3)[0] });

        folder.Write("dog/00.png", "no image"u8.ToArray());
        Refused.Open(
            folder.Root, folder.Root,
            "3 of 40 image files can't be read, more than the 2 that would be skipped: cat/03.png (not an image), dog/00.png (not an image), dog/19.png (empty file)",
            "replacing or deleting these files");
    }

    [Fact]
    public void Refuses_a_class_left_with_one_image_after_skipping()
    {
        using TempFolder folder = new TempFolder().WithCatsAndDogs();
        folder.Write("cat/1.png", [1, 2, 3]);
        Refused.Open(
            folder.Root, folder.Root, "at least two images per class, one to learn from and one to check with; 'cat' has one after skipping",
            "adding images to it, or deleting the class");
    }

    [Fact]
    public void Refuses_a_class_with_one_image()
    {
        using TempFolder folder = new TempFolder().WithCatsAndDogs();
        folder.Write("emu/1.png", SampleImages.Png(4, 4, 1));
        Refused.Open(folder.Root, folder.Root, "'emu' has one", "adding images to it, or deleting the class");
    }

    [Fact]
    public void Refuses_a_single_class()
    {
        using var folder = new TempFolder();
        folder.Write("cat/1.png", SampleImages.Png(4, 4, 1));
        folder.Write("cat/2.png", SampleImages.Png(4, 4, 1));
        Refused.Open(folder.Root, folder.Root, "at least two classes to tell apart, found only the class 'cat'", "adding the images of a second class");
    }

    [Fact]
    public void Refuses_an_empty_folder()
    {
        using var folder = new TempFolder();
        Refused.Open(folder.Root, folder.Root, "expected images, found no files at all", "a folder per class");
        folder.Write("a/b.csv", [1]);
        Refused.Open(folder.Root, folder.Root, "found 1 file, none with an image's name", "a folder per class");
    }

    [Fact]
    public void Points_to_the_data_inside_a_folder_of_sets()
    {
        using var folder = new TempFolder();
        folder.Write("mnist/train-images-idx3-ubyte.gz", [1]);
        folder.Write("readings.csv", [1]);
        Refused.Open(folder.Root, folder.Root, "found 2 files, none with an image's name", folder.At("mnist") + " alone, or a folder per class");
        folder.Write("cifar.zip", [1]);
        Refused.Open(folder.Root, folder.Root, "found 3 files, none with an image's name", folder.At("cifar.zip") + " alone, or a folder per class");
        string zip = folder.Zip("all.zip", ("mnist/train-images-idx3-ubyte.gz", [1]));
        Refused.Open(zip, zip, "found 1 file, none with an image's name", "unpacking it, and one of the sets of data inside alone");
    }

    [Fact]
    public void Refuses_a_class_folder_without_images()
    {
        using TempFolder folder = new TempFolder().WithCatsAndDogs();
        Directory.CreateDirectory(folder.At("emu"));
        Refused.Open(folder.Root, folder.At("emu"), "the folder of class 'emu' holds no images", "adding its images, or deleting the folder");
    }

    [Theory]
    [InlineData("")]
    [InlineData("train/")]
    public void Refuses_images_without_class_folders(string prefix)
    {
        using var folder = new TempFolder();
        folder.Write($"{prefix}1.png", SampleImages.Png(4, 4, 1));
        folder.Write($"{prefix}2.png", SampleImages.Png(4, 4, 1));
        Refused.Open(folder.Root, folder.At(prefix).TrimEnd('/'), "2 images lie directly in it, not in a folder per class", "data/cat/1.png");
    }

    [Fact]
    public void Refuses_classes_in_test_that_train_lacks()
    {
        using TempFolder folder = new TempFolder().WithCatsAndDogs("train/");
        folder.Write("test/cats/1.png", SampleImages.Png(4, 4, 1));
        Refused.Open(
            folder.Root, folder.At("test"), "holds 'cats', which train/ lacks: it has 'cat', 'dog'",
            "naming the class folders alike in both");
    }

    [Fact]
    public void Refuses_test_without_train()
    {
        using TempFolder folder = new TempFolder().WithCatsAndDogs("test/");
        Directory.CreateDirectory(folder.At("train"));
        Refused.Open(folder.Root, folder.Root, "has test/ with class folders in it, but no images in train/", "train/ and test/");
    }

    [Fact]
    public void Refuses_two_folders_for_validation()
    {
        using TempFolder folder = new TempFolder().WithCatsAndDogs("train/").WithCatsAndDogs("val/").WithCatsAndDogs("valid/");
        Refused.Open(folder.Root, folder.Root, "holds 'val', 'valid', which mean the same", "keeping one of them");
    }

    [Fact]
    public void Notes_a_test_without_labels()
    {
        using TempFolder folder = new TempFolder().WithCatsAndDogs("train/");
        folder.Write("test/1.png", SampleImages.Png(4, 4, 1));
        folder.Write("test/2.png", SampleImages.Png(4, 4, 1));
        LabeledImages data = Open(folder);
        Assert.Null(data.Test);
        Assert.Equal(["ignored test/: its 2 images lie in no class folder, so without labels"], data.Notes);
    }
}
