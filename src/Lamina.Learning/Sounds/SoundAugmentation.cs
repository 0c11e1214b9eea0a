namespace Lamina.Learning.Sounds;

/// <summary>How spectrograms are varied at random in training, so that other voices, rooms and microphones are no surprise. Each part is off at
/// 0.</summary>
public sealed record SoundAugmentation
{
    /// <summary>What suits recordings of any kind.</summary>
    public static SoundAugmentation Usual { get; } = new();

    /// <summary>No variation.</summary>
    public static SoundAugmentation None { get; } = new() { Stretch = 0, Warp = 0, Equalizer = 0, Noise = 0, Blend = 0, Masks = 0, Shift = false };

    /// <summary>How much faster or slower, as a share: 0.2 is 1 / 1.2 to 1.2 times as long.</summary>
    public double Stretch { get; init; } = 0.25;

    /// <summary>How far frequencies are moved, as a share: vocal tracts differ in length (Jaitly and Hinton, 2013: "Vocal tract length perturbation
    /// improves speech recognition").</summary>
    public double Warp { get; init; } = 0.15;

    /// <summary>How many decibels bands are raised or lowered, along a smooth curve.</summary>
    public double Equalizer { get; init; } = 8;

    /// <summary>The share of examples that noise is added to, 10 to 50 decibels below the loudest point.</summary>
    public double Noise { get; init; } = 0.5;

    /// <summary>
    /// The share of examples that are blended, by up to a half, with another recording of their class, brought to the same length: something between
    /// two voices that say the same (as mixup does between classes: Zhang et al., 2018).
    /// </summary>
    public double Blend { get; init; } = 0.5;

    /// <summary>Number of masks along time, and along bands (Park et al., 2019: "SpecAugment"), each up to <see cref="MaskShare"/> wide.</summary>
    public int Masks { get; init; } = 2;

    /// <summary>The largest share of the frames, or bands, that a mask covers.</summary>
    public double MaskShare { get; init; } = 0.15;

    /// <summary>Whether a recording stands anywhere among the frames, rather than at their beginning.</summary>
    public bool Shift { get; init; } = true;
}
