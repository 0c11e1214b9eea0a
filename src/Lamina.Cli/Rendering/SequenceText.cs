using Lamina.Tasks.Spine;

namespace Lamina.Cli.Rendering;

/// <summary>A sequence and the labels of its positions as lines of text, one above the other.</summary>
internal static class SequenceText
{
    /// <summary>The lines: pairs of symbols and labels, as many beside each other as fit.</summary>
    /// <param name="positions">The positions.</param>
    /// <param name="width">The most columns of a line.</param>
    public static IEnumerable<string> Lines(IReadOnlyList<PositionLabel> positions, int width)
    {
        int gap = positions.All(p => DisplayWidth.Of(p.Symbol) == 1 && DisplayWidth.Of(p.Label) == 1) ? 0 : 1;
        for (int first = 0, next; first < positions.Count; first = next)
        {
            string symbols = "", labels = "";
            int columns = 0;
            for (next = first; next < positions.Count; next++)
            {
                (string symbol, string label, _) = positions[next];
                int wide = Math.Max(DisplayWidth.Of(symbol), DisplayWidth.Of(label)) + gap;
                if (columns > 0 && columns + wide > width) break;
                symbols += DisplayWidth.Pad(symbol, wide);
                labels += DisplayWidth.Pad(label, wide);
                columns += wide;
            }
            yield return symbols.TrimEnd();
            yield return labels.TrimEnd();
        }
    }
}
