namespace Lamina.Cli.Rendering;

/// <summary>A series as a row of blocks of eight heights.</summary>
internal static class Sparks
{
    private const string Blocks = "▁▂▃▄▅▆▇█";

    /// <summary>The row; a missing value is a blank, and of longer series each character is a mean.</summary>
    /// <param name="values">The values; NaN is missing.</param>
    /// <param name="low">The value of the lowest block.</param>
    /// <param name="high">The value of the highest.</param>
    /// <param name="room">The most characters.</param>
    public static string Of(IReadOnlyList<double> values, double low, double high, int room)
    {
        int count = Math.Min(room, values.Count);
        var row = new char[count];
        for (int i = 0; i < count; i++)
        {
            int first = (int)((long)i * values.Count / count), last = (int)((long)(i + 1) * values.Count / count);
            double[] some = [.. values.Skip(first).Take(last - first).Where(double.IsFinite)];
            row[i] = some.Length == 0 ? ' ' : Blocks[high > low ? Math.Clamp((int)((some.Average() - low) / (high - low) * Blocks.Length), 0,
                Blocks.Length - 1) : 0];
        }
        return new(row);
    }
}
