using System.Text;
using Lamina.Tasks.Images;

namespace Lamina.Tasks.Tests.Images;

public sealed class FileSignatureTests
{
    [Theory]
    [InlineData("P5\n4 4\n255\n", "PGM")]
    [InlineData("P6 4 4 255 ", "PPM")]
    [InlineData("8BPS\0\u0001", "PSD")]
    [InlineData("\u00FF\u000A\u00FA", "JPEG XL")]
    [InlineData("\0\0\0\u000CJXL \r\n\u0087\n", "JPEG XL")]
    [InlineData("\0\0\0\u0020ftypisom\0\0\0\0", "MP4")]
    [InlineData("\0\0\0\u0020ftypheic\0\0\0\0", "HEIC")]
    [InlineData("\0\0\0\u0020ftypavif\0\0\0\0", "AVIF")]
    [InlineData("\0\0\0\u0020ftypqt  \0\0\0\0", "QuickTime")]
    [InlineData("%PDF-1.4", "PDF")]
    [InlineData("<?xml version='1.0'?><svg xmlns=''/>", "SVG")]
    [InlineData("<!DOCTYPE html><html>", "HTML")]
    [InlineData("\n\n<HTML>", "HTML")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "Git LFS pointer")]
    [InlineData("7z\u00BC\u00AF'\u001C\0\u0004", "7z")]
    [InlineData("Rar!\u001A\u0007\u0001\0", "RAR")]
    [InlineData("(\u00B5/\u00FD", "Zstandard")]
    [InlineData("BZh91AY&SY", "bzip2")]
    [InlineData("PAR1\u0015", "Parquet")]
    [InlineData("\u0089HDF\r\n\u001A\n", "HDF5")]
    [InlineData("MATLAB 5.0 MAT-file, Platform", "MATLAB")]
    [InlineData("\u0093NUMPY\u0001\0", "NumPy")]
    [InlineData("\u0080\u0002}q\0", "pickle")]
    [InlineData("label,pixel0\n5,0\n", "CSV")]
    [InlineData("II*\0\u0010\0\0\0CR\u0002\0", "CR2")]
    [InlineData("\u001AE\u00DF\u00A3", "Matroska")]
    [InlineData("{\"a\": 1}", "JSON")]
    public void Calls_a_file_what_it_is(string beginning, string name)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(beginning);
        Assert.Contains(name, FileSignature.Of(bytes)!.Name, StringComparison.Ordinal);
        using var folder = new TempFolder();
        string path = folder.Write("data.bin", bytes);
        Refused.Open(path, path, $"found {FileSignature.Of(bytes)!.Name}", FileSignature.Of(bytes)!.Remedy.Replace("NAME", path, StringComparison.Ordinal));
    }

    [Fact]
    public void Looks_into_packed_files()
    {
        var tar = new byte[1024];
        "ustar"u8.CopyTo(tar.AsSpan(257));
        Assert.Equal("a tar archive", FileSignature.Of(tar)!.Name);
        Assert.Equal("a tar.gz archive", FileSignature.Of(SampleImages.Gzip(tar))!.Name);
        Assert.Contains("tar -xf", FileSignature.Of(SampleImages.Gzip(tar))!.Remedy, StringComparison.Ordinal);
        using var folder = new TempFolder();
        Assert.Contains("PyTorch", FileSignature.Of(File.ReadAllBytes(folder.Zip("a", ("model/data.pkl", [1]))))!.Name, StringComparison.Ordinal);
        Assert.Contains("NumPy", FileSignature.Of(File.ReadAllBytes(folder.Zip("b", ("x.npy", [1]))))!.Name, StringComparison.Ordinal);
        Assert.Null(FileSignature.Of(File.ReadAllBytes(folder.Zip("c", ("cat/0.png", [1])))));
        Assert.Equal("a TFRecord file", FileSignature.Of([0x88, 0xC7, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x35, 0xBB, 0xE9, 0xD4, 0, 0, 0, 0])!.Name);
    }

    [Fact]
    public void Says_what_lies_in_a_class_folder_instead_of_images()
    {
        using TempFolder folder = new TempFolder().WithCatsAndDogs();
        folder.Write("fish/a.mp4", Encoding.Latin1.GetBytes("\0\0\0\u0020ftypisom\0\0\0\0"));
        Refused.Open(folder.Root, folder.At("fish"), "holds no images; 'fish/a.mp4' is MP4, a video", "ffmpeg -i a.mp4");
    }

    [Fact]
    public void Names_pointers_and_pages_among_images()
    {
        using TempFolder folder = new TempFolder().WithCatsAndDogs();
        folder.Write("cat/2.png", "version https://git-lfs.github.com/spec/v1\n"u8.ToArray());
        LabeledImages data = ImageSource.Open(folder.Root, cancel: TestContext.Current.CancellationToken);
        Assert.Contains("a Git LFS pointer: the file itself was not fetched, which isn't read: try git lfs pull", Assert.Single(data.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Encrypted_zips_are_said_to_be_so()
    {
        using var folder = new TempFolder();
        string zip = folder.Zip("data.zip", ("cat/0.png", SampleImages.Png(2, 2, 1)), ("dog/0.png", SampleImages.Png(2, 2, 1)));
        byte[] bytes = File.ReadAllBytes(zip);
        for (int i = 0; i + 10 < bytes.Length; i++)
        {
            if (bytes.AsSpan(i).StartsWith("PK\u0001\u0002"u8)) bytes[i + 8] |= 1;
            if (bytes.AsSpan(i).StartsWith("PK\u0003\u0004"u8)) bytes[i + 6] |= 1;
        }

        File.WriteAllBytes(zip, bytes);
        Refused.Open(zip, zip, "2 of its 2 files are encrypted", "unpacking it with its password");
    }
}
