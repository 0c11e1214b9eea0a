using Lamina.Formats;
using Lamina.Formats.Sounds;
using Lamina.Learning.Sounds;
using Lamina.Tasks.Images;

namespace Lamina.Tasks.Sounds;

/// <summary>What the headers of recordings say: rates and lengths, from which the spectrogram is decided.</summary>
internal static class SoundSurvey
{
    private const int MostLooked = 2_000, HighestRate = 16_000, LeastFrames = 16, MostFrames = 400, FullFrames = 256, Stride = 8, NarrowRate =
        11_025, NarrowBands = 28, WideBands = 40;
    private const double UsualHop = 0.010, LongestHop = 0.040, UsualWindow = 0.025, Whole = 0.98;

    /// <summary>The rate that most recordings have, at most 16,000 Hz, and a hop with which most of them have a few hundred frames.</summary>
    /// <param name="tree">Where they are.</param>
    /// <param name="files">The recordings.</param>
    /// <param name="rate">The rate that a person chose, or null.</param>
    public static MelOptions Of(ImageTree tree, IReadOnlyList<SoundFile> files, int? rate)
    {
        var rates = new List<int>();
        var seconds = new List<double>();
        int step = Math.Max(1, files.Count / MostLooked);
        for (int i = 0; i < files.Count; i += step)
        {
            try
            {
                using var reader = new WaveReader(tree.OpenRead(files[i].Index), files[i].Name);
                rates.Add(reader.Rate);
                if (reader.Count is > 0) seconds.Add((double)reader.Count / reader.Rate);
            }
            catch (Exception e) when (e is FileFormatException or IOException or UnauthorizedAccessException or InvalidDataException)
            {
                // It is named where it is read whole.
            }
        }
        int chosen = rates.Count == 0 ? HighestRate : rates.CountBy(r => r).OrderByDescending(r => r.Value).ThenBy(r => r.Key).First().Key;
        return Of(rate ?? Math.Clamp(chosen, 1_000, HighestRate), seconds.Count == 0 ? 1 : Most(seconds));
    }

    /// <summary>Options for recordings of a rate, most of which are no longer than so many seconds.</summary>
    public static MelOptions Of(int rate, double seconds)
    {
        double hop = Math.Clamp(Math.Round(seconds / FullFrames, 3), UsualHop, LongestHop);
        // Narrower bands would show each harmonic of a voice, and so who speaks rather than what.
        int bands = rate <= NarrowRate ? NarrowBands : WideBands;
        return new() { Rate = rate, Frames = MostFrames, Bands = bands, Hop = hop, Window = Math.Max(UsualWindow, 2 * hop), Normalization =
            SoundNormalization.Loudness };
    }

    /// <summary>The number of frames that most recordings fit into.</summary>
    public static int Frames(IEnumerable<int> lengths) =>
        (Math.Clamp((int)Most([.. lengths.Where(l => l > 0).Select(l => (double)l).DefaultIfEmpty(LeastFrames)]), LeastFrames, MostFrames)
            + Stride - 1) / Stride * Stride;

    private static double Most(List<double> values)
    {
        values.Sort();
        return values[(int)(Whole * (values.Count - 1))];
    }
}
