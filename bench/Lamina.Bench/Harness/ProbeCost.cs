using System.Diagnostics;
using System.Globalization;
using Lamina.Bench.Workloads;
using Lamina.Learning.Probes;
using Lamina.Learning.Training;

namespace Lamina.Bench.Harness;

/// <summary>What looking costs: training steps with all usual probes, in turn with steps without, in one process.</summary>
internal static class ProbeCost
{
    private const int Blocks = 12, StepsInBlock = 8, Every = 100;

    /// <summary>Measures each training workload and prints a line: both times, and what a probed step every hundred adds to a run.</summary>
    public static void Run(IEnumerable<Workload> workloads, TextWriter output, CancellationToken cancel)
    {
        output.WriteLine("workload      plain ms   probed ms   every 100 steps");
        foreach (Workload workload in workloads.Where(w => w.Kind == WorkloadKind.Train))
        {
            Work made = workload.Prepare(false);
            if (made is not TrainingWork { Plan: { } step, Batch: { } batch }) continue;
            step.Watch(Probe.All);
            long number = 0;
            double plain = Block(), probed = Block(probes: true);
            (plain, probed) = (double.MaxValue, double.MaxValue);
            for (int i = 0; i < Blocks; i++)
            {
                cancel.ThrowIfCancellationRequested();
                plain = Math.Min(plain, Block());
                probed = Math.Min(probed, Block(probes: true));
            }
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{workload.Name,-12}{plain,10:0.000}{probed,12:0.000}{(probed - plain) / plain / Every,17:P2}"));
            output.Flush();

            double Block(bool probes = false)
            {
                long began = Stopwatch.GetTimestamp();
                for (int i = 0; i < StepsInBlock; i++)
                    if (probes) step.RunProbed(batch, number++, 1e-6);
                    else step.Run(batch, number++, 1e-6);
                return Stopwatch.GetElapsedTime(began).TotalMilliseconds / StepsInBlock;
            }
        }
    }
}
