using System.Text.Json.Serialization;

namespace Lamina.Learning.Sounds;

/// <summary>What is taken from a spectrogram, so that it says less of loudness, microphone and voice.</summary>
public enum SoundNormalization
{
    /// <summary>The mean of the whole recording: its loudness.</summary>
    Loudness,

    /// <summary>The mean of each band (cepstral mean normalisation: Atal, 1974): microphone, room, and a part of the voice too.</summary>
    Bands,

    /// <summary>Both, as two channels.</summary>
    Both,
}

/// <summary>Options of <see cref="MelSpectrogram"/>; saved beside a network's weights, whole.</summary>
public sealed record MelOptions
{
    /// <summary>Samples in a second that recordings are brought to, 1,000 to 192,000.</summary>
    public required int Rate { get; init; }

    /// <summary>Number of frames of a spectrogram, 1 to 100,000: longer recordings are cropped, shorter ones padded.</summary>
    public required int Frames { get; init; }

    /// <summary>Number of bands, 4 to 512.</summary>
    [JsonRequired]
    public int Bands { get; init; } = 40;

    /// <summary>Seconds that a frame looks at, 0.002 to 1.</summary>
    [JsonRequired]
    public double Window { get; init; } = 0.025;

    /// <summary>Seconds from one frame to the next, 0.001 to 1.</summary>
    [JsonRequired]
    public double Hop { get; init; } = 0.010;

    /// <summary>The lowest frequency, Hz.</summary>
    [JsonRequired]
    public double Low { get; init; } = 40;

    /// <summary>Frames at both ends that are so many decibels below the loudest one are cut off; 0: none are.</summary>
    [JsonRequired]
    public double Silence { get; init; } = 40;

    /// <summary>What lies so many decibels below the loudest point counts as that, 10 to 200.</summary>
    [JsonRequired]
    public double Range { get; init; } = 60;

    /// <summary>What is taken out.</summary>
    [JsonRequired]
    public SoundNormalization Normalization { get; init; } = SoundNormalization.Bands;

    /// <summary>Number of channels of a spectrogram.</summary>
    [JsonIgnore]
    public int Channels => Normalization == SoundNormalization.Both ? 2 : 1;

    /// <summary>Samples that a frame looks at.</summary>
    [JsonIgnore]
    public int WindowSamples => Math.Max(4, (int)Math.Round(Window * Rate));

    /// <summary>Samples from one frame to the next.</summary>
    [JsonIgnore]
    public int HopSamples => Math.Max(1, (int)Math.Round(Hop * Rate));
}
