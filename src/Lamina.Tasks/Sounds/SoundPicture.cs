using Lamina.Learning.Sounds;

namespace Lamina.Tasks.Sounds;

/// <summary>Recordings as people see them: their spectrograms, time from left to right, low frequencies at the bottom.</summary>
internal static class SoundPicture
{
    private const int MostColumns = 256;

    // Dark to bright, as magma has it (Smith and van der Walt, 2015), so that grey prints show it too.
    private static readonly (byte R, byte G, byte B)[] s_colors = [(0, 0, 4), (59, 15, 112), (140, 41, 129), (222, 73, 104), (254, 159, 109),
        (252, 253, 191)];

    /// <summary>The picture of logarithms of power (frames, bands).</summary>
    public static SoundSample Of(string place, float[] logs, MelOptions mel)
    {
        int frames = Math.Max(1, logs.Length / mel.Bands), columns = Math.Min(frames, MostColumns);
        float low = logs.DefaultIfEmpty().Min(), high = logs.DefaultIfEmpty().Max();
        var pixels = new byte[mel.Bands * columns * 3];
        for (int x = 0; x < columns && logs.Length > 0; x++)
            for (int band = 0; band < mel.Bands; band++)
            {
                float value = logs[x * frames / columns * mel.Bands + band], level = high > low
                    ? (value - low) / (high - low) * (s_colors.Length - 1) : 0;
                int k = Math.Min((int)level, s_colors.Length - 2), at = ((mel.Bands - 1 - band) * columns + x) * 3;
                (byte r, byte g, byte b) = s_colors[k];
                (byte r2, byte g2, byte b2) = s_colors[k + 1];
                float part = level - k;
                (pixels[at], pixels[at + 1], pixels[at + 2]) = ((byte)(r + part * (r2 - r)), (byte)(g + part * (g2 - g)),
                    (byte)(b + part * (b2 - b)));
            }
        return new(place, logs.Length / mel.Bands * mel.Hop, new ImageSample(pixels, mel.Bands, columns, 3));
    }
}
