using System.Runtime.InteropServices;

namespace Lamina.Tasks.Writing;

/// <summary>
/// How often tokens follow two others, one, or none in a text: the baseline. Counts are discounted by 0.75, and what that frees goes to the
/// shorter context (absolute discounting: Ney, Essen and Kneser, 1994).
/// </summary>
internal sealed class Trigrams
{
    private const double Discount = 0.75;

    // What is counted beyond it changes the figures little and memory much.
    private const int MostTokens = 20_000_000, Piece = 1 << 14;

    private readonly Dictionary<ulong, int> _threes = [], _twos = [];
    private readonly Dictionary<ulong, Context> _afterTwo = [], _afterOne = [];
    private readonly long[] _ones;
    private readonly long _all;

    private record struct Context(int Count, int Different);

    /// <param name="tokens">The tokens.</param>
    /// <param name="begin">The first that counts.</param>
    /// <param name="end">The one behind the last.</param>
    /// <param name="kinds">How many different ones there may be.</param>
    public Trigrams(TokenStore tokens, long begin, long end, int kinds)
    {
        _ones = new long[kinds];
        end = Math.Min(end, begin + MostTokens);
        var piece = new ushort[Piece];
        ulong before = 0, last = 0;
        for (long at = begin; at < end; at += Piece)
        {
            Span<ushort> part = piece.AsSpan(0, (int)Math.Min(Piece, end - at));
            tokens.Read(at, part);
            for (int i = 0; i < part.Length; i++)
            {
                ulong token = part[i];
                _ones[token]++;
                if (at + i > begin) Count(_twos, _afterOne, last << 16 | token, last);
                if (at + i > begin + 1) Count(_threes, _afterTwo, before << 32 | last << 16 | token, before << 16 | last);
                (before, last) = (last, token);
            }
        }
        _all = end - begin;
    }

    /// <summary>The number of each token.</summary>
    public IReadOnlyList<long> Ones => _ones;

    /// <summary>How probable a token is by itself.</summary>
    public double Probability(int token) => (_ones[token] + 1.0) / (_all + _ones.Length);

    /// <summary>How probable a token is after one other.</summary>
    public double Probability(int last, int token) =>
        Mixed(_twos, _afterOne, (ulong)last << 16 | (uint)token, (ulong)last, Probability(token));

    /// <summary>How probable a token is after two others.</summary>
    public double Probability(int before, int last, int token) =>
        Mixed(_threes, _afterTwo, (ulong)before << 32 | (ulong)last << 16 | (uint)token, (ulong)before << 16 | (uint)last, Probability(last, token));

    private static double Mixed(Dictionary<ulong, int> counts, Dictionary<ulong, Context> contexts, ulong all, ulong context, double shorter)
    {
        if (!contexts.TryGetValue(context, out Context its)) return shorter;
        double own = counts.TryGetValue(all, out int count) ? count - Discount : 0;
        return (own + Discount * its.Different * shorter) / its.Count;
    }

    private static void Count(Dictionary<ulong, int> counts, Dictionary<ulong, Context> contexts, ulong all, ulong context)
    {
        ref int count = ref CollectionsMarshal.GetValueRefOrAddDefault(counts, all, out bool isKnown);
        count++;
        ref Context its = ref CollectionsMarshal.GetValueRefOrAddDefault(contexts, context, out _);
        its = new(its.Count + 1, its.Different + (isKnown ? 0 : 1));
    }
}
