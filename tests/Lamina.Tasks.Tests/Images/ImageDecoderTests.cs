using Lamina.Tasks.Images;
using SkiaSharp;

namespace Lamina.Tasks.Tests.Images;

public sealed class ImageDecoderTests
{
    private static readonly ImageReadOptions Options = new();

    private static string? Decode(byte[] file, ImageSize size, out byte[] pixels, out ImageFacts facts, ImageReadOptions? options = null)
    {
        pixels = new byte[size.Height * size.Width * 3];
        return ImageDecoder.Decode(file, size, pixels, options ?? Options, out facts);
    }

    [Fact]
    public void Keeps_the_stored_values()
    {
        byte[] png = SampleImages.Png(2, 3, (row, column) => new SKColor((byte)(100 * row), (byte)(50 * column), 7));
        Assert.Null(Decode(png, new(2, 3), out byte[] pixels, out ImageFacts facts));
        Assert.Equal([0, 0, 7, 0, 50, 7, 0, 100, 7, 100, 0, 7, 100, 50, 7, 100, 100, 7], pixels);
        Assert.Equal(new ImageFacts(Grey: false, Resized: false, Transparent: false), facts);
    }

    [Theory]
    [InlineData(SKEncodedImageFormat.Png)]
    [InlineData(SKEncodedImageFormat.Jpeg)]
    [InlineData(SKEncodedImageFormat.Webp)]
    public void Reads_formats_by_content(SKEncodedImageFormat format)
    {
        byte[] file = SampleImages.Encode(8, 8, (_, _) => new SKColor(120, 120, 120), format);
        Assert.Null(Decode(file, new(8, 8), out byte[] pixels, out _));
        Assert.All(pixels, p => Assert.InRange(p, 118, 122));
    }

    [Fact]
    public void Reads_bmp_and_gif()
    {
        Assert.Null(Decode(SampleImages.Bmp(5, 3, 66), new(5, 3), out byte[] bmp, out _));
        Assert.All(bmp, p => Assert.Equal(66, p));

        byte[] gif = // one white pixel
        [
            .. "GIF89a"u8, 1, 0, 1, 0, 0x80, 0, 0, 255, 255, 255, 0, 0, 0,
            0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3B,
        ];
        Assert.Null(Decode(gif, new(1, 1), out byte[] white, out _));
        Assert.Equal([255, 255, 255], white);
    }

    [Fact]
    public void Lays_transparency_over_white()
    {
        byte[] png = SampleImages.Png(1, 3, (_, column) => new SKColor(100, 0, 0, (byte)(column switch { 0 => 255, 1 => 0, _ => 51 })));
        Assert.Null(Decode(png, new(1, 3), out byte[] pixels, out ImageFacts facts));
        Assert.Equal([100, 0, 0, 255, 255, 255, 224, 204, 204], pixels); // 51/255 is a fifth
        Assert.True(facts.Transparent);
    }

    // A stored image of two rows and three columns of blocks, and how it's seen, row by row:
    //   a b c
    //   d e f
    [Theory]
    [InlineData(1, "abc def")]
    [InlineData(2, "cba fed")]
    [InlineData(3, "fed cba")]
    [InlineData(4, "def abc")]
    [InlineData(5, "ad be cf")]
    [InlineData(6, "da eb fc")]
    [InlineData(7, "fc eb da")]
    [InlineData(8, "cf be ad")]
    public void Follows_the_orientation(byte orientation, string seen)
    {
        const int Block = 16;
        byte[] Stored(SKEncodedImageFormat format) =>
            SampleImages.Encode(2 * Block, 3 * Block, (row, column) => Grey((row / Block * 3) + (column / Block)), format);
        string[] rows = seen.Split(' ');
        ImageSize size = new(rows.Length * Block, rows[0].Length * Block);
        byte[] big = SampleImages.Exif(orientation, little: false), little = SampleImages.Exif(orientation, little: true), png = Stored(SKEncodedImageFormat.Png);
        byte[][] files =
        [
            SampleImages.WithOrientation(Stored(SKEncodedImageFormat.Jpeg), orientation),
            SampleImages.WebpWithExif(Stored(SKEncodedImageFormat.Webp), 2 * Block, 3 * Block, big),
            SampleImages.WithExifChunk(png, big), SampleImages.WithExifChunk(png, little, atEnd: true), SampleImages.WithExifChunk(png, [.. "Exif\0\0"u8, .. little]),
        ];
        foreach (byte[] file in files)
        {
            Assert.Equal(size, ImageDecoder.ReadSize(file, Options));
            Assert.Null(Decode(file, size, out byte[] pixels, out ImageFacts facts));

            Assert.False(facts.Resized);
            for (int row = 0; row < rows.Length; row++)
            {
                for (int column = 0; column < rows[0].Length; column++)
                {
                    int middle = ((((row * Block) + (Block / 2)) * size.Width) + (column * Block) + (Block / 2)) * 3;
                    Assert.InRange(pixels[middle], Grey(rows[row][column] - 'a').Red - 6, Grey(rows[row][column] - 'a').Red + 6);
                }
            }
        }

        static SKColor Grey(int block) => new((byte)(20 + (40 * block)), (byte)(20 + (40 * block)), (byte)(20 + (40 * block)));
    }

    [Fact]
    public void An_orientation_that_is_none_is_passed_over()
    {
        byte[] exif = SampleImages.Exif(6, little: true), png = SampleImages.Png(2, 3, 50);
        byte[][] wrong = [[], exif[..3], exif[..8], exif[..9], exif[..15], [.. exif[..4], 255, 255, 255, 255, .. exif[8..]], [.. exif[..4], 22, 0, 0, 0, .. exif[8..]], SampleImages.Exif(0, true), SampleImages.Exif(9, false), [.. exif[..8], 255, 255, .. exif[10..12], 9, .. exif[13..]]];
        foreach (byte[] one in wrong)
        {
            Assert.Equal(new ImageSize(2, 3), ImageDecoder.ReadSize(SampleImages.WithExifChunk(png, one), Options));
        }
    }

    [Fact]
    public void Refuses_claimed_sizes_before_allocating()
    {
        byte[] png = SampleImages.PngClaiming(60_000, 60_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        string? error = Decode(png, new(8, 8), out _, out _);
        Assert.Equal("claims 60000×60000 pixels, more than 8192 per side or 67108864 in total", error);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
        Assert.Null(ImageDecoder.ReadSize(png, Options));

        Assert.StartsWith("claims 20×30 pixels", Decode(SampleImages.Png(20, 30, 1), new(8, 8), out _, out _, Options with { MaximumPixels = 599 }));
        Assert.Null(Decode(SampleImages.Png(20, 30, 1), new(8, 8), out _, out _, Options with { MaximumPixels = 600 }));
    }

    [Theory]
    [InlineData(SKEncodedImageFormat.Png)]
    [InlineData(SKEncodedImageFormat.Jpeg)]
    [InlineData(SKEncodedImageFormat.Webp)]
    public void A_cut_file_is_an_error_wherever_it_is_cut(SKEncodedImageFormat format)
    {
        byte[] file = SampleImages.Noise(64, format);
        for (int length = 0; length < file.Length - 16; length += 1 + (file.Length / 60))
        {
            string? error = Decode(file[..length], new(64, 64), out _, out _);
            Assert.True(error is not null, $"{format} cut to {length} of {file.Length} bytes was taken for whole");
        }

        Assert.Null(Decode(file, new(64, 64), out _, out _));
        if (format != SKEncodedImageFormat.Webp) // which is taken as whole or not at all
        {
            Assert.Equal("truncated", Decode(file[..(file.Length / 2)], new(64, 64), out _, out _));
        }
    }

    [Theory]
    [InlineData("hello, I am text", "not an image")]
    [InlineData("", "empty file")]
    [InlineData("%PDF-1.7 and so on", "PDF, which isn't read: convert it to PNG or JPEG")]
    [InlineData("II*\0 and so on", "TIFF, which isn't read: convert it to PNG or JPEG")]
    [InlineData("GIF89a", "damaged or truncated GIF")]
    public void Names_what_is_no_image(string content, string error) =>
        Assert.Equal(error, Decode(System.Text.Encoding.ASCII.GetBytes(content), new(8, 8), out _, out _));

    [Fact]
    public void Never_falls_over_random_damage()
    {
        var random = new Random(11);
        byte[][] whole = [SampleImages.Noise(24, SKEncodedImageFormat.Png), SampleImages.Noise(24, SKEncodedImageFormat.Jpeg), SampleImages.Noise(24, SKEncodedImageFormat.Webp), SampleImages.Bmp(24, 24, 3)];
        for (int i = 0; i < 400; i++)
        {
            byte[] file = [.. whole[i % whole.Length]];
            for (int hit = 0; hit < 4; hit++)
            {
                file[random.Next(Math.Min(file.Length, hit < 2 ? 64 : file.Length))] = (byte)random.Next(256);
            }

            Decode(file, new(8, 8), out _, out _); // an error or pixels: anything but an exception
        }
    }

    [Fact]
    public void A_large_jpeg_shrinks_to_the_same_as_its_pixels()
    {
        static SKColor Ramp(int row, int column) => new((byte)(row / 2), (byte)(column / 2), 128);
        Assert.Null(Decode(SampleImages.Encode(400, 400, Ramp, SKEncodedImageFormat.Jpeg), new(20, 10), out byte[] jpeg, out ImageFacts facts));
        Assert.Null(Decode(SampleImages.Png(400, 400, Ramp), new(20, 10), out byte[] png, out _));
        Assert.True(facts.Resized);
        Assert.All(jpeg.Zip(png), p => Assert.InRange(p.First, p.Second - 4, p.Second + 4));
    }

    [Fact]
    public void Colour_becomes_grey_by_its_weights_and_grey_stays()
    {
        var grey = new byte[4];
        ImageDecoder.ToGrey([255, 0, 0, 0, 255, 0, 0, 0, 255, 77, 77, 77], grey);
        Assert.Equal([76, 150, 29, 77], grey);
    }
}
