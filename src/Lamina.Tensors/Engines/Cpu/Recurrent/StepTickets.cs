using System.Runtime.CompilerServices;

namespace Lamina.Tensors.Engines.Cpu.Recurrent;

/// <summary>
/// Hands out the work of a chain of steps, each cut into the same blocks, to any number of threads: a block of a step
/// begins when all blocks of the step before are done. A thread asks until there is nothing left, and gets the blocks
/// near its own <paramref name="home"/> first, so that their weights stay in its cache. Tickets are drawn in the order
/// of the steps, so whoever waits, waits for a thread that is at work: one thread alone, or one that comes late, is fine.
/// </summary>
internal unsafe struct StepTickets(int* counters, int steps, int blocks, int home)
{
    // A cache line each for the next ticket and the number of blocks done; then, for each block, its steps that are taken.
    private const int Done = 16, Taken = 32;

    /// <summary>The most blocks that a step can be cut into.</summary>
    public const int MostBlocks = 32;

    /// <summary>Bytes of counters for a chain; zeros at first.</summary>
    public const int Bytes = (Taken + MostBlocks) * sizeof(int);

    /// <summary>The next block to do; false when the chain is done or in others' hands.</summary>
    public readonly bool Next(out int step, out int block)
    {
        block = 0;
        step = (Interlocked.Increment(ref counters[0]) - 1) / blocks;
        if (step >= steps)
        {
            // Whoever asks again after the end leaves the counter where it was.
            Interlocked.Decrement(ref counters[0]);
            return false;
        }
        for (int spins = 0; Volatile.Read(ref counters[Done]) < step * blocks;)
            if (++spins < 4096) Thread.SpinWait(1); else Thread.Yield();
        for (int i = home; ; i = i + 1 < blocks ? i + 1 : 0)
        {
            ref int taken = ref Unsafe.AsRef<int>(counters + Taken + i);
            if (Volatile.Read(ref taken) != step || Interlocked.CompareExchange(ref taken, step + 1, step) != step) continue;
            block = i;
            return true;
        }
    }

    /// <summary>Says that a block is done.</summary>
    public readonly void Finish() => Interlocked.Increment(ref counters[Done]);

    /// <summary>
    /// After a failure, whose block nobody finishes: no more blocks are given out, and whoever waits goes on, to results that
    /// nobody gets to see.
    /// </summary>
    public readonly void Abandon()
    {
        Interlocked.Exchange(ref counters[Done], int.MaxValue / 2);
        Interlocked.Exchange(ref counters[0], steps * blocks);
    }
}
