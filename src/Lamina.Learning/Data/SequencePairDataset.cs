using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Data;

/// <summary>
/// Pairs of sequences of tokens, to learn to write the second from the first. Both are padded with <see cref="Padding"/> at their ends to one length.
/// Inputs are the source with <see cref="End"/> behind it, and <see cref="Begin"/> with the target behind it, both int32 (steps). Targets are the
/// tokens that come next, the target with <see cref="End"/> behind it, int32 (steps), and the number of the pair in the set, int32.
/// </summary>
public sealed class SequencePairDataset : Dataset
{
    /// <summary>What fills up a sequence.</summary>
    public const int Padding = 0;

    /// <summary>What a target begins with.</summary>
    public const int Begin = 1;

    /// <summary>What ends a sequence.</summary>
    public const int End = 2;

    /// <summary>The first number that a token of a text may have.</summary>
    public const int First = 3;

    private const int MostBuckets = 6;

    private readonly int[][] _sources, _targets;
    private readonly int[] _lengths;

    /// <summary>The pairs.</summary>
    /// <param name="sources">Tokens of each source, from <see cref="First"/>.</param>
    /// <param name="targets">Tokens of each target, as many.</param>
    /// <exception cref="TensorException">There are none, there isn't one target for each source, or a token is below <see cref="First"/>.</exception>
    public SequencePairDataset(IReadOnlyList<int[]> sources, IReadOnlyList<int[]> targets)
    {
        if (sources.Count == 0) throw new TensorException("a set of no pairs", "one source and one target at least");
        if (sources.Count != targets.Count) throw new TensorException($"there are {sources.Count} sources and {targets.Count} targets",
            "a target for each source");
        (_sources, _targets) = ([.. sources], [.. targets]);
        foreach (int[] tokens in _sources.Concat(_targets))
            if (tokens.AsSpan().IndexOfAnyInRange(int.MinValue, First - 1) is >= 0 and int at)
                throw new TensorException($"{tokens[at]} is no token of a text", $"numbers from {First}: those below have meanings of their own");
        _lengths = [.. _sources.Select((source, i) => Math.Max(source.Length, _targets[i].Length) + 1)];
        Buckets = BucketsOf(_lengths);
    }

    /// <inheritdoc/>
    public override int Count => _sources.Length;

    /// <inheritdoc/>
    public override Specs Inputs => InputsAt(Buckets![^1]);

    /// <inheritdoc/>
    public override Specs Targets => TargetsAt(Buckets![^1]);

    /// <inheritdoc/>
    public override IReadOnlyList<int> Lengths => _lengths;

    /// <summary>Up to six lengths, such that the least padding is needed.</summary>
    public override IReadOnlyList<int>? Buckets { get; }

    /// <inheritdoc/>
    public override Specs InputsAt(int length) => [new(DType.Int32, [length]), new(DType.Int32, [length])];

    /// <inheritdoc/>
    public override Specs TargetsAt(int length) => [new(DType.Int32, [length]), new(DType.Int32, [])];

    /// <summary>The tokens of a source.</summary>
    public ReadOnlySpan<int> Source(int pair) => _sources[pair];

    /// <summary>The tokens of a target.</summary>
    public ReadOnlySpan<int> Target(int pair) => _targets[pair];

    /// <inheritdoc/>
    public override void Read(in ReadCall call)
    {
        Span<int> sources = call.Inputs<int>(0), begun = call.Inputs<int>(1), next = call.Targets<int>(0), numbers = call.Targets<int>(1);
        for (int i = 0; i < call.Indices.Length; i++)
        {
            int pair = call.Indices[i];
            Range row = (i * call.Length)..((i + 1) * call.Length);
            Write(sources[row], [], _sources[pair], End);
            Write(begun[row], [Begin], _targets[pair], null);
            Write(next[row], [], _targets[pair], End);
            numbers[i] = pair;
        }
    }

    private static void Write(Span<int> row, ReadOnlySpan<int> before, int[] tokens, int? after)
    {
        before.CopyTo(row);
        tokens.CopyTo(row[before.Length..]);
        int end = before.Length + tokens.Length;
        if (after is { } token) row[end++] = token;
        row[end..].Fill(Padding);
    }

    // Which lengths need the least padding together: the best cut of the lengths up to each by one bucket fewer, and so on.
    private static int[] BucketsOf(int[] lengths)
    {
        (int Length, int Count)[] known = [.. lengths.CountBy(l => l).Select(c => (c.Key, c.Value)).OrderBy(c => c.Key)];
        int buckets = Math.Min(MostBuckets, known.Length);
        var cost = new long[buckets + 1, known.Length + 1];
        var cut = new int[buckets + 1, known.Length + 1];
        for (int end = 1; end <= known.Length; end++) cost[0, end] = long.MaxValue / 2;
        for (int b = 1; b <= buckets; b++)
            for (int end = 1; end <= known.Length; end++)
            {
                (long best, int at, long count) = (long.MaxValue, 0, 0);
                for (int begin = end - 1; begin >= 0; begin--)
                {
                    count += known[begin].Count;
                    long all = cost[b - 1, begin] + count * known[end - 1].Length;
                    if (all < best) (best, at) = (all, begin);
                }
                (cost[b, end], cut[b, end]) = (best, at);
            }
        var chosen = new List<int>();
        for (int b = buckets, end = known.Length; end > 0; end = cut[b--, end]) chosen.Add(known[end - 1].Length);
        chosen.Reverse();
        return [.. chosen];
    }
}
