using Lamina.Tensors;

namespace Lamina.Learning.Data;

/// <summary>
/// How a set is cut into batches: the number of batches is the same in every epoch; which examples are in which batch depends on the
/// options and the epoch alone. Where lengths vary, a batch holds examples of one bucket of lengths, and the batches of all buckets come
/// in an order of their own.
/// </summary>
internal sealed class EpochPlan
{
    // Streams of the seed, far from those that others number from 0.
    private const ulong ShuffleStream = 1UL << 40, BatchStream = 1UL << 41;
    private const int UsualBuckets = 6, Granularity = 8;

    private readonly BatchOptions _options;
    private readonly int _count;
    private readonly int[]? _bucketOf;
    private readonly Cut[] _cuts;

    public EpochPlan(Dataset dataset, BatchOptions options)
    {
        _options = options;
        _count = dataset.Count;
        BatchSize = Math.Min(options.Size, _count);
        if (dataset.Lengths is not { } lengths)
        {
            Buckets = [0];
            _cuts = Cuts(_count, 0).ToArray();
            return;
        }
        Buckets = (options.Buckets ?? dataset.Buckets) is { } given ? Checked(given, lengths.Max()) : Usual(lengths);
        _bucketOf = new int[_count];
        var sizes = new int[Buckets.Count];
        for (int i = 0; i < _count; i++)
        {
            int bucket = 0;
            while (Buckets[bucket] < lengths[i]) bucket++;
            sizes[_bucketOf[i] = bucket]++;
        }
        var cuts = new List<Cut>();
        int start = 0;
        for (int b = 0; b < sizes.Length; start += sizes[b++])
            foreach (Cut cut in Cuts(sizes[b], Buckets[b])) cuts.Add(cut with { Start = start + cut.Start });
        _cuts = [.. cuts];
    }

    /// <summary>Examples in a whole batch.</summary>
    public int BatchSize { get; }

    /// <summary>Batches in an epoch.</summary>
    public int BatchCount => _cuts.Length;

    /// <summary>Examples in the smallest batch of an epoch.</summary>
    public int LastBatchSize => _cuts.Min(c => c.Rows);

    /// <summary>The lengths that examples are padded to, shortest first; a single 0 where the set has no lengths.</summary>
    public IReadOnlyList<int> Buckets { get; }

    /// <summary>Writes the order of the examples and of the batches that they are cut into.</summary>
    public void Write(int[] order, Cut[] batches, int epoch, long seed)
    {
        for (int i = 0; i < order.Length; i++) order[i] = i;
        if (_options.Shuffle) new RandomStream((ulong)seed, ShuffleStream + (ulong)epoch).Shuffle(order.AsSpan());
        _cuts.CopyTo(batches, 0);
        if (_bucketOf is null) return;
        // A counting sort by bucket: it keeps the order within each.
        var next = new int[Buckets.Count];
        for (int i = 0; i < _count; i++)
            if (_bucketOf[i] + 1 < next.Length) next[_bucketOf[i] + 1]++;
        for (int b = 1; b < next.Length; b++) next[b] += next[b - 1];
        int[] shuffled = [.. order];
        foreach (int example in shuffled) order[next[_bucketOf[example]]++] = example;
        if (_options.Shuffle) new RandomStream((ulong)seed, BatchStream + (ulong)epoch).Shuffle(batches.AsSpan());
    }

    // As LastBatch says; examples too few for one batch are a smaller one.
    private IEnumerable<Cut> Cuts(int count, int length)
    {
        int size = Math.Min(_options.Size, count);
        if (size == 0) yield break;
        int start = 0;
        for (; start + size <= count; start += size) yield return new(start, size, length);
        if (start < count && _options.Last == LastBatch.Keep) yield return new(start, count - start, length);
    }

    private static IReadOnlyList<int> Checked(IReadOnlyList<int> buckets, int longest)
    {
        int[] sorted = [.. buckets.Distinct().Order()];
        if (sorted.Length == 0 || sorted[0] < 1) throw new ArgumentException("buckets are lengths from 1", nameof(buckets));
        if (sorted[^1] < longest) throw new ArgumentException($"the longest bucket has {sorted[^1]} steps, the longest example {longest}", nameof(buckets));
        return sorted;
    }

    // Quantiles of the lengths, rounded up: as many examples in each bucket, and little padding.
    private static IReadOnlyList<int> Usual(IReadOnlyList<int> lengths)
    {
        int[] sorted = [.. lengths.Order()];
        var buckets = new SortedSet<int>();
        for (int i = 1; i <= UsualBuckets; i++)
        {
            int end = (int)((long)sorted.Length * i / UsualBuckets);
            if (end == 0) continue;
            int length = sorted[end - 1];
            buckets.Add(length <= Granularity ? length : (length + Granularity - 1) / Granularity * Granularity);
        }
        return [.. buckets];
    }
}

/// <summary>A batch of an epoch: where its examples start in the order, how many they are, and the length that they are padded to.</summary>
internal readonly record struct Cut(int Start, int Rows, int Length);
