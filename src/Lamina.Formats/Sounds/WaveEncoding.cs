namespace Lamina.Formats.Sounds;

/// <summary>How samples stand in a WAV file; the numbers are those of the format chunk.</summary>
public enum WaveEncoding
{
    /// <summary>Whole numbers of 8 (without sign), 16, 24 or 32 bits.</summary>
    Pcm = 1,

    /// <summary>IEEE 754 numbers of 32 or 64 bits.</summary>
    Float = 3,

    /// <summary>A-law of ITU-T G.711, 8 bits.</summary>
    ALaw = 6,

    /// <summary>µ-law of ITU-T G.711, 8 bits.</summary>
    MuLaw = 7,
}
