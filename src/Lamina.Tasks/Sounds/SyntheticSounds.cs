using Lamina.Formats.Sounds;
using Lamina.Learning.Sounds;
using Lamina.Tensors;

namespace Lamina.Tasks.Sounds;

/// <summary>Synthetic sounds of eight kinds for trying out, at any pitch and in any loudness, with noise over them; some of them short and
/// faint.</summary>
internal static class SyntheticSounds
{
    /// <summary>What they are called.</summary>
    public const string Name = "built-in synthetic sounds";

    /// <summary>Samples in a second.</summary>
    public const int Rate = 8_000;

    /// <summary>The longest of them, in seconds.</summary>
    public const double MostSeconds = 1.2;

    // The same sounds whatever the run's seed, so that runs can be compared.
    private const ulong Seed = 1;
    private const int Each = 120;

    private static readonly string[] s_kinds = ["beeps", "chord", "falling", "knock", "noise", "rising", "siren", "tone"];

    /// <summary>The sounds as a network gets them, the same at each call.</summary>
    public static SoundClips Clips(MelSpectrogram spectrogram)
    {
        var clips = new SoundClips(Name);
        Waveform[] sounds = [.. Enumerable.Range(0, Each * s_kinds.Length).Select(Sound)];
        var logs = new float[sounds.Length][];
        Parallel.For(0, sounds.Length, i => logs[i] = spectrogram.Analyze(sounds[i]));
        for (int i = 0; i < sounds.Length; i++) clips.Add($"{KindOf(i)} {i / s_kinds.Length + 1}", KindOf(i), null, 0, logs[i], $"{i}");
        return clips;
    }

    /// <summary>The kind of a sound.</summary>
    public static string KindOf(int index) => s_kinds[index % s_kinds.Length];

    /// <summary>A sound, by its number.</summary>
    public static Waveform Sound(int index)
    {
        var random = new RandomStream(Seed, (ulong)index);
        double Between(double low, double high) => low + (high - low) * random.NextDouble();
        double seconds = Between(0.3, MostSeconds), pitch = 150 * Math.Pow(2, Between(0, 4)), loudness = Math.Pow(10, Between(-1.5, -0.1)),
            faint = Math.Pow(10, Between(-2.6, -0.6));
        double change = Between(0.4, 1.4), speed = Between(2, 7), decay = Between(6, 25), share = Between(0.35, 0.65), third =
            Between(0, 1) < 0.5 ? 1.2 : 1.25;
        var samples = new float[(int)(seconds * Rate)];
        double phase = 0, smooth = 0, colour = Between(0, 0.9);
        for (int i = 0; i < samples.Length; i++)
        {
            double t = (double)i / Rate, noise = random.NextNormal() / 3;
            smooth = colour * smooth + (1 - colour) * noise;
            (double hertz, double size) = KindOf(index) switch
            {
                "rising" => (pitch * Math.Pow(2, change * t / seconds), 1),
                "falling" => (pitch * Math.Pow(2, -change * t / seconds), 1),
                "siren" => (pitch * Math.Pow(2, 0.35 * change * Math.Sin(2 * Math.PI * speed * t)), 1),
                "beeps" => (pitch, t * speed % 1 < share ? 1 : 0),
                "knock" => (pitch / 2, Math.Exp(-decay * t)),
                _ => (pitch, 1.0),
            };
            phase += 2 * Math.PI * Math.Min(hertz, 0.45 * Rate) / Rate;
            double wave = KindOf(index) switch
            {
                "noise" => 2 * smooth / Math.Sqrt(1 - colour),
                "chord" => (Math.Sin(phase) + Math.Sin(third * phase) + Math.Sin(1.5 * phase)) / 3,
                "knock" => Math.Sin(phase) + 0.5 * noise,
                _ => Math.Sin(phase),
            };
            double edge = Math.Min(1, Math.Min(t, seconds - t) / 0.01);
            samples[i] = (float)(loudness * edge * (size * wave * 0.7 + faint * noise));
        }
        return new(samples, Rate);
    }
}
