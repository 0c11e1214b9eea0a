using System.Runtime.InteropServices;
using Lamina.Learning.Texts;

namespace Lamina.Tasks.Translation;

/// <summary>
/// The likeliest translation of each word, whatever stands around it: the baseline. The probabilities are those of IBM's model 1, learned by
/// expectation maximisation (Brown et al., 1993: "The mathematics of statistical machine translation").
/// </summary>
internal sealed class WordTable
{
    private const int Iterations = 5, MostPairs = 100_000, MostWords = 100, MostLinks = 50_000_000;

    private readonly Dictionary<string, string> _translations = [];

    /// <param name="pairs">The pairs, of which the first hundred thousand are learned from, or fewer of long ones.</param>
    /// <param name="cancel">Stops.</param>
    public WordTable(IEnumerable<(string Source, string Target)> pairs, CancellationToken cancel)
    {
        var sources = new Dictionary<string, int>();
        var targets = new Dictionary<string, int>();
        var links = new Dictionary<(int, int), int>();
        // Of each target word of each pair: where its links begin; a link is a pair of words.
        List<int> starts = [0], linked = [];
        foreach ((string source, string target) in pairs.Take(MostPairs))
        {
            if (linked.Count > MostLinks) break;
            // The empty word, number 0, gives what has nothing that it comes from.
            int[] from = [NumberOf(sources, ""), .. Words(source).Select(w => NumberOf(sources, w))];
            foreach (string word in Words(target))
            {
                int to = NumberOf(targets, word);
                foreach (int one in from)
                {
                    ref int link = ref CollectionsMarshal.GetValueRefOrAddDefault(links, (one, to), out bool isKnown);
                    if (!isKnown) link = links.Count - 1;
                    linked.Add(link);
                }
                starts.Add(linked.Count);
            }
        }
        (int From, int To)[] words = [.. links.OrderBy(l => l.Value).Select(l => l.Key)];
        double[] probability = Learn(words, sources.Count, CollectionsMarshal.AsSpan(starts), CollectionsMarshal.AsSpan(linked), cancel);
        string[] sourceNames = [.. sources.OrderBy(s => s.Value).Select(s => s.Key)],
            targetNames = [.. targets.OrderBy(t => t.Value).Select(t => t.Key)];
        var best = new double[sources.Count];
        for (int i = 0; i < words.Length; i++)
        {
            (int from, int to) = words[i];
            if (from == 0 || probability[i] <= best[from]) continue;
            best[from] = probability[i];
            _translations[sourceNames[from]] = targetNames[to];
        }
    }

    /// <summary>Translates word for word; what is unknown stays.</summary>
    public string Translate(string text) => string.Join(' ', Bleu.Words(text).Select(w => _translations.GetValueOrDefault(w.ToLowerInvariant(), w)));

    // Probabilities of target words given source words: (links).
    private static double[] Learn((int From, int To)[] words, int sources, ReadOnlySpan<int> starts, ReadOnlySpan<int> linked,
        CancellationToken cancel)
    {
        var probability = new double[words.Length];
        Array.Fill(probability, 1);
        var expected = new double[words.Length];
        var sums = new double[sources];
        for (int iteration = 0; iteration < Iterations; iteration++)
        {
            cancel.ThrowIfCancellationRequested();
            Array.Clear(expected);
            Array.Clear(sums);
            for (int i = 0; i + 1 < starts.Length; i++)
            {
                ReadOnlySpan<int> own = linked[starts[i]..starts[i + 1]];
                double all = 0;
                foreach (int link in own) all += probability[link];
                foreach (int link in own) expected[link] += probability[link] / all;
            }
            for (int i = 0; i < words.Length; i++) sums[words[i].From] += expected[i];
            for (int i = 0; i < words.Length; i++) probability[i] = expected[i] / sums[words[i].From];
        }
        return probability;
    }

    private static IEnumerable<string> Words(string text) => Bleu.Words(text).Take(MostWords).Select(w => w.ToLowerInvariant());

    private static int NumberOf(Dictionary<string, int> numbers, string word)
    {
        ref int number = ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, word, out bool isKnown);
        if (!isKnown) number = numbers.Count - 1;
        return number;
    }
}
