using System.Buffers.Binary;
using Lamina.Tasks.Images;

namespace Lamina.Tasks.Tests.Images;

public sealed class ZipReaderTests
{
    private static LabeledImages Open(string path, ImageReadOptions? options = null) =>
        ImageSource.Open(path, options, cancel: TestContext.Current.CancellationToken);

    private static (string, byte[])[] CatsAndDogs(string prefix = "") =>
    [
        ($"{prefix}dog/0.png", SampleImages.Png(4, 4, 200)), ($"{prefix}dog/1.png", SampleImages.Png(4, 4, 201)),
        ($"{prefix}cat/0.png", SampleImages.Png(4, 4, 10)), ($"{prefix}cat/1.png", SampleImages.Png(4, 4, 11)),
    ];

    [Theory]
    [InlineData("")]
    [InlineData("top/")]
    [InlineData("train/")]
    [InlineData("top/train/")]
    [InlineData("./top/")]
    [InlineData(@"top\train\")]
    public void Reads_what_the_folder_would_give(string prefix)
    {
        using TempFolder folder = new TempFolder().WithCatsAndDogs("data/");
        ImageSet expected = Open(folder.At("data")).Train;

        LabeledImages data = Open(folder.Zip("data.zip", CatsAndDogs(prefix)));

        Assert.Equal(expected.Hash, data.Train.Hash);
        Assert.Equal(expected.Pixels, data.Train.Pixels);
        Assert.Empty(data.Notes);
    }

    [Fact]
    public void A_zip_is_known_by_its_content()
    {
        using var folder = new TempFolder();
        Assert.Equal(4, Open(folder.Zip("data.bin", CatsAndDogs())).Train.Count);
    }

    [Fact]
    public void Passes_over_system_files_and_names_that_lead_outside()
    {
        using var folder = new TempFolder();
        string zip = folder.Zip(
            "data.zip",
            [.. CatsAndDogs(), ("__MACOSX/cat/._0.png", [1]), ("cat/.DS_Store", [1]), ("../../evil.png", SampleImages.Png(4, 4, 1))]);
        LabeledImages data = Open(zip);
        Assert.Equal(4, data.Train.Count);
        Assert.Equal(["ignored 1 entry whose name leads outside the zip (..)"], data.Notes);
        Assert.False(File.Exists(Path.Combine(folder.Root, "../../evil.png")));
    }

    [Fact]
    public void Refuses_a_cut_zip()
    {
        using var folder = new TempFolder();
        string zip = folder.Zip("data.zip", CatsAndDogs());
        byte[] bytes = File.ReadAllBytes(zip);
        folder.Write("data.zip", bytes[..(bytes.Length / 2)]);
        Refused.Open(zip, zip, "expected a zip with its table of contents at the end", "downloading the file again");
    }

    [Fact]
    public void Refuses_a_file_only_named_zip()
    {
        using var folder = new TempFolder();
        string zip = folder.Write("data.zip", "<html>not found</html>"u8.ToArray());
        Refused.Open(zip, zip, "found a file named .zip that doesn't begin as a zip does", "a folder, or a .zip");
    }

    [Fact]
    public void Refuses_an_empty_zip()
    {
        using var folder = new TempFolder();
        string zip = folder.Zip("data.zip");
        Refused.Open(zip, zip, "expected images, found no files at all", "a folder per class");
    }

    [Fact]
    public void An_empty_class_folder_in_a_zip_is_named()
    {
        using var folder = new TempFolder();
        string zip = folder.Zip("data.zip", [.. CatsAndDogs(), ("emu/", [])]);
        Refused.Open(zip, zip + "/emu", "the folder of class 'emu' holds no images", "deleting the folder");
    }

    [Fact]
    public void An_entry_larger_than_the_limit_is_not_unpacked()
    {
        using var folder = new TempFolder();
        string zip = folder.Zip("data.zip", [.. CatsAndDogs(), ("dog/bomb.png", new byte[100_000])]);
        LabeledImages data = Open(zip, new ImageReadOptions { MaximumFileBytes = 10_000 });
        Assert.Equal(["skipped 1 unreadable file: dog/bomb.png (100000 bytes, more than the 10000 allowed)"], data.Notes);
    }

    [Fact]
    public void An_entry_that_lies_about_its_length_is_not_believed()
    {
        using var folder = new TempFolder();
        string zip = folder.Zip("data.zip", [.. CatsAndDogs(), ("dog/bomb.png", new byte[100_000])]);
        Overwrite(zip, "dog/bomb.png", field: 24, value: 5_000); // the unpacked length in the table of contents

        LabeledImages data = Open(zip, new ImageReadOptions { MaximumFileBytes = 10_000 });

        string note = Assert.Single(data.Notes);
        Assert.StartsWith("skipped 1 unreadable file: dog/bomb.png (", note, StringComparison.Ordinal);
        Assert.Equal(4, data.Train.Count);
    }

    [Fact]
    public void Overlapping_entries_are_a_bomb()
    {
        using var folder = new TempFolder();
        string zip = folder.Zip("data.zip", CatsAndDogs());
        Overwrite(zip, "dog/0.png", field: 20, value: 1_000_000); // the packed length
        Refused.Open(zip, zip, "they overlap, as in a zip bomb", "packing the folder again");
    }

    [Fact]
    public void An_encrypted_entry_is_named()
    {
        using var folder = new TempFolder();
        string zip = folder.Zip("data.zip", [.. CatsAndDogs(), ("dog/secret.png", SampleImages.Png(4, 4, 1))]);
        Overwrite(zip, "dog/secret.png", field: 8, value: 1, bytes: 2); // the flags
        Assert.Equal(["skipped 1 unreadable file: dog/secret.png (encrypted)"], Open(zip).Notes);
    }

    /// <summary>Overwrites a field of an entry's record in the zip's table of contents.</summary>
    private static void Overwrite(string zip, string entry, int field, int value, int bytes = 4)
    {
        const int NameAt = 46;
        byte[] all = File.ReadAllBytes(zip);
        int record = -1;
        byte[] name = System.Text.Encoding.UTF8.GetBytes(entry);
        for (int at = all.AsSpan().IndexOf("PK\u0001\u0002"u8); at >= 0 && at < all.Length - NameAt; at++)
        {
            if (all.AsSpan(at).StartsWith("PK\u0001\u0002"u8) && all.AsSpan(at + NameAt).StartsWith(name))
            {
                record = at;
            }
        }

        Assert.True(record > 0);
        var number = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(number, value);
        number.AsSpan(0, bytes).CopyTo(all.AsSpan(record + field));
        File.WriteAllBytes(zip, all);
    }
}
