using System.Diagnostics;

namespace Lamina.Bench.Harness;

/// <summary>What is known of the cores.</summary>
/// <param name="Nearest">Nanoseconds that a cache line takes between them at their nearest; infinite before any was measured, and with one thread.</param>
/// <param name="Waited">Milliseconds spent on waiting, and on blocks that were measured in vain.</param>
internal sealed record CoresSeen(double Nearest, int Waited)
{
    /// <summary>Before the first look.</summary>
    public static CoresSeen Nothing { get; } = new(double.PositiveInfinity, 0);
}

/// <summary>
/// Waits for the cores that the figures are meant for: each thread has a whole one, and they share a cache where this machine's cores ever
/// do. A shared machine gives two threads the halves of one core for a while, or cores far apart, and a step then takes up to twice as long.
/// </summary>
internal sealed class Cores(int threads, CoresSeen seen, CancellationToken cancel)
{
    private const double Whole = 0.8;

    // A line takes 4 to 7 times as long from a core that shares no cache.
    private const double Far = 2.5;

    // Cores that share a cache are never farther apart, in nanoseconds; where the first look finds more, it may be that they are apart for now.
    private const double SurelyNear = 80;

    // Blocks wait, but not forever.
    private const int Most = 300_000, MostAtFirst = 15_000, Pause = 250;

    private readonly bool _sharesWork = Math.Min(threads, Environment.ProcessorCount) > 1;

    /// <summary>What was found out so far, the rows before included.</summary>
    public CoresSeen Seen { get; private set; } = seen;

    public void Wait()
    {
        cancel.ThrowIfCancellationRequested();
        while (_sharesWork && Seen.Waited < Most && (AreFar() || Seen.Nearest > SurelyNear && Seen.Waited < MostAtFirst || MicroKernelRate.ShareTogether(threads) < Whole))
        {
            cancel.WaitHandle.WaitOne(Pause);
            cancel.ThrowIfCancellationRequested();
            Seen = Seen with { Waited = Seen.Waited + Pause };
        }
    }

    /// <summary>Whether cores that were near when <paramref name="began"/> was taken still are. What was measured meanwhile is of no use if not.</summary>
    public bool Stayed(long began)
    {
        if (!_sharesWork || Seen.Waited >= Most || !AreFar()) return true;
        Seen = Seen with { Waited = Seen.Waited + (int)Stopwatch.GetElapsedTime(began).TotalMilliseconds };
        return false;
    }

    private bool AreFar()
    {
        double distance = CoreDistance.Measure();
        Seen = Seen with { Nearest = Math.Min(Seen.Nearest, distance) };
        return distance > Far * Seen.Nearest;
    }
}
