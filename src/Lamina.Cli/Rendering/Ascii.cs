using System.Text;

namespace Lamina.Cli.Rendering;

/// <summary>Writes text in ASCII, for outputs that have nothing else: a letter for a letter, so that columns stay aligned.</summary>
internal static class Ascii
{
    public static string Fold(string text)
    {
        if (System.Text.Ascii.IsValid(text)) return text;
        var folded = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (rune.IsAscii) folded.Append((char)rune.Value);
            else folded.Append(Near(rune.Value));
        }
        return folded.ToString();
    }

    private static char Near(int letter) => letter switch
    {
        '×' => 'x',
        '…' => '~',
        '→' => '>',
        '·' or '−' or '–' or '—' or '─' => '-',
        '━' or '█' or '▌' => '#',
        '★' => '*',
        '’' or '‘' => '\'',
        '“' or '”' => '"',
        _ => '?',
    };
}
