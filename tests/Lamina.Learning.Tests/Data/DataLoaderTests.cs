using Lamina.Learning.Data;
using Lamina.Tensors.Shapes;
using Xunit;

namespace Lamina.Learning.Tests.Data;

public class DataLoaderTests
{
    private static List<(int Index, float[] Inputs, int[] Targets)> Read(DataLoader loader, int epoch, int start = 0, Action? between = null)
    {
        var seen = new List<(int, float[], int[])>();
        foreach (Batch batch in loader.Epoch(epoch, start))
        {
            between?.Invoke();
            seen.Add((batch.Index, batch.Input.ToArray<float>(), batch.Target.ToArray<int>()));
        }
        return seen;
    }

    private static void Same(IEnumerable<(int Index, float[] Inputs, int[] Targets)> a, IEnumerable<(int Index, float[] Inputs, int[] Targets)> b)
    {
        Assert.Equal(a.Select(x => x.Index), b.Select(x => x.Index));
        Assert.Equal(a.SelectMany(x => x.Inputs), b.SelectMany(x => x.Inputs));
        Assert.Equal(a.SelectMany(x => x.Targets), b.SelectMany(x => x.Targets));
    }

    private static int DataThreads() => Directory.GetDirectories("/proc/self/task").Count(t =>
    {
        try { return File.ReadAllText(Path.Combine(t, "comm")).StartsWith("Lamina data", StringComparison.Ordinal); }
        catch (IOException) { return false; }
    });

    [Theory, InlineData(1), InlineData(2), InlineData(5)]
    public void Batches_do_not_depend_on_timing(int ahead)
    {
        var options = new BatchOptions { Size = 7, Seed = 3, Ahead = ahead };
        var straight = Read(new(new NumbersDataset(100), options), 2);
        var jitter = new Random(1);
        var slowReader = new DataLoader(new NumbersDataset(100, _ => Thread.Sleep(jitter.Next(4))), options);
        Same(straight, Read(slowReader, 2));
        Assert.True(slowReader.Waited > TimeSpan.Zero);
        var other = new Random(2);
        Same(straight, Read(new(new NumbersDataset(100), options), 2, between: () => Thread.Sleep(other.Next(4))));
    }

    [Fact]
    public void A_resumed_epoch_is_the_tail_of_the_straight_one()
    {
        var loader = new DataLoader(new NumbersDataset(100), new() { Size = 8, Seed = 5, Last = LastBatch.Keep });
        var straight = Read(loader, 4);
        Assert.Equal(13, straight.Count);
        for (int start = 0; start <= 13; start++) Same(straight.Skip(start), Read(loader, 4, start));
        Assert.Throws<ArgumentOutOfRangeException>(() => loader.Epoch(4, 14));
    }

    [Fact]
    public void An_epochs_order_depends_on_seed_and_epoch()
    {
        DataLoader Of(long seed) => new(new NumbersDataset(50), new() { Size = 10, Seed = seed });
        Assert.Equal(Of(1).Order(3), Of(1).Order(3));
        Assert.NotEqual(Of(1).Order(3), Of(1).Order(4));
        Assert.NotEqual(Of(1).Order(3), Of(2).Order(3));
        Assert.Equal(Enumerable.Range(0, 50), Of(1).Order(3).Order());
        Assert.Equal(Of(1).Order(3), Read(Of(1), 3).SelectMany(b => b.Targets));
    }

    [Fact]
    public void The_rest_is_dropped_or_kept()
    {
        int[] Sizes(int count, LastBatch last)
        {
            var loader = new DataLoader(new NumbersDataset(count), new() { Size = 8, Last = last });
            var batches = Read(loader, 0);
            Assert.Equal(loader.BatchCount, batches.Count);
            return [.. batches.Select(b => b.Targets.Length)];
        }
        Assert.Equal([8, 8], Sizes(20, LastBatch.Drop));
        Assert.Equal([8, 8, 4], Sizes(20, LastBatch.Keep));
        Assert.Equal([8, 8], Sizes(16, LastBatch.Keep));
        Assert.Equal([5], Sizes(5, LastBatch.Drop));
        Assert.Throws<ArgumentException>(() => new DataLoader(new NumbersDataset(0), new()));
    }

    [Fact]
    public void Evaluation_gives_every_example_once_in_order()
    {
        var loader = new DataLoader(new NumbersDataset(20), BatchOptions.Evaluation with { Size = 6 });
        Assert.Equal(Enumerable.Range(0, 20), Read(loader, 0).SelectMany(b => b.Targets));
    }

    [Fact]
    public void Leaving_early_ends_the_thread_and_the_loader_goes_on()
    {
        var loader = new DataLoader(new NumbersDataset(1000), new() { Size = 4, Seed = 9 });
        var whole = Read(loader, 1);
        for (int i = 0; i < 50; i++)
        {
            foreach (Batch batch in loader.Epoch(1)) if (batch.Index == i % 4) break;
            Assert.Throws<InvalidOperationException>(() => { foreach (Batch _ in loader.Epoch(1)) throw new InvalidOperationException(); });
        }
        Same(whole, Read(loader, 1));
        loader.Epoch(1).GetEnumerator().Dispose();
        // Other tests have loaders at work; none of this one's hundred threads may stay.
        if (OperatingSystem.IsLinux()) Assert.True(SpinWait.SpinUntil(() => DataThreads() < 10, 5000));
    }

    [Fact]
    public void What_reading_throws_comes_out_after_the_batches_before_it()
    {
        var loader = new DataLoader(
            new NumbersDataset(40, rows => { if (rows.Span.Contains(21)) throw new InvalidDataException("image 21 is damaged"); }),
            BatchOptions.Evaluation with { Size = 4 });
        var seen = new List<int>();
        var problem = Assert.Throws<InvalidDataException>(() => { foreach (Batch batch in loader.Epoch(0)) seen.Add(batch.Index); });
        Assert.Equal("image 21 is damaged", problem.Message);
        Assert.Equal([0, 1, 2, 3, 4], seen);
        Assert.Equal(4, Read(loader, 0, 6).Count);
    }

    [Fact]
    public void Cancelling_ends_the_loop_even_while_it_waits()
    {
        using var cancel = new CancellationTokenSource();
        using var gate = new ManualResetEventSlim();
        var loader = new DataLoader(new NumbersDataset(40, rows => { if (rows.Span[0] == 8) { cancel.Cancel(); gate.Set(); } }), BatchOptions.Evaluation with { Size = 4 });
        Assert.ThrowsAny<OperationCanceledException>(() => { foreach (Batch _ in loader.Epoch(0, 0, cancel.Token)) { } });
        Assert.True(gate.IsSet);
        Assert.ThrowsAny<OperationCanceledException>(() => { foreach (Batch _ in loader.Epoch(0, 0, cancel.Token)) { } });
    }

    [Fact]
    public void Two_loops_at_once_do_not_disturb_each_other()
    {
        var loader = new DataLoader(new NumbersDataset(60), new() { Size = 6 });
        var one = Read(loader, 1);
        var two = new List<(int, float[], int[])>();
        foreach (Batch outer in loader.Epoch(1))
        {
            foreach (Batch inner in loader.Epoch(2)) Assert.Equal(6, inner.Count);
            two.Add((outer.Index, outer.Input.ToArray<float>(), outer.Target.ToArray<int>()));
        }
        Same(one, two);
    }

    [Fact]
    public void A_batch_allocates_next_to_nothing()
    {
        byte[] pixels = new byte[4000 * 64];
        var images = new ImageDataset(pixels, 8, 8, 1, new int[4000], ["a"]).With(Augmentation.Digits);
        var meter = new Meter(images.Select(Enumerable.Range(0, 4000).ToArray()));
        var loader = new DataLoader(meter, new() { Size = 4 });
        int batches = 0;
        for (int epoch = 0; epoch < 2; epoch++) foreach (Batch _ in loader.Epoch(epoch)) batches++;
        meter.First = null;
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (Batch _ in loader.Epoch(2)) batches++;
        long consumer = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(3000, batches);
        Assert.Equal(0, meter.Last - meter.First);
        Assert.True(consumer < 8192, $"{consumer} bytes for an epoch of 1000 batches");
    }

    /// <summary>What the reading thread had allocated after its first and its last batch.</summary>
    private sealed class Meter(Dataset inner) : Dataset
    {
        public long? First { get; set; }

        public long Last { get; private set; }

        public override int Count => inner.Count;

        public override Specs Inputs => inner.Inputs;

        public override Specs Targets => inner.Targets;

        public override void Read(in ReadCall call)
        {
            inner.Read(call);
            Last = GC.GetAllocatedBytesForCurrentThread();
            First ??= Last;
        }
    }
}
