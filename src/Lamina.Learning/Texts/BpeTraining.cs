using System.Runtime.InteropServices;
using System.Text;

namespace Lamina.Learning.Texts;

/// <summary>
/// Learns the merges of a <see cref="BpeTokenizer"/>: each different word once, with how often it occurs, and for each pair of neighbouring
/// tokens in which words it stands, so that a merge costs as much as the words that it changes.
/// </summary>
/// <param name="longest">The most bytes of a word; the rest of a longer one is a word of its own.</param>
internal sealed class BpeTraining(int longest)
{
    // Memory is bounded: words beyond so many different ones are rare, and left out.
    private const int MostWords = 4_000_000;

    private readonly Dictionary<string, int> _numbers = [];
    private readonly List<long> _counts = [];
    private readonly Dictionary<(int, int), Pair> _pairs = [];

    private sealed class Pair
    {
        public long Count;
        public readonly HashSet<int> Words = [];
    }

    /// <summary>Counts a word.</summary>
    public void Add(ReadOnlySpan<char> word)
    {
        var known = _numbers.GetAlternateLookup<ReadOnlySpan<char>>();
        for (; word.Length > 0;)
        {
            int length = Math.Min(word.Length, longest / 3); // a character of UTF-16 is at most 3 bytes of UTF-8
            if (length < word.Length && char.IsHighSurrogate(word[length - 1])) length--;
            ReadOnlySpan<char> part = word[..Math.Max(1, length)];
            word = word[part.Length..];
            if (known.TryGetValue(part, out int number)) _counts[number]++;
            else if (_counts.Count < MostWords)
            {
                _numbers[part.ToString()] = _counts.Count;
                _counts.Add(1);
            }
        }
    }

    /// <summary>The most frequent pairs, one after the other, each merged before the next is chosen.</summary>
    /// <param name="most">How many at most.</param>
    public int[] Merge(int most)
    {
        int[][] words = [.. _numbers.Keys.Select(word => Encoding.UTF8.GetBytes(word).Select(b => (int)b).ToArray())];
        for (int word = 0; word < words.Length; word++) Count(words[word], word, _counts[word]);
        // A queue holds old counts too; a pair whose count has changed since is queued again with the new one.
        var queue = new PriorityQueue<(int, int), (long, int, int)>();
        foreach (((int, int) pair, Pair its) in _pairs) queue.Enqueue(pair, Order(its.Count, pair));
        var merges = new List<int>();
        while (merges.Count < 2 * most && queue.TryDequeue(out (int First, int Second) pair, out (long, int, int) order))
        {
            if (!_pairs.TryGetValue(pair, out Pair? its) || its.Count < 2) continue;
            if (order != Order(its.Count, pair))
            {
                queue.Enqueue(pair, Order(its.Count, pair));
                continue;
            }
            int token = 256 + merges.Count / 2;
            merges.AddRange([pair.First, pair.Second]);
            var changed = new HashSet<(int, int)>();
            foreach (int word in its.Words.Order())
            {
                Count(words[word], word, -_counts[word]);
                words[word] = words[word][..Replace(words[word], pair.First, pair.Second, token)];
                Count(words[word], word, _counts[word], changed);
            }
            _pairs.Remove(pair);
            foreach ((int, int) one in changed.Order()) queue.Enqueue(one, Order(_pairs[one].Count, one));
        }
        return [.. merges];
    }

    /// <summary>Puts a token in place of each pair, from the left; the number of tokens that remain.</summary>
    public static int Replace(Span<int> parts, int first, int second, int token)
    {
        int to = 0;
        for (int from = 0; from < parts.Length; from++, to++)
        {
            bool isPair = from + 1 < parts.Length && parts[from] == first && parts[from + 1] == second;
            parts[to] = isPair ? token : parts[from];
            if (isPair) from++;
        }
        return to;
    }

    private static (long, int, int) Order(long count, (int First, int Second) pair) => (-count, pair.First, pair.Second);

    private void Count(ReadOnlySpan<int> parts, int word, long count, HashSet<(int, int)>? found = null)
    {
        for (int i = 0; i + 1 < parts.Length; i++)
        {
            ref Pair? pair = ref CollectionsMarshal.GetValueRefOrAddDefault(_pairs, (parts[i], parts[i + 1]), out _);
            pair ??= new();
            pair.Count += count;
            if (count > 0) pair.Words.Add(word);
            else pair.Words.Remove(word);
            found?.Add((parts[i], parts[i + 1]));
        }
    }
}
