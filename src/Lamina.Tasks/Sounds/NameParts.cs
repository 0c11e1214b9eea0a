using System.Globalization;

namespace Lamina.Tasks.Sounds;

/// <summary>
/// The parts of files' names, with <c>_</c>, <c>-</c>, dots and blanks between them, such as label, speaker and number in <c>7_jackson_32.wav</c>.
/// Where no name has
/// any, letters and the digits behind them are parts.
/// </summary>
internal sealed class NameParts
{
    private const int MostValues = 1_000;

    private static readonly char[] s_between = ['_', '-', '.', ' '];

    private readonly string[][] _parts;

    /// <param name="files">Names of files, with folders and endings.</param>
    public NameParts(IReadOnlyList<string> files)
    {
        string[] names = [.. files.Select(f => Path.GetFileNameWithoutExtension(f))];
        bool hasParts = names.Any(n => n.IndexOfAny(s_between) > 0);
        _parts = [.. names.Select(n => hasParts ? n.Split(s_between, StringSplitOptions.RemoveEmptyEntries) : Letters(n))];
        Count = _parts.Length == 0 ? 0 : _parts.Max(p => p.Length);
    }

    /// <summary>The most parts that a name has.</summary>
    public int Count { get; }

    /// <summary>A part of a file's name, counted from 1; null where its name has fewer.</summary>
    public string? Of(int file, int part) => part >= 1 && part <= _parts[file].Length ? _parts[file][part - 1] : null;

    /// <summary>The values of a part, the same in any order of the files.</summary>
    public string[] Values(int part) => [.. _parts.Where(p => p.Length >= part).Select(p => p[part - 1]).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>The parts that may be labels or speakers: several values, each of which comes again and again.</summary>
    public IEnumerable<int> Repeated()
    {
        for (int part = 1; part <= Count; part++)
        {
            int have = _parts.Count(p => p.Length >= part), different = Values(part).Length;
            if (different is >= 2 and <= MostValues && different * 2 <= have && have * 2 > _parts.Length) yield return part;
        }
    }

    /// <summary>The part that tells speakers apart, by evidence: the first repeated one of words, or of numbers, that isn't the label.</summary>
    public int? Group(int label)
    {
        int[] others = [.. Repeated().Where(p => p != label)];
        int words = others.FirstOrDefault(p => Values(p).Any(v => v.Any(char.IsLetter)));
        return words > 0 ? words : others.Length > 0 ? others[0] : null;
    }

    /// <summary>The number of a part that a person gave; null for any other word.</summary>
    public static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int n) && n >= 1 ? n : null;

    private static string[] Letters(string name)
    {
        int end = name.Length;
        while (end > 0 && char.IsAsciiDigit(name[end - 1])) end--;
        return end > 0 && end < name.Length ? [name[..end], name[end..]] : [name];
    }
}
