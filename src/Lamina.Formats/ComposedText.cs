using System.Text;

namespace Lamina.Formats;

/// <summary>
/// Unicode's composed form (NFC; Unicode Standard Annex 15), in which two spellings of one name are equal: macOS and some archives write é as
/// e and a combining accent. Written here because the build is independent of the system's language libraries
/// (InvariantGlobalization), and <see cref="string.Normalize()"/> then changes nothing.
/// </summary>
internal static class ComposedText
{
    private const int
        HangulBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TailBase = 0x11A7,
        Leads = 19, Vowels = 21, Tails = 28, Syllables = Leads * Vowels * Tails;

    private const int FirstOfAll = 0x300; // no letter below it combines with one before, or is another's code

    private static readonly Lazy<Tables> s_tables = new(() => new Tables());

    /// <summary>The composed form of a text; the same object where nothing changes. Half surrogate pairs stay as they are.</summary>
    internal static string Of(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange('\0', (char)(FirstOfAll - 1)))
        {
            return text;
        }

        Tables tables = s_tables.Value;
        var letters = new List<int>(text.Length + 8);
        foreach (int letter in Letters(text))
        {
            tables.Decompose(letter, letters);
        }

        tables.Order(letters);
        tables.Compose(letters);
        var composed = new StringBuilder(text.Length);
        foreach (int letter in letters)
        {
            if (letter > char.MaxValue)
            {
                composed.Append(char.ConvertFromUtf32(letter));
            }
            else
            {
                composed.Append((char)letter);
            }
        }

        return composed.Equals(text) ? text : composed.ToString();
    }

    private static IEnumerable<int> Letters(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                yield return char.ConvertToUtf32(text[i], text[++i]);
            }
            else
            {
                yield return text[i];
            }
        }
    }

    private sealed class Tables
    {
        private readonly Dictionary<int, (int First, int Second)> _parts = [];
        private readonly Dictionary<(int First, int Second), int> _composed = [];
        private readonly Dictionary<int, int> _classes = [];

        internal Tables()
        {
            foreach (int[] pair in Letters(ComposedTables.Pairs).Chunk(3))
            {
                _parts.Add(pair[0], (pair[1], pair[2]));
                _composed.Add((pair[1], pair[2]), pair[0]);
            }

            foreach (int[] pair in Letters(ComposedTables.Excluded).Chunk(3))
            {
                _parts.Add(pair[0], (pair[1], pair[2]));
            }

            foreach (int[] single in Letters(ComposedTables.Singles).Chunk(2))
            {
                _parts.Add(single[0], (single[1], 0));
            }

            foreach (int[] range in Letters(ComposedTables.Classes).Chunk(3))
            {
                for (int letter = range[0]; letter <= range[1]; letter++)
                {
                    _classes.Add(letter, range[2]);
                }
            }
        }

        internal void Decompose(int letter, List<int> letters)
        {
            int syllable = letter - HangulBase;
            if (syllable is >= 0 and < Syllables)
            {
                letters.Add(LeadBase + (syllable / (Vowels * Tails)));
                letters.Add(VowelBase + (syllable % (Vowels * Tails) / Tails));
                if (syllable % Tails > 0)
                {
                    letters.Add(TailBase + (syllable % Tails));
                }
            }
            else if (_parts.TryGetValue(letter, out (int First, int Second) parts))
            {
                Decompose(parts.First, letters); // at most four deep
                if (parts.Second != 0)
                {
                    letters.Add(parts.Second);
                }
            }
            else
            {
                letters.Add(letter);
            }
        }

        /// <summary>Sorts marks that follow one another by their classes, those of one class staying in order.</summary>
        internal void Order(List<int> letters)
        {
            for (int begin = 0; begin < letters.Count; begin++)
            {
                int end = begin;
                while (end < letters.Count && Class(letters[end]) > 0)
                {
                    end++;
                }

                if (end - begin > 1)
                {
                    int[] sorted = [.. letters.Skip(begin).Take(end - begin).OrderBy(Class)];
                    for (int i = 0; i < sorted.Length; i++)
                    {
                        letters[begin + i] = sorted[i];
                    }
                }

                begin = end;
            }
        }

        internal void Compose(List<int> letters)
        {
            int starter = -1, kept = 0, classBefore = 0;
            for (int i = 0; i < letters.Count; i++)
            {
                int letter = letters[i], own = Class(letter);
                bool isOpen = starter >= 0 && (kept == starter + 1 || classBefore < own);
                if (isOpen && Pair(letters[starter], letter) is { } joined)
                {
                    letters[starter] = joined;
                    continue;
                }

                if (own == 0)
                {
                    starter = kept;
                }

                classBefore = own;
                letters[kept++] = letter;
            }

            letters.RemoveRange(kept, letters.Count - kept);
        }

        private int? Pair(int first, int second)
        {
            if (first - LeadBase is >= 0 and < Leads && second - VowelBase is >= 0 and < Vowels)
            {
                return HangulBase + ((((first - LeadBase) * Vowels) + second - VowelBase) * Tails);
            }

            bool isOpenSyllable = first - HangulBase is >= 0 and < Syllables && (first - HangulBase) % Tails == 0;
            return isOpenSyllable && second - TailBase is > 0 and < Tails ? first + second - TailBase
                : _composed.TryGetValue((first, second), out int joined) ? joined
                : null;
        }

        private int Class(int letter) => _classes.GetValueOrDefault(letter);
    }
}
