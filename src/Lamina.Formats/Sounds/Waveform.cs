namespace Lamina.Formats.Sounds;

/// <summary>A recording of one channel.</summary>
/// <param name="samples">The samples; −1 to 1 is full scale.</param>
/// <param name="rate">Samples in a second, from 1.</param>
/// <exception cref="ArgumentOutOfRangeException">The rate is below 1.</exception>
public sealed class Waveform(ReadOnlyMemory<float> samples, int rate)
{
    /// <summary>The samples; −1 to 1 is full scale.</summary>
    public ReadOnlyMemory<float> Samples { get; } = samples;

    /// <summary>Samples in a second.</summary>
    public int Rate { get; } = rate >= 1 ? rate : throw new ArgumentOutOfRangeException(nameof(rate), rate,
        "there is one sample in a second at least");

    /// <summary>How long it is, in seconds.</summary>
    public double Seconds => (double)Samples.Length / Rate;

    /// <inheritdoc/>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Seconds:0.###} s at {Rate} Hz");
}
