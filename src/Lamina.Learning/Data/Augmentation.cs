namespace Lamina.Learning.Data;

/// <summary>Content of a transformed image beyond the edges of the original.</summary>
public enum Border
{
    /// <summary>The nearest pixel of the original, drawn out.</summary>
    Edge,

    /// <summary>Black.</summary>
    Black,

    /// <summary>The original mirrored at its edge, for an eighth of the side (and a pixel); its end drawn out beyond.</summary>
    Mirror,
}

/// <summary>
/// How images are changed at random, each time they are shown, so that a network learns what doesn't matter. Flip, scale,
/// shear, rotation and shift are one affine map around the image's middle, sampled once with bilinear weights; contrast,
/// brightness and noise follow, and last a box may be erased. What is drawn depends on (seed, epoch, index of the example) alone, and every option has
/// draws of its own, so switching one on leaves the others' as they were.
/// </summary>
public sealed record Augmentation
{
    /// <summary>Images as they are.</summary>
    public static Augmentation None { get; } = new();

    /// <summary>For digits, letters and signs: a little shift, turn, scale and slant; never a flip, which would make another sign.</summary>
    public static Augmentation Digits { get; } = new() { Shift = 0.07, Rotate = 10, MinScale = 0.9, MaxScale = 1.1, Shear = 0.15 };

    /// <summary>A shift by whole pixels up to an eighth of the side and nothing else, for images whose mirror image may mean something else.</summary>
    public static Augmentation Light { get; } = new() { Crop = 0.125 };

    /// <summary>For photographs of things: a flip at even odds, and a shift by whole pixels up to an eighth of the side.</summary>
    public static Augmentation Photos { get; } = new() { FlipHorizontal = true, Crop = 0.125, Border = Border.Mirror };

    /// <summary>As <see cref="Photos"/>, with a little brightness and contrast, and a box erased in every other image: for long training.</summary>
    public static Augmentation Strong { get; } = Photos with { Brightness = 0.1, Contrast = 0.2, Erase = 0.5 };

    /// <summary>The farthest shift along each axis, as a part of the side, 0 to 1. Any distance up to it is as likely.</summary>
    public double Shift { get; init; }

    /// <summary>Like <see cref="Shift"/>, but by whole pixels, so that nothing is blurred: padding on all sides and cropping.</summary>
    public double Crop { get; init; }

    /// <summary>The farthest turn to either side, in degrees, 0 to 180.</summary>
    public double Rotate { get; init; }

    /// <summary>The least size as a part of the original's, above 0.</summary>
    public double MinScale { get; init; } = 1;

    /// <summary>The largest size as a part of the original's.</summary>
    public double MaxScale { get; init; } = 1;

    /// <summary>The farthest slant: columns shift by up to this part of their distance from the middle row, 0 to 1.</summary>
    public double Shear { get; init; }

    /// <summary>Whether every other image, on average, is flipped left to right.</summary>
    public bool FlipHorizontal { get; init; }

    /// <summary>The farthest change of brightness, as a part of full white, 0 to 1.</summary>
    public double Brightness { get; init; }

    /// <summary>The farthest change of contrast: distances from middle grey are multiplied by 1 − this to 1 + this, 0 to 1.</summary>
    public double Contrast { get; init; }

    /// <summary>
    /// The standard deviation of noise on each value, as a part of full white, 0 to 1: a sum of eight uniform draws, normal to within its ends at
    /// ±4.9 deviations.
    /// </summary>
    public double Noise { get; init; }

    /// <summary>
    /// The probability, 0 to 1, with which a box is filled with random values, so that no part of an image is all that is looked at: 2 to 33 % of the
    /// image, its sides in a proportion of 0.3 to 3.3 (Zhong, Zheng, Kang, Li and Yang, 2020: "Random erasing data augmentation").
    /// </summary>
    public double Erase { get; init; }

    /// <summary>Content beyond the edges of the original.</summary>
    public Border Border { get; init; }

    /// <summary>Whether every image stays as it is.</summary>
    public bool IsNone => this with { Border = Border.Edge } == None;

    /// <summary>Whether values change, not only places.</summary>
    internal bool ChangesTone => Brightness > 0 || Contrast > 0 || Noise > 0;

    /// <summary>Refuses options outside their ranges.</summary>
    internal void Check()
    {
        Within(nameof(Shift), Shift, 1);
        Within(nameof(Crop), Crop, 1);
        Within(nameof(Rotate), Rotate, 180);
        Within(nameof(Shear), Shear, 1);
        Within(nameof(Brightness), Brightness, 1);
        Within(nameof(Contrast), Contrast, 1);
        Within(nameof(Noise), Noise, 1);
        Within(nameof(Erase), Erase, 1);
        if (!(MinScale > 0 && MinScale <= MaxScale && MaxScale <= 100))
            throw new ArgumentOutOfRangeException(nameof(MinScale),
                $"scales from {MinScale} to {MaxScale}: they go from above 0 up to 100, the least one first");
    }

    private static void Within(string name, double value, double most)
    {
        if (!(value >= 0 && value <= most)) throw new ArgumentOutOfRangeException(name, $"{name} is {value}, not 0 to {most}");
    }
}
