using System.Diagnostics;
using Lamina.Bench.Peers;
using Lamina.Bench.Protocol;
using Lamina.Bench.Workloads;

namespace Lamina.Bench.Harness;

/// <summary>How long is measured.</summary>
/// <param name="Pairs">Blocks of each side.</param>
/// <param name="BlockMilliseconds">How long a block is about.</param>
/// <param name="WarmingPairs">Blocks before the first that counts: code is compiled again while it runs, on a core that both sides' steps would have.</param>
internal sealed record Effort(int Pairs, double BlockMilliseconds, int WarmingPairs)
{
    public static Effort Usual { get; } = new(11, 100, 12);

    /// <summary>For a look, and for the many points of a sweep.</summary>
    public static Effort Quick { get; } = new(5, 40, 10);
}

/// <summary>
/// Measures a workload, alone or beside the peer. Both sides run in short blocks in turn, A B A B …, so that a machine whose
/// speed drifts drifts for both; a ratio is that of two neighbouring blocks.
/// </summary>
internal sealed class Runner(Effort effort, int threads, bool eager, PeerProcess? peer, Cores cores)
{
    // Long enough for both sides' waiting threads to go to sleep: they would take the other's cores.
    private const int PauseMilliseconds = 20;
    private const int ComparedSteps = 10;

    public Cores Cores => cores;

    public Result Run(Workload workload)
    {
        Work ours = workload.Prepare(eager);
        Result result = new(workload.Name, workload.Kind, threads) { Tolerance = ours.Tolerance };
        bool compares = peer is not null && workload.Peer is not null;
        if (compares) result = Compare(workload, ours, result);
        return Measure(workload, ours, compares, result);
    }

    /// <summary>The same steps on both sides from the same tensors.</summary>
    private Result Compare(Workload workload, Work ours, Result result)
    {
        bool? channelsLast = peer!.Prepare(workload.Peer!, workload.PeerOptions, ours.Sent, channelsLast: null).ChannelsLast;
        int steps = workload.Kind == WorkloadKind.Train ? ComparedSteps : 1;
        double[] theirs = peer.Ask(new Request(Commands.Check) { Steps = steps, LearningRate = ours.LearningRate }).Losses;
        double[] own = [.. Enumerable.Range(0, steps).Select(_ => ours.Check(ours.LearningRate))];
        // Relative to the largest: a batch learned by heart ends in losses near zero, which differ by as much as the first did.
        double scale = own.Concat(theirs).Max(Math.Abs), difference = own.Zip(theirs, (a, b) => a == b ? 0 : Math.Abs(a - b) / scale).Max();
        return result with { PeerChannelsLast = channelsLast, Difference = double.IsNaN(difference) ? double.PositiveInfinity : difference, Compared = new(own[^1], theirs[^1]) };
    }

    private Result Measure(Workload workload, Work ours, bool compares, Result result)
    {
        int steps = StepsOf(Time(ours, new double[3]).Min()), peerSteps = compares ? StepsOf(TimePeer(3).Min()) : 0;
        double[] block = new double[steps];
        List<double> times = [], peerTimes = [], ratios = [], shares = [], allocated = [], single = [], peerSingle = [];
        int warming = effort.WarmingPairs;
        while (times.Count < effort.Pairs)
        {
            cores.Wait();
            long began = Stopwatch.GetTimestamp();
            double peak = ours.BytesTouched > 0 ? PlainCopy.Measure(ours.BytesTouched) : MicroKernelRate.Measure() * threads;
            if (compares) Thread.Sleep(PauseMilliseconds);
            long before = GC.GetTotalAllocatedBytes(precise: true);
            Time(ours, block);
            long after = GC.GetTotalAllocatedBytes(precise: true);
            double[] peerBlock = [];
            if (compares)
            {
                Thread.Sleep(PauseMilliseconds);
                peerBlock = TimePeer(peerSteps);
                Thread.Sleep(PauseMilliseconds);
            }
            if (warming-- > 0 || !cores.Stayed(began)) continue;
            times.Add(block.Average());
            allocated.Add((after - before) / (double)steps);
            single.AddRange(block);
            double work = ours.BytesTouched > 0 ? ours.BytesTouched : ours.MultiplyAdds;
            if (work > 0) shares.Add(work / (block.Average() / 1000) / peak);
            if (!compares) continue;
            peerTimes.Add(peerBlock.Average());
            peerSingle.AddRange(peerBlock);
            ratios.Add(peerTimes[^1] / times[^1]);
        }
        double milliseconds = Statistics.Median(times);
        bool isInference = workload.Kind == WorkloadKind.Inference;
        return result with
        {
            Milliseconds = milliseconds,
            Percentile99 = isInference ? Statistics.Quantile(single, 0.99) : null,
            PeerMilliseconds = compares ? Statistics.Median(peerTimes) : null,
            PeerPercentile99 = compares && isInference ? Statistics.Quantile(peerSingle, 0.99) : null,
            Ratio = compares ? Statistics.Median(ratios) : null,
            RatioSpread = compares ? Statistics.Spread(ratios) : null,
            ShareOfPeak = shares.Count > 0 ? Statistics.Median(shares) : null,
            Flops = ours.BytesTouched == 0 && ours.MultiplyAdds > 0 ? 2000.0 * ours.MultiplyAdds / milliseconds : null,
            Bandwidth = ours.BytesTouched > 0 ? 1000.0 * ours.BytesTouched / milliseconds : null,
            AllocatedBytes = Statistics.Median(allocated),
        };
    }

    private int StepsOf(double milliseconds) => (int)Math.Clamp(effort.BlockMilliseconds / Math.Max(milliseconds, 1e-4), 2, 20_000);

    private double[] TimePeer(int steps) => peer!.Ask(new Request(Commands.Run) { Steps = steps, LearningRate = 0 }).Times;

    /// <summary>Fills the array with the milliseconds of each step; allocates nothing itself.</summary>
    private static double[] Time(Work work, double[] times)
    {
        long before = Stopwatch.GetTimestamp();
        for (int i = 0; i < times.Length; i++)
        {
            work.Step(0);
            long now = Stopwatch.GetTimestamp();
            times[i] = Stopwatch.GetElapsedTime(before, now).TotalMilliseconds;
            before = now;
        }
        return times;
    }
}
