using Lamina.Tensors.Engines.Cpu;
using Xunit;

namespace Lamina.Tensors.Tests.Engines.Cpu;

public unsafe class CpuPoolTests
{
    private struct Count(int* seen, int grain, int units) : IRegion
    {
        public int Broken;

        public void Run(int begin, int end)
        {
            if (begin % grain != 0 || end != Math.Min(begin + grain, units)) Interlocked.Increment(ref Broken);
            for (int i = begin; i < end; i++) Interlocked.Increment(ref seen[i]);
        }
    }

    private readonly struct Fail : IRegion
    {
        public void Run(int begin, int end)
        {
            if (begin == 3) throw new InvalidOperationException("three");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void Every_unit_runs_once_in_chunks_of_the_grain(int threads)
    {
        using var pool = new CpuPool(threads);
        int* seen = stackalloc int[300];
        var random = new Random(threads);
        for (int round = 0; round < 3000; round++)
        {
            int units = random.Next(0, 300), grain = random.Next(1, 40);
            new Span<int>(seen, 300).Clear();
            var body = new Count(seen, grain, units);
            pool.For(units, grain, ref body);
            Assert.Equal(0, body.Broken);
            for (int i = 0; i < 300; i++) Assert.Equal(i < units ? 1 : 0, seen[i]);
            if (round % 1000 == 999) Thread.Sleep(5);           // long enough for workers to park
        }
    }

    [Fact]
    public void Callers_from_several_threads_each_get_their_own_failure()
    {
        using var pool = new CpuPool(3);
        var wrong = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var callers = Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            int* seen = stackalloc int[64];
            for (int round = 0; round < 5000; round++)
            {
                new Span<int>(seen, 64).Clear();
                var body = new Count(seen, 2, 64);
                try
                {
                    pool.For(64, 2, ref body);
                    for (int i = 0; i < 64; i++) if (seen[i] != 1) wrong.Enqueue($"round {round}: unit {i} ran {seen[i]} times");
                }
                catch (InvalidOperationException) { wrong.Enqueue($"round {round}: another caller's failure came out"); }
                var fail = new Fail();
                try { pool.For(8, 1, ref fail); wrong.Enqueue($"round {round}: no failure came out"); }
                catch (InvalidOperationException) { }
            }
        })).ToArray();
        foreach (Thread caller in callers) caller.Start();
        foreach (Thread caller in callers) caller.Join();
        Assert.Empty(wrong);
    }
}
