using System.IO.Compression;
using System.Runtime.InteropServices;
using Lamina.Tasks.Images;
using SkiaSharp;

namespace Lamina.Tasks.Tests.Images;

/// <summary>Memory and stack follow the size of the data: what is decoded in strips, and what is refused before memory is taken.</summary>
public sealed class BoundedMemoryTests
{
    private static SKColor Colour(int y, int x) => new((byte)((x * 7) + (y * 3)), (byte)((x * x) + y), (byte)(x ^ y));

    private static byte[] LargeBmp(int height, int width)
    {
        byte[] bmp = SampleImages.Bmp(height, width, 0);
        int line = ((width * 3) + 3) / 4 * 4;
        for (int i = 54; i < bmp.Length; i++)
        {
            bmp[i] = (byte)(((i - 54) % line * 5) + ((i - 54) / line * 3));
        }

        return bmp;
    }

    // Above 4 megapixels images go through in strips: the bytes are those of the whole image.
    [Theory]
    [InlineData("png")]
    [InlineData("jpeg")]
    [InlineData("bmp")]
    public void A_large_image_gives_the_bytes_of_a_whole_one(string format)
    {
        const int Height = 2100, Width = 2101;
        byte[] file = format == "bmp" ? LargeBmp(Height, Width)
            : SampleImages.Encode(Height, Width, Colour, format == "png" ? SKEncodedImageFormat.Png : SKEncodedImageFormat.Jpeg);
        var size = new ImageSize(1203, 1301); // more than half of the image, so that a JPEG isn't decoded at a fraction
        var target = new byte[1203 * 1301 * 3];
        Assert.Null(ImageDecoder.Decode(file, size, target, new ImageReadOptions(), out _, TestContext.Current.CancellationToken));

        using SKBitmap whole = SKBitmap.Decode(file, new SKImageInfo(Width, Height, SKColorType.Rgba8888, format == "png" ? SKAlphaType.Unpremul : SKAlphaType.Opaque));
        byte[] rgb = [.. whole.Bytes.Chunk(4).SelectMany(p => p[..3])];
        var expected = new byte[target.Length];
        ImageResizer.Resize(rgb, new(Height, Width), expected, size, 3);
        Assert.True(target.AsSpan().SequenceEqual(expected));
    }

    [Theory]
    [InlineData("png", (int)StripWay.Subset)]
    [InlineData("jpeg", (int)StripWay.Sequential)]
    [InlineData("bmp", (int)StripWay.BottomUp)]
    public void Strips_are_the_rows_of_the_whole(string format, int way)
    {
        const int Height = 101, Width = 60, Rows = 30;
        byte[] file = format == "bmp" ? LargeBmp(Height, Width)
            : SampleImages.Encode(Height, Width, Colour, format == "png" ? SKEncodedImageFormat.Png : SKEncodedImageFormat.Jpeg);
        using SKData data = SKData.CreateCopy(file);
        using SKCodec codec = SKCodec.Create(data);
        var info = new SKImageInfo(Width, Height, SKColorType.Rgba8888, format == "png" ? SKAlphaType.Unpremul : SKAlphaType.Opaque);
        byte[] whole = new byte[info.BytesSize], strip = new byte[Rows * info.RowBytes];
        Assert.Equal(SKCodecResult.Success, codec.GetPixels(info, whole));
        var strips = new ImageStrips(info, Rows, 0, (StripWay)way);
        GCHandle pin = GCHandle.Alloc(strip, GCHandleType.Pinned);
        for (int top = 0; top < Height; top += Rows)
        {
            int count = Math.Min(Rows, Height - top);
            Assert.Equal(SKCodecResult.Success, strips.Read(codec, top, count, pin.AddrOfPinnedObject()));
            Assert.True(strip.AsSpan(0, count * info.RowBytes).SequenceEqual(whole.AsSpan(top * info.RowBytes, count * info.RowBytes)), $"row {top}");
        }

        pin.Free();
    }

    [Fact]
    public void Progressive_jpegs_count_their_coefficients()
    {
        byte[] Header(byte frame, byte scanned) =>
        [
            0xFF, 0xD8, 0xFF, frame, 0, 17, 8, 0x20, 0, 0x20, 0, 3, 1, 0x22, 0, 2, 0x11, 0, 3, 0x11, 0, // 8192×8192, 4:2:0
            0xFF, 0xDA, 0, 6, scanned, 0, 0, 0, 0, 0,
        ];
        Assert.Equal(8192L * 8192 * 3 / 2 * 2, JpegCoefficients.Bytes(Header(0xC2, 3)));
        Assert.Equal(8192L * 8192 * 3 / 2 * 2, JpegCoefficients.Bytes(Header(0xC0, 1))); // in several scans
        Assert.Equal(0, JpegCoefficients.Bytes(Header(0xC0, 3)));
        Assert.Equal(0, JpegCoefficients.Bytes([0xFF, 0xD8, 0xFF]));
    }

    [Fact]
    public async Task Memory_is_shared_between_threads()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        DecodeMemory.Share all = DecodeMemory.Pixels.Take(long.MaxValue, cancel);
        Task waiting = Task.Run(() => DecodeMemory.Pixels.Take(1, cancel).Dispose(), cancel);
        await Task.Delay(200, cancel);
        Assert.False(waiting.IsCompleted);
        all.Dispose();
        await waiting.WaitAsync(TimeSpan.FromSeconds(30), cancel);
    }

    [Fact]
    public void A_zip_with_folders_10000_deep_is_refused_by_name()
    {
        using var folder = new TempFolder();
        string zip = folder.Zip("deep.zip", (string.Concat(Enumerable.Repeat("a/", 10_000)) + "0.png", SampleImages.Png(2, 2, 1)));
        Refused.Open(zip, zip, "its folders are nested more than 64 deep, at a/a/a/", "moving the class folders up");
    }

    [Theory]
    [InlineData(60, true)]
    [InlineData(70, false)]
    public void Folders_may_be_deep_but_not_without_end(int deep, bool isRead)
    {
        using var folder = new TempFolder();
        string inner = string.Concat(Enumerable.Repeat("d/", deep - 1));
        folder.WithCatsAndDogs(inner);
        if (isRead)
        {
            Assert.Equal(4, ImageSource.Open(folder.Root, cancel: TestContext.Current.CancellationToken).Train.Count);
        }
        else
        {
            Refused.Open(folder.Root, folder.Root, "its folders are nested more than 64 deep", "moving the class folders up");
        }
    }

    // 300 MB in a few hundred kilobytes: labels and headers are looked at first, so that nearly nothing is unpacked.
    [Fact]
    public void A_gzip_bomb_is_not_unpacked_before_the_labels_are_checked()
    {
        using var folder = new TempFolder();
        folder.Write("train-images-idx3-ubyte.gz", Bomb(300, 1000, 1000, 300_000_000));
        folder.Write("train-labels-idx1-ubyte.gz", SampleImages.Gzip(SampleImages.Idx([2], [0, 1])));
        AssertFrugal(() => Refused.Open(folder.Root, folder.At("train-images-idx3-ubyte.gz"), "holds 300 images, but", "the two files of one download"));
        folder.Write("train-labels-idx1-ubyte.gz", SampleImages.Gzip(SampleImages.Idx([300], new byte[300])));
        AssertFrugal(() => Refused.Open(folder.Root, folder.Root, "expected at least two classes", "a second class"));
    }

    [Fact]
    public void A_gzip_file_that_claims_more_than_it_holds_takes_no_memory_for_it()
    {
        using var folder = new TempFolder();
        folder.Write("train-images-idx3-ubyte.gz", Bomb(300, 1000, 1000, 299_000_000));
        folder.Write("train-labels-idx1-ubyte.gz", SampleImages.Gzip(SampleImages.Idx([300], [.. Enumerable.Range(0, 300).Select(i => (byte)(i % 2))])));
        AssertFrugal(() => Refused.Open(folder.Root, folder.At("train-images-idx3-ubyte.gz"), "its header claims 300×1000×1000 = 300000000 bytes", "again"));
    }

    private static void AssertFrugal(Action open)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        open();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 << 20);
    }

    private static byte[] Bomb(int count, int height, int width, long bytes)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest))
        {
            byte[] header = SampleImages.Idx([count, height, width], []);
            gzip.Write(header);
            var zeros = new byte[1 << 20];
            for (long left = bytes; left > 0; left -= zeros.Length)
            {
                gzip.Write(zeros.AsSpan(0, (int)Math.Min(left, zeros.Length)));
            }
        }

        return memory.ToArray();
    }
}
