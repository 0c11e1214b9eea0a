using System.Buffers.Binary;
using System.IO.Compression;

namespace Article;

/// <summary>Images of digits (count, side, side, 1) and their labels (count), numbered from 0 in the order in which classes were asked for.</summary>
internal sealed record Digits(Tensor Images, Tensor Labels)
{
    private const int DrawnSide = 16;

    /// <summary>The first image's height and width.</summary>
    public int Side => Images.Shape[1];

    /// <summary>
    /// Digits to learn from, as many of each class: handwritten ones where the folder LAMINA_DATA has MNIST (LeCun, Cortes and Burges, 1998), else,
    /// and in short versions, digits that are drawn here. The first of many are those of few.
    /// </summary>
    /// <param name="book">Says which version is run, and with which seed.</param>
    /// <param name="count">Number of images.</param>
    /// <param name="classes">The digits; null: all ten.</param>
    /// <param name="isCentred">Whether each is in the middle, as MNIST's are.</param>
    /// <param name="isDrawn">Whether they are drawn here in any case.</param>
    public static Digits ToLearn(Notebook book, int count, int[]? classes = null, bool isCentred = false, bool isDrawn = false) =>
        Of(book, "train", 2 * book.Seed, count, classes, isCentred, isDrawn);

    /// <summary>Other digits to test with.</summary>
    /// <inheritdoc cref="ToLearn" path="/param"/>
    public static Digits ToTest(Notebook book, int count, int[]? classes = null, bool isCentred = false, bool isDrawn = false) =>
        Of(book, "t10k", 2 * book.Seed + 1, count, classes, isCentred, isDrawn);

    /// <summary>The same images moved to the right and downwards, with zeros where they came from.</summary>
    public Digits Moved(int right, int down)
    {
        Tensor padded = Images.Pad([0, Math.Max(0, down), Math.Max(0, right), 0], [0, Math.Max(0, -down), Math.Max(0, -right), 0]);
        return this with { Images = padded.Narrow(1, Math.Max(0, -down), Side).Narrow(2, Math.Max(0, -right), Side).Keep() };
    }

    private static Digits Of(Notebook book, string part, ulong seed, int count, int[]? classes, bool isCentred, bool isDrawn)
    {
        classes ??= [.. Enumerable.Range(0, 10)];
        var random = new RandomStream(seed, 7);
        string? folder = Environment.GetEnvironmentVariable("LAMINA_DATA") is { Length: > 0 } data ? Path.Combine(data, "images", "mnist") : null;
        bool isThere = folder is not null && File.Exists(Path.Combine(folder, $"{part}-images-idx3-ubyte.gz")) && File.Exists(Path.Combine(folder, $"{part}-labels-idx1-ubyte.gz"));
        if (isDrawn || book.IsSmall || !isThere)
        {
            string why = isDrawn || book.IsSmall ? "" : "; for handwritten ones set LAMINA_DATA to a folder with MNIST in images/mnist";
            book.Note($"digits: drawn by the program{why}");
            return Draw(random, count, classes, isCentred);
        }
        book.Note("digits: handwritten ones of MNIST");
        return Read(folder!, part, random, count, classes);
    }

    // MNIST's files: 16 bytes before the pixels, 8 before the labels, all packed.
    private static Digits Read(string folder, string part, RandomStream random, int count, int[] classes)
    {
        byte[] images = Unpack("images-idx3"), labels = Unpack("labels-idx1");
        int side = BinaryPrimitives.ReadInt32BigEndian(images.AsSpan(8)), size = side * side;
        int[] order = random.Permutation(labels.Length - 8);
        Queue<int>[] byClass = [.. classes.Select(c => new Queue<int>(order.Where(i => labels[8 + i] == c)))];
        float[] pixels = new float[count * size];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> image = images.AsSpan(16 + byClass[i % classes.Length].Dequeue() * size, size);
            for (int p = 0; p < size; p++) pixels[i * size + p] = image[p] / 255f;
        }
        return new(Tensor.From(pixels, [count, side, side, 1]), Tensor.From([.. Enumerable.Range(0, count).Select(i => i % classes.Length)]));

        byte[] Unpack(string kind)
        {
            using var file = new GZipStream(File.OpenRead(Path.Combine(folder, $"{part}-{kind}-ubyte.gz")), CompressionMode.Decompress);
            using var memory = new MemoryStream();
            file.CopyTo(memory);
            return memory.ToArray();
        }
    }

    // The digits of a dot-matrix display, a row of five dots in each number.
    private static readonly byte[][] s_dots =
    [
        [14, 17, 19, 21, 25, 17, 14], [4, 12, 4, 4, 4, 4, 14], [14, 17, 1, 2, 4, 8, 31], [31, 2, 4, 2, 1, 17, 14], [2, 6, 10, 18, 31, 2, 2],
        [31, 16, 30, 1, 1, 17, 14], [6, 8, 16, 30, 17, 17, 14], [31, 1, 2, 4, 8, 8, 8], [14, 17, 17, 14, 17, 17, 14], [14, 17, 17, 15, 1, 2, 12],
    ];

    // Somewhere in the image, fainter or stronger, slanted, with noise.
    private static Digits Draw(RandomStream random, int count, int[] classes, bool isCentred)
    {
        const int Side = DrawnSide;
        float[] pixels = new float[count * Side * Side];
        for (int i = 0; i < count; i++)
        {
            byte[] rows = s_dots[classes[i % classes.Length]];
            (int top, int left) = isCentred ? (2, 3) : (random.NextInt(Side - 12), random.NextInt(Side - 9));
            float ink = 0.5f + 0.5f * random.NextSingle(), slant = random.NextSingle() * 0.5f - 0.25f;
            Span<float> image = pixels.AsSpan(i * Side * Side, Side * Side);
            // Each dot is nearly two pixels high and wide.
            for (int y = 0; y < 13; y++)
                for (int x = 0; x < 10; x++)
                {
                    int at = (int)Math.Round(left + x + slant * (y - 6));
                    if ((rows[y / 2] >> (4 - x / 2) & 1) == 1 && at is >= 0 and < Side) image[(top + y) * Side + at] = ink;
                }
            for (int p = 0; p < image.Length; p++) image[p] += 0.3f * (float)random.NextNormal();
        }
        return new(Tensor.From(pixels, [count, Side, Side, 1]), Tensor.From([.. Enumerable.Range(0, count).Select(i => i % classes.Length)]));
    }
}
