using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Lamina.Formats;
using Lamina.Tasks;
using Lamina.Tasks.Images;
using Lamina.Tensors;
using SkiaSharp;

namespace Lamina.Fuzz;

/// <summary>The readers that are tried: each makes a spoiled file from a number and reads it.</summary>
internal static class Readers
{
    public static readonly (string Name, Action<string, Random> Try)[] All =
    [
        // Not Parquet: its library goes round for ever in some damaged files, which a time limit ends.
        ("images", Images), ("zip", Zip), ("idx", Idx), ("safetensors", Safetensors), ("run", Run),
        ("csv", Tables.Csv), ("json", Tables.Json), ("sqlite", Tables.Sqlite),
    ];

    private static readonly Lazy<byte[][]> s_images = new(() => [.. MakeImages()]);

    /// <summary>Whether a reader may refuse a file with this: the exceptions that carry a message with a way out.</summary>
    public static bool IsTyped(Exception e) => e is DataException or TaskException or FileFormatException;

    private static void Images(string folder, Random random)
    {
        string path = Path.Combine(folder, "image");
        File.WriteAllBytes(path, SpoiledImage(random));
        int side = random.Next(1, 80);
        ImageRead read = ImageReader.ReadFiles([path], side, random.Next(1, 80), random.Next(2) == 0 ? 1 : 3)[0];
        if ((read.Pixels is null) == (read.Error is null)) throw new InvalidOperationException("neither pixels nor a reason");
    }

    private static byte[] SpoiledImage(Random random)
    {
        byte[] file = s_images.Value[random.Next(s_images.Value.Length)];
        if (random.Next(16) > 0) file = Mutation.Spoil(file, random);
        if (file is [0x89, (byte)'P', ..] && random.Next(4) > 0) Mutation.MendPng(file);
        return file;
    }

    private static void Zip(string folder, Random random)
    {
        using var memory = new MemoryStream();
        using (var archive = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            if (random.Next(4) > 0)
            {
                foreach (string name in new[] { "cat/a.png", "cat/b.png", "dog/a.png", "dog/b.png" })
                {
                    using Stream entry = archive.CreateEntry(name).Open();
                    entry.Write(s_images.Value[0]);
                }
            }
            for (int i = random.Next(0, 5); i > 0; i--)
            {
                using Stream entry = archive.CreateEntry(EntryName(random), random.Next(2) == 0 ? CompressionLevel.Fastest : CompressionLevel.NoCompression).Open();
                entry.Write(random.Next(3) == 0 ? SpoiledImage(random) : s_images.Value[0]);
            }
        }
        byte[] bytes = memory.ToArray();
        if (random.Next(3) > 0) bytes = Mutation.Spoil(bytes, random);
        string path = Path.Combine(folder, "data.zip");
        File.WriteAllBytes(path, bytes);
        ImageSource.Open(path);
    }

    private static string EntryName(Random random)
    {
        string[] parts = ["cat", "dog", "train", "test_set", "..", ".", "", "caf\u00E9", "cafe\u0301", "a\nb", "\u202Egnp", "\uD83D\uDE00", "CON", "/", "\\", "a/b/c"];
        var name = new StringBuilder();
        int deep = random.Next(20) == 0 ? random.Next(5000) : random.Next(4);
        for (int i = 0; i < deep; i++) name.Append(parts[random.Next(parts.Length)]).Append('/');
        return name.Append(random.Next(100)).Append(random.Next(8) == 0 ? ".mp4" : ".png").ToString();
    }

    private static void Idx(string folder, Random random)
    {
        foreach (string name in new[] { "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte" })
        {
            bool isImages = name.Contains("images", StringComparison.Ordinal);
            byte[] file = IdxFile(isImages ? [8, 5, 4] : [8]);
            if (random.Next(3) == 0) file = Mutation.Spoil(file, random);
            bool isPacked = random.Next(3) == 0;
            if (isPacked) file = Gzip(file);
            if (isPacked && random.Next(4) == 0) file = Mutation.Spoil(file, random);
            File.WriteAllBytes(Path.Combine(folder, name + (isPacked ? ".gz" : "")), file);
        }
        ImageSource.Open(folder, new ImageReadOptions { Size = random.Next(2) == 0 ? null : new ImageSize(random.Next(1, 40), random.Next(1, 40)) });
    }

    private static byte[] IdxFile(int[] sizes)
    {
        int count = sizes.Aggregate(1, (a, b) => a * b);
        byte[] file = [0, 0, 8, (byte)sizes.Length, .. sizes.SelectMany(s => BitConverter.GetBytes(BinaryPrimitives.ReverseEndianness(s))), .. Enumerable.Range(0, count).Select(i => (byte)(i % 2))];
        return file;
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest)) gzip.Write(bytes);
        return memory.ToArray();
    }

    private static void Safetensors(string folder, Random random)
    {
        using var stream = new MemoryStream();
        SafeTensors.Write(stream, new Dictionary<string, Tensor>
        {
            ["conv.weight"] = Tensor.From([1f, 2f, 3f, 4f], [2, 2]), ["steps"] = Tensor.Of(5L), ["mask"] = Tensor.From(true, false, true),
        }, new Dictionary<string, string> { ["made by"] = "a test", ["caf\u00E9"] = "\u202E" });
        byte[] file = stream.ToArray();
        if (random.Next(2) == 0)
        {
            int length = (int)BinaryPrimitives.ReadInt64LittleEndian(file);
            byte[] header = Mutation.SpoilJson(file[8..(8 + length)], random);
            file = [.. BitConverter.GetBytes((long)header.Length), .. header, .. file[(8 + length)..]];
        }
        if (random.Next(2) == 0) file = Mutation.Spoil(file, random);
        string path = Path.Combine(folder, "model.safetensors");
        File.WriteAllBytes(path, file);
        SafeTensors.Read(path);
    }

    private static void Run(string folder, Random random)
    {
        byte[] file = Encoding.UTF8.GetBytes(RunJson);
        file = random.Next(3) > 0 ? Mutation.SpoilJson(file, random) : Mutation.Spoil(file, random);
        File.WriteAllBytes(Path.Combine(folder, "run.json"), file);
        ImageClassification.Summarize(folder);
    }

    private const string RunJson = """
        {"format":1,"task":"images","version":"0.1.0","created":"2026-01-01T00:00:00+00:00","data":"photos","dataHash":"00",
        "settings":{"epochs":3,"batch":16,"learningRate":0.001,"optimizer":"adamw","seed":1,"quick":false,"overfitBatch":false,"augmentation":"none"},
        "network":{"classes":2,"widths":[8,16],"hidden":32,"dropout":0.1},
        "classes":["cat","dog"],"input":[16,16,3],"mean":[0.5,0.5,0.5],"deviation":[0.2,0.2,0.2]}
        """;

    private static IEnumerable<byte[]> MakeImages()
    {
        foreach ((SKColorType type, SKAlphaType alpha) in new[] { (SKColorType.Rgba8888, SKAlphaType.Opaque), (SKColorType.Rgba8888, SKAlphaType.Unpremul), (SKColorType.Gray8, SKAlphaType.Opaque) })
        {
            var info = new SKImageInfo(23, 17, type, alpha);
            var pixels = new byte[info.BytesSize];
            new Random(5).NextBytes(pixels);
            using SKImage image = SKImage.FromPixelCopy(info, pixels);
            foreach (SKEncodedImageFormat format in new[] { SKEncodedImageFormat.Png, SKEncodedImageFormat.Jpeg, SKEncodedImageFormat.Webp })
            {
                using SKData data = image.Encode(format, format == SKEncodedImageFormat.Webp ? 100 : 80);
                yield return data.ToArray();
            }
        }
        yield return Convert.FromBase64String("R0lGODlhBAAEAPAAAP8AAAAA/yH5BAEAAAAALAAAAAAEAAQAAAIEjI+pVgA7");
        foreach (int height in new[] { 5, -5 })
        {
            byte[] bmp = new byte[54 + (5 * 16)];
            "BM"u8.CopyTo(bmp);
            foreach ((int at, int value) in new[] { (2, bmp.Length), (10, 54), (14, 40), (18, 5), (22, height), (26, 1 | (24 << 16)) }) BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(at), value);
            yield return bmp;
            yield return [0, 0, 1, 0, 1, 0, 23, 17, 0, 0, 1, 0, 32, 0, 0xFF, 0xFF, 0, 0, 22, 0, 0, 0, .. bmp];
        }
    }
}
