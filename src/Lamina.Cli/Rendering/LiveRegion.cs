using System.Text;

namespace Lamina.Cli.Rendering;

/// <summary>
/// The last lines of the terminal, drawn over again and again. Spectre's live display would hold the thread that
/// trains inside its callback and writes in many small pieces; this is one write a round. The cursor is left alone,
/// so that a program that is killed leaves no terminal without one.
/// </summary>
internal sealed class LiveRegion
{
    private int[] _lengths = [];
    private string _drawn = "";

    /// <summary>What to write: text that stays, above the lines that will be drawn over; "" where nothing changed.</summary>
    /// <param name="above">Whole lines.</param>
    /// <param name="lines">The region's lines as they're written, and the columns that each takes.</param>
    /// <param name="width">The columns of the terminal, now.</param>
    public string Draw(string above, IReadOnlyList<(string Text, int Columns)> lines, int width)
    {
        string region = string.Join('\n', lines.Select(l => l.Text));
        if (above.Length == 0 && region == _drawn) return "";
        var output = new StringBuilder();
        if (_lengths.Length > 0)
        {
            // A terminal that was made narrower has broken the lines: they stand on more rows now.
            int rows = _lengths.Sum(length => Math.Max(1, (length + width - 1) / width));
            output.Append('\r');
            if (rows > 1) output.Append($"\e[{rows - 1}A");
            output.Append("\e[J");
        }
        output.Append(above).Append(region);
        _lengths = [.. lines.Select(l => l.Columns)];
        _drawn = region;
        return output.ToString();
    }
}
