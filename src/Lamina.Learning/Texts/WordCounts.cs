namespace Lamina.Learning.Texts;

/// <summary>
/// In how many texts each word, pair and number's shape occurs. Where there are too many different ones, the rarest are forgotten, and
/// more and more texts are asked of those that stay (after word2vec; Mikolov et al., 2013).
/// </summary>
internal sealed class WordCounts(bool hasPairs)
{
    private const int MostKept = 1 << 20;

    private readonly Dictionary<string, (int Texts, int Last)> _counts = [];
    private int _texts, _least = 1;

    /// <summary>The most tokens that a text had, were all of its words known.</summary>
    public int MostTokens { get; private set; }

    /// <summary>Counts a text's words.</summary>
    public void Add(ReadOnlySpan<char> text)
    {
        var counts = _counts.GetAlternateLookup<ReadOnlySpan<char>>();
        var reader = new TokenReader(text, stackalloc char[TokenReader.Memory]);
        int tokens = 0;
        _texts++;
        while (reader.Read())
        {
            if (reader.Kind == TokenKind.Pair && !hasPairs) continue;
            tokens++;
            if (!counts.TryGetValue(reader.Token, out (int Texts, int Last) count)) counts[reader.Token] = (1, _texts);
            else if (count.Last != _texts) counts[reader.Token] = (count.Texts + 1, _texts);
        }
        MostTokens = Math.Max(MostTokens, tokens);
        while (_counts.Count > MostKept) Forget();
    }

    /// <summary>The most frequent words, those of equal frequency in the order of their characters.</summary>
    public string[] Frequent(int leastTexts, int most) =>
    [
        .. _counts.Where(c => c.Value.Texts >= Math.Max(leastTexts, _least)).OrderByDescending(c => c.Value.Texts).ThenBy(c => c.Key,
            StringComparer.Ordinal).Take(most).Select(c => c.Key),
    ];

    private void Forget()
    {
        _least++;
        foreach (string word in _counts.Where(c => c.Value.Texts < _least).Select(c => c.Key).ToArray()) _counts.Remove(word);
    }
}
