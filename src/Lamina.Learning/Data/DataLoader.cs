using Lamina.Tensors;

namespace Lamina.Learning.Data;

/// <summary>
/// Cuts a set into batches, epoch by epoch. A background thread reads ahead into a few buffers that are used again and
/// again, so whoever trains waits only where reading is the slower of the two. Order and contents depend on the options, the
/// epoch and the set alone: not on timing, and not on where an epoch was taken up again.
/// </summary>
public sealed class DataLoader
{
    // Streams of the seed, far from those that others number from 0.
    private const ulong ShuffleStream = 1UL << 40;

    private readonly int _odd;
    private Buffers? _idle;
    private long _waitedTicks;

    /// <summary>A loader of a set.</summary>
    /// <exception cref="ArgumentException">The set is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Batch size or batches ahead are below 1.</exception>
    public DataLoader(Dataset dataset, BatchOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Size, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Ahead, 1);
        if (dataset.Count == 0) throw new ArgumentException("the set has no examples, so it gives no batches\n  try a set of one example or more: a filter or split before it left none", nameof(dataset));
        Dataset = dataset;
        Options = options;
        BatchSize = Math.Min(options.Size, dataset.Count);
        int rest = dataset.Count % BatchSize;
        bool keep = rest > 0 && options.Last == LastBatch.Keep;
        _odd = keep ? rest : BatchSize;
        BatchCount = dataset.Count / BatchSize + (keep ? 1 : 0);
    }

    /// <summary>The set.</summary>
    public Dataset Dataset { get; }

    /// <summary>How it is cut.</summary>
    public BatchOptions Options { get; }

    /// <summary>Examples in a batch: the size asked for, or the whole set where that is smaller.</summary>
    public int BatchSize { get; }

    /// <summary>Batches in an epoch.</summary>
    public int BatchCount { get; }

    /// <summary>Examples in the last batch of an epoch.</summary>
    internal int LastBatchSize => _odd;

    /// <summary>How long, over all epochs, the reader of batches stood waiting for data.</summary>
    public TimeSpan Waited => TimeSpan.FromTicks(Interlocked.Read(ref _waitedTicks));

    /// <summary>
    /// The batches of an epoch, from <paramref name="startBatch"/> on. A batch is lent: its tensors hold its values until the
    /// next one is asked for or the loop ends. Leaving the loop, in whatever way, ends the background thread. What a set
    /// throws while reading is thrown here, after the batches before it.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The epoch is negative, or there is no such place to start (the end itself is one).</exception>
    /// <exception cref="OperationCanceledException">From the loop, once <paramref name="cancel"/> is set.</exception>
    public IEnumerable<Batch> Epoch(int epoch, int startBatch = 0, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        if (startBatch < 0 || startBatch > BatchCount)
            throw new ArgumentOutOfRangeException(nameof(startBatch), $"an epoch can't start at batch {startBatch}: it has {BatchCount}");
        return Walk(epoch, startBatch, cancel);
    }

    /// <summary>The order of the examples in an epoch, in a new array.</summary>
    public int[] Order(int epoch)
    {
        var order = new int[Dataset.Count];
        WriteOrder(order, epoch);
        return order;
    }

    private IEnumerable<Batch> Walk(int epoch, int startBatch, CancellationToken cancel)
    {
        if (startBatch == BatchCount) yield break;
        // Two loops at once are rare; the second has buffers of its own.
        Buffers buffers = Interlocked.Exchange(ref _idle, null) ?? new Buffers(this);
        buffers.TakeBackAll();
        try
        {
            using var ahead = new Prefetch(this, buffers, epoch, startBatch, cancel);
            while (ahead.Next() is { } batch) yield return batch;
        }
        finally
        {
            _idle = buffers;
        }
    }

    private void WriteOrder(Span<int> order, int epoch)
    {
        for (int i = 0; i < order.Length; i++) order[i] = i;
        if (Options.Shuffle) new RandomStream((ulong)Options.Seed, ShuffleStream + (ulong)epoch).Shuffle(order);
    }

    internal void AddWait(TimeSpan time) => Interlocked.Add(ref _waitedTicks, time.Ticks);

    /// <summary>The memory of one walk through an epoch.</summary>
    internal sealed class Buffers
    {
        private readonly DataLoader _loader;
        private readonly BatchBuffer[] _ring;
        private readonly int[] _order;

        public Buffers(DataLoader loader)
        {
            _loader = loader;
            _order = new int[loader.Dataset.Count];
            _ring = new BatchBuffer[loader.Options.Ahead + 1];
            for (int i = 0; i < _ring.Length; i++)
            {
                _ring[i] = new(loader.Dataset, loader.BatchSize, loader._odd);
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

        /// <summary>How many batches there is room for, the one that is lent included.</summary>
        public int Room => _ring.Length;

        public void Begin(int epoch) => _loader.WriteOrder(_order, epoch);

        public Batch Fill(int batch, int epoch)
        {
            int start = batch * _loader.BatchSize, rows = batch == _loader.BatchCount - 1 ? _loader._odd : _loader.BatchSize;
            return _ring[batch % _ring.Length].Fill(_loader.Dataset, _order.AsSpan(start, rows), batch, _loader.Options.Seed, epoch);
        }
    }
}
