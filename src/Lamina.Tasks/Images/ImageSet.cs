using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Lamina.Tasks.Images;

/// <summary>Labelled images of one size in memory: bytes of shape (count, height, width, channels).</summary>
public sealed class ImageSet
{
    /// <summary>Holds the arrays as they are, without a copy, after checking that they fit together.</summary>
    /// <param name="pixels">The images, (count, height, width, channels), row by row, channels last, 0 to 255.</param>
    /// <param name="height">Rows of an image.</param>
    /// <param name="width">Columns of an image.</param>
    /// <param name="channels">1 for grey, 3 for red, green and blue.</param>
    /// <param name="labels">Each image's class, an index into <paramref name="classes"/>: (count).</param>
    /// <param name="classes">The names of the classes.</param>
    /// <exception cref="ArgumentException">The sizes don't fit together, or a label has no class.</exception>
    public ImageSet(byte[] pixels, int height, int width, int channels, int[] labels, IReadOnlyList<string> classes)
        : this(pixels, height, width, channels, labels, classes, null)
    {
    }

    /// <summary>Holds images with targets that may be no classes: their labels are all 0 then.</summary>
    internal ImageSet(byte[] pixels, int height, int width, int channels, ImageTargets targets)
        : this(pixels, height, width, channels,
            targets.Kind == TargetKind.Classes ? Array.ConvertAll(targets.Values, v => (int)v) : new int[targets.Values.Length / targets.Width],
            targets.Names, targets.Kind == TargetKind.Classes ? null : targets)
    {
    }

    private ImageSet(byte[] pixels, int height, int width, int channels, int[] labels, IReadOnlyList<string> classes, ImageTargets? targets)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        if (channels is not (1 or 3))
        {
            throw new ArgumentException($"channels must be 1 (grey) or 3 (RGB), not {channels}", nameof(channels));
        }

        Int128 expected = (Int128)labels.Length * height * width * channels;
        if (pixels.Length != expected)
        {
            throw new ArgumentException(
                $"{labels.Length} images of {height}×{width}×{channels} need {expected} bytes, not {pixels.Length}",
                nameof(pixels));
        }

        foreach (int label in labels)
        {
            if ((uint)label >= (uint)classes.Count)
            {
                throw new ArgumentException($"label {label} has no class: there are {classes.Count}", nameof(labels));
            }
        }

        Pixels = pixels;
        Targets = targets;
        Height = height;
        Width = width;
        Channels = channels;
        Labels = labels;
        Classes = classes;
        Hash = HashOf(this);
    }

    /// <summary>The images, (count, height, width, channels), row by row, channels last, 0 to 255.</summary>
    public byte[] Pixels { get; }

    /// <summary>How many images there are.</summary>
    public int Count => Labels.Length;

    /// <summary>Rows of an image.</summary>
    public int Height { get; }

    /// <summary>Columns of an image.</summary>
    public int Width { get; }

    /// <summary>1 for grey, 3 for red, green and blue.</summary>
    public int Channels { get; }

    /// <summary>Each image's class, an index into <see cref="Classes"/>: (count).</summary>
    public int[] Labels { get; }

    /// <summary>The names of the classes, in the order of their labels.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>The targets, where they are no classes; <see cref="Classes"/> are the names of the labels or numbers then. Null for
    /// classes.</summary>
    internal ImageTargets? Targets { get; }

    /// <summary>
    /// SHA-256 in lower-case hexadecimal over sizes, class names, labels and pixels, taken when the set was made:
    /// equal sets have equal hashes, wherever they were read from.
    /// </summary>
    public string Hash { get; }

    /// <summary>One image's bytes, (height, width, channels).</summary>
    /// <param name="index">Which image, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There's no such image.</exception>
    public ReadOnlySpan<byte> Image(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        int size = Height * Width * Channels;
        return Pixels.AsSpan(index * size, size);
    }

    private static string HashOf(ImageSet set)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, set.Count, set.Height, set.Width, set.Channels, set.Classes.Count);
        foreach (string name in set.Classes)
        {
            byte[] text = Encoding.UTF8.GetBytes(name);
            Append(hash, text.Length); // the length keeps ["ab", "c"] and ["a", "bc"] apart
            hash.AppendData(text);
        }

        Append(hash, set.Labels);
        if (set.Targets is { } targets) hash.AppendData(MemoryMarshal.AsBytes(targets.Values.AsSpan()));
        hash.AppendData(set.Pixels);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Append(IncrementalHash hash, params ReadOnlySpan<int> values)
    {
        var bytes = new byte[values.Length * sizeof(int)];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i * sizeof(int)), values[i]);
        }

        hash.AppendData(bytes);
    }
}
