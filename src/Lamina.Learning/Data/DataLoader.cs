using Lamina.Tensors;

namespace Lamina.Learning.Data;

/// <summary>
/// Cuts a set into batches, epoch by epoch. A background thread reads ahead into a few buffers that are used again and
/// again, so whoever trains waits only where reading is the slower of the two. Order and contents depend on the options, the
/// epoch and the set alone: not on timing, and not on where an epoch was taken up again.
/// </summary>
public sealed class DataLoader
{
    private readonly EpochPlan _plan;
    private Buffers? _idle;
    private long _waitedTicks;

    /// <summary>A loader of a set.</summary>
    /// <exception cref="ArgumentException">The set is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Batch size or batches ahead are below 1.</exception>
    public DataLoader(Dataset dataset, BatchOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Size, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Ahead, 1);
        if (dataset.Count == 0)
            throw new ArgumentException("the set has no examples, so it gives no batches\n  try a set of one example or more: a filter or split before it left none", nameof(dataset));
        Dataset = dataset;
        Options = options;
        _plan = new EpochPlan(dataset, options);
    }

    /// <summary>The set.</summary>
    public Dataset Dataset { get; }

    /// <summary>Options of the loader.</summary>
    public BatchOptions Options { get; }

    /// <summary>Examples in a batch: the size asked for, or the whole set where that is smaller.</summary>
    public int BatchSize => _plan.BatchSize;

    /// <summary>Batches in an epoch.</summary>
    public int BatchCount => _plan.BatchCount;

    /// <summary>The lengths that examples are padded to, shortest first; empty where all examples have one shape.</summary>
    public IReadOnlyList<int> Buckets => Dataset.Lengths is null ? [] : _plan.Buckets;

    /// <summary>Examples in the last batch of an epoch.</summary>
    internal int LastBatchSize => _plan.LastBatchSize;

    /// <summary>Time, over all epochs, that the consumer waited for data.</summary>
    public TimeSpan Waited => TimeSpan.FromTicks(Interlocked.Read(ref _waitedTicks));

    /// <summary>
    /// The batches of an epoch, from <paramref name="startBatch"/> on. A batch is lent: its tensors hold its values until the
    /// next one is asked for or the loop ends. The order follows the options' seed, or <paramref name="seed"/> where they have none. Leaving the
    /// loop, in whatever way, ends the background thread. What a set
    /// throws while reading is thrown here, after the batches before it.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The epoch is negative, or there is no such place to start (the end itself is one).</exception>
    /// <exception cref="OperationCanceledException">From the loop, once <paramref name="cancel"/> is set.</exception>
    public IEnumerable<Batch> Epoch(int epoch, int startBatch = 0, CancellationToken cancel = default, long seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        if (startBatch < 0 || startBatch > BatchCount)
            throw new ArgumentOutOfRangeException(nameof(startBatch), $"an epoch can't start at batch {startBatch}: it has {BatchCount}");
        return Walk(epoch, startBatch, Options.Seed ?? seed, cancel);
    }

    /// <summary>The order of the examples in an epoch, in a new array.</summary>
    public int[] Order(int epoch)
    {
        var order = new int[Dataset.Count];
        _plan.Write(order, new Cut[BatchCount], epoch, Options.Seed ?? 0);
        return order;
    }

    private IEnumerable<Batch> Walk(int epoch, int startBatch, long seed, CancellationToken cancel)
    {
        if (startBatch == BatchCount) yield break;
        // Two loops at once are rare; the second has buffers of its own.
        Buffers buffers = Interlocked.Exchange(ref _idle, null) ?? new Buffers(this);
        buffers.TakeBackAll();
        try
        {
            using var ahead = new Prefetch(this, buffers, epoch, startBatch, seed, cancel);
            while (ahead.Next() is { } batch) yield return batch;
        }
        finally
        {
            _idle = buffers;
        }
    }

    internal void AddWait(TimeSpan time) => Interlocked.Add(ref _waitedTicks, time.Ticks);

    /// <summary>The memory of one walk through an epoch.</summary>
    internal sealed class Buffers
    {
        private readonly DataLoader _loader;
        private readonly BatchBuffer[] _ring;
        private readonly int[] _order;
        private readonly Cut[] _batches;
        private long _seed;

        public Buffers(DataLoader loader)
        {
            _loader = loader;
            _order = new int[loader.Dataset.Count];
            _batches = new Cut[loader.BatchCount];
            _ring = new BatchBuffer[loader.Options.Ahead + 1];
            for (int i = 0; i < _ring.Length; i++)
            {
                _ring[i] = new(loader.Dataset, loader.BatchSize, loader._plan.Buckets[^1]);
                _ring[i].Lend();
            }
        }

        /// <summary>Takes back what an earlier walk has lent.</summary>
        public void TakeBackAll()
        {
            foreach (BatchBuffer buffer in _ring) buffer.TakeBack();
        }

        /// <summary>Takes a batch of this walk back.</summary>
        public void TakeBack(int batch) => _ring[batch % _ring.Length].TakeBack();

        /// <summary>Number of batches that memory is allocated for, the one in use included.</summary>
        public int Room => _ring.Length;

        public void Begin(int epoch, long seed)
        {
            _seed = seed;
            _loader._plan.Write(_order, _batches, epoch, seed);
        }

        public Batch Fill(int batch, int epoch)
        {
            Cut cut = _batches[batch];
            return _ring[batch % _ring.Length].Fill(_loader.Dataset, _order.AsSpan(cut.Start, cut.Rows), cut.Length, batch, _seed, epoch);
        }
    }
}
