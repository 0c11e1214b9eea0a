using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Lamina.Learning.Texts;

/// <summary>
/// How much translations have in common with translations by people, 0 to 100: the geometric mean of the shares of their runs of one to four words
/// that the references have too, times a penalty where they are shorter (Papineni et al., 2002: "BLEU: a method for automatic evaluation of machine
/// translation"). It is counted as sacreBLEU does by default (Post, 2018: "A call for clarity in reporting BLEU scores"): over a whole corpus, words
/// split as the WMT's mteval-v13a splits them, a share of 0 smoothed by 1 / 2, 1 / 4, … of a run (signature
/// <c>nrefs:1|case:lc|eff:no|tok:13a|smooth:exp</c> with one reference and lower case). Letters of scripts that put no blanks between words, such as
/// Chinese, Japanese and Thai, are a word each, as sacreBLEU's <c>tok:zh</c> has it for Chinese.
/// </summary>
public sealed partial class Bleu
{
    /// <summary>The longest runs of words that are counted.</summary>
    public const int Orders = 4;

    /// <summary>How many numbers <see cref="Counts"/> holds.</summary>
    public const int CountsLength = 2 + 2 * Orders;

    private readonly double[] _counts = new double[CountsLength];

    /// <summary>The counts of nothing yet.</summary>
    /// <param name="lowerCase">Whether capitals count as small letters.</param>
    public Bleu(bool lowerCase = false) => LowerCase = lowerCase;

    /// <summary>Whether capitals count as small letters.</summary>
    public bool LowerCase { get; }

    /// <summary>
    /// What was counted: words of the translations, words of the references, then for each length of runs how many the references have, then how
    /// many there are. Counts of several corpora may be added up.
    /// </summary>
    public ReadOnlySpan<double> Counts => _counts;

    /// <summary>The score, 0 to 100.</summary>
    public double Score => ScoreOf(_counts);

    /// <summary>The factor by which translations that are shorter than the references are held down, 0 to 1.</summary>
    public double BrevityPenalty => PenaltyOf(_counts);

    /// <summary>The share of the runs of so many words that the references have too, 0 to 1, not smoothed; 0 where there are none.</summary>
    /// <param name="order">The length of the runs, 1 to 4.</param>
    public double Precision(int order)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(order, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(order, Orders);
        return _counts[1 + Orders + order] == 0 ? 0 : _counts[1 + order] / _counts[1 + Orders + order];
    }

    /// <summary>Counts a translation.</summary>
    /// <param name="translation">The translation.</param>
    /// <param name="references">Translations of the same by people, one or more.</param>
    /// <exception cref="ArgumentException">There is no reference.</exception>
    public void Add(string translation, params IReadOnlyList<string> references)
    {
        if (references.Count == 0) throw new ArgumentException("there is no reference to compare with", nameof(references));
        Dictionary<string, int> own = Runs(translation, out int length);
        var most = new Dictionary<string, int>();
        int nearest = -1;
        foreach (string reference in references)
        {
            Dictionary<string, int> runs = Runs(reference, out int its);
            foreach ((string run, int count) in runs)
                if (count > most.GetValueOrDefault(run)) most[run] = count;
            // Of references that are as near the shorter one.
            if (nearest < 0 || (Math.Abs(its - length), its).CompareTo((Math.Abs(nearest - length), nearest)) < 0) nearest = its;
        }
        _counts[0] += length;
        _counts[1] += nearest;
        for (int order = 1; order <= Orders; order++) _counts[1 + Orders + order] += Math.Max(0, length - order + 1);
        foreach ((string run, int count) in own) _counts[2 + run.AsSpan().Count(' ')] += Math.Min(count, most.GetValueOrDefault(run));
    }

    /// <summary>The score of counts as <see cref="Counts"/> has them.</summary>
    /// <exception cref="ArgumentException">They aren't <see cref="CountsLength"/> numbers.</exception>
    public static double ScoreOf(ReadOnlySpan<double> counts)
    {
        if (counts.Length != CountsLength) throw new ArgumentException($"there are {counts.Length} counts, not {CountsLength}", nameof(counts));
        if (!counts.Slice(2, Orders).ContainsAnyExcept(0)) return 0;
        double sum = 0, smoothing = 1;
        for (int order = 0; order < Orders; order++)
        {
            (double right, double all) = (counts[2 + order], counts[2 + Orders + order]);
            if (all == 0) return 0;
            if (right == 0) right = 1 / (smoothing *= 2);
            sum += Math.Log(right / all);
        }
        return 100 * PenaltyOf(counts) * Math.Exp(sum / Orders);
    }

    /// <summary>The words of a text, as mteval-v13a splits them: signs are words of their own, but for points and commas within numbers.</summary>
    public static string[] Words(string text)
    {
        string line = text.TrimEnd().Replace("<skipped>", "", StringComparison.Ordinal).Replace("-\n", "", StringComparison.Ordinal)
            .Replace('\n', ' ')
            .Replace("&quot;", "\"", StringComparison.Ordinal).Replace("&amp;", "&", StringComparison.Ordinal)
            .Replace("&lt;", "<", StringComparison.Ordinal).Replace("&gt;", ">", StringComparison.Ordinal);
        if (line.AsSpan().IndexOfAnyInRange('\u0E00', '\uFFEF') >= 0) line = Alone(line);
        line = Signs().Replace($" {line} ", " $1 ");
        line = AfterOther().Replace(line, "$1 $2 ");
        line = BeforeOther().Replace(line, " $1 $2");
        line = Dashes().Replace(line, "$1 $2 ");
        return line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
    }

    // Blanks around what is a word by itself: letters that stand alone, and the signs of their scripts.
    private static string Alone(string text)
    {
        var line = new StringBuilder(text.Length * 2);
        foreach (Rune rune in text.EnumerateRunes())
            if (WordFolding.StandsAlone(rune) || rune.Value is >= 0x3001 and <= 0x303F or >= 0xFF01 and <= 0xFFEF) line.Append(' ').Append(rune).Append(' ');
            else line.Append(rune);
        return line.ToString();
    }

    // Each run of one to four words, and how often it comes.
    private Dictionary<string, int> Runs(string text, out int length)
    {
        string[] words = Words(LowerCase ? text.ToLowerInvariant() : text);
        length = words.Length;
        var runs = new Dictionary<string, int>();
        for (int first = 0; first < words.Length; first++)
            for (int order = 1; order <= Math.Min(Orders, words.Length - first); order++)
                CollectionsMarshal.GetValueRefOrAddDefault(runs, string.Join(' ', words, first, order), out _)++;
        return runs;
    }

    private static double PenaltyOf(ReadOnlySpan<double> counts) => counts[0] >= counts[1] ? 1 : counts[0] == 0 ? 0
        : Math.Exp(1 - counts[1] / counts[0]);

    /// <inheritdoc/>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"BLEU {Score:F2} ({string.Join('/', Enumerable.Range(1, Orders).Select(n => (100 * Precision(n)).ToString("F1", System.Globalization.CultureInfo.InvariantCulture)))}, penalty {BrevityPenalty:F3})");

    [GeneratedRegex(@"([\{-~\[-` -&\(-\+:-@/])", RegexOptions.CultureInvariant)]
    private static partial Regex Signs();

    [GeneratedRegex(@"([^0-9])([.,])", RegexOptions.CultureInvariant)]
    private static partial Regex AfterOther();

    [GeneratedRegex(@"([.,])([^0-9])", RegexOptions.CultureInvariant)]
    private static partial Regex BeforeOther();

    [GeneratedRegex(@"([0-9])(-)", RegexOptions.CultureInvariant)]
    private static partial Regex Dashes();
}
