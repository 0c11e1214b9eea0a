namespace Lamina.Cli.Rendering;

/// <summary>A curve in one line of text: bars of eight heights (Tufte, 2006).</summary>
internal static class Sparkline
{
    private const string Bars = "▁▂▃▄▅▆▇█";

    /// <summary>The curve, at most so many columns wide; a blank where values are missing.</summary>
    public static string Of(IReadOnlyList<float> values, int columns)
    {
        float[] known = [.. values.Where(float.IsFinite)];
        int width = Math.Min(values.Count, Math.Max(1, columns));
        if (known.Length == 0) return "";
        float low = known.Min(), range = known.Max() - low;
        return string.Concat(Enumerable.Range(0, width).Select(x =>
        {
            int first = (int)((long)x * values.Count / width), end = Math.Max(first + 1, (int)((x + 1L) * values.Count / width));
            float[] part = [.. values.Skip(first).Take(end - first).Where(float.IsFinite)];
            return part.Length == 0 ? ' ' : Bars[range > 0 ? Math.Min(Bars.Length - 1, (int)((part.Average() - low) / range * Bars.Length)) : 0];
        }));
    }
}
