
namespace Lamina.Tasks.Images;

/// <summary>How images are read: the size they're brought to, and what is refused.</summary>
public sealed record ImageReadOptions
{
    /// <summary>
    /// The size that every image is brought to, stretched if its proportions differ. <see langword="null"/>
    /// leaves the choice to the data. IDX images keep their size. For image files it's the most common size
    /// among the training images (2,000 of them at most, evenly spread), if at least a quarter has it and its
    /// longer side is at most 128; otherwise a square, whose side is the median of the longer sides, at most 64.
    /// </summary>
    public ImageSize? Size { get; init; }

    /// <summary>The largest image file, in bytes, packed or unpacked; larger ones count as unreadable.</summary>
    public int MaximumFileBytes { get; init; } = 64 << 20;

    /// <summary>The longest side of an image file, in pixels; larger ones count as unreadable.</summary>
    public int MaximumSide { get; init; } = 8192;

    /// <summary>The most pixels that an image file may have; larger ones count as unreadable.</summary>
    public long MaximumPixels { get; init; } = 64L << 20;

    /// <summary>
    /// The share of image files that may be unreadable: so many are skipped and named in a note, more are
    /// refused. One unreadable file is always allowed.
    /// </summary>
    public double MaximumUnreadable { get; init; } = 0.05;

    /// <summary>Whether images are taken without classes too, or all of one.</summary>
    internal bool MayLackClasses { get; init; }

    /// <summary>Whether nothing is made of classes, so that one with a single image will do.</summary>
    internal bool IgnoresClasses { get; init; }

    /// <summary>How the targets are found where folders don't give them.</summary>
    internal TargetOptions Targets { get; init; } = new();

    /// <summary>The drawings that a network learned from, which images are to be brought near to; null: images are taken as they are.</summary>
    internal InkStyle? Ink { get; init; }
}

/// <summary>An image's size in pixels.</summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
public readonly record struct ImageSize(int Height, int Width)
{
    internal int Longer => Math.Max(Height, Width);

    internal long Area => (long)Height * Width;

    /// <summary>The size as text, height first: <c>28×28</c>.</summary>
    public override string ToString() => $"{Height}×{Width}";
}

/// <summary>How far reading has come.</summary>
/// <param name="Done">Images read so far, the unreadable ones among them.</param>
/// <param name="Total">Images to read.</param>
public readonly record struct ImageProgress(int Done, int Total);
