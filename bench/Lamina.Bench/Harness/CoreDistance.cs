using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Lamina.Bench.Harness;

/// <summary>
/// How far apart two threads' cores lie: the time that a cache line takes from one to the other. Some 20 to 60 ns where they share a
/// third-level cache, 100 to 200 where they don't. A virtual machine's cores are moved about between the two while it runs.
/// </summary>
internal static class CoreDistance
{
    private const int Runs = 5, Trips = 300;

    /// <summary>Nanoseconds one way, the least mean of a few short runs.</summary>
    public static double Measure()
    {
        var line = new Line();
        var other = new Thread(() => Answer(ref line.Value));
        other.Start();
        double best = double.PositiveInfinity;
        for (int run = 0; run < Runs; run++)
        {
            long began = 0;
            for (int trip = 0; trip < Trips; trip++)
            {
                int turn = 2 * (run * Trips + trip);
                Volatile.Write(ref line.Value, turn + 1);
                while (Volatile.Read(ref line.Value) != turn + 2) { }
                if (trip == 0) began = Stopwatch.GetTimestamp();       // the first of all waits for the thread to begin
            }
            best = Math.Min(best, Stopwatch.GetElapsedTime(began).TotalNanoseconds / (2 * (Trips - 1)));
        }
        other.Join();
        return best;
    }

    private static void Answer(ref int value)
    {
        for (int turn = 0; turn < 2 * Runs * Trips; turn += 2)
        {
            while (Volatile.Read(ref value) != turn + 1) { }
            Volatile.Write(ref value, turn + 2);
        }
    }

    /// <summary>A number with its cache line, and the one that is fetched with it, to itself.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 320)]
    private sealed class Line
    {
        [FieldOffset(128)]
        public int Value;
    }
}
