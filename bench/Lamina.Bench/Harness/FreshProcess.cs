using System.Diagnostics;
using System.Globalization;
using Lamina.Bench.Peers;
using Lamina.Bench.Protocol;
using Lamina.Bench.Workloads;
using Lamina.Tensors.Engines.Cpu;

namespace Lamina.Bench.Harness;

/// <summary>Measurements that need a process which has done nothing else: this program calls itself for them.</summary>
internal static class FreshProcess
{
    /// <summary>The first argument of such a call.</summary>
    public const string Argument = "fresh-process";

    private const int Steps = 10;

    /// <summary>What the called process does: ten steps of a workload, then its peak memory in MiB on the standard output.</summary>
    public static int Run(string[] arguments)
    {
        CpuPool.SetThreads(int.Parse(arguments[1], CultureInfo.InvariantCulture));
        Work work = Table.All.Single(w => w.Name == arguments[2]).Prepare(arguments[3] == "eager");
        for (int step = 0; step < Steps; step++) work.Step(work.LearningRate);
        Console.WriteLine((Process.GetCurrentProcess().PeakWorkingSet64 / (1024.0 * 1024)).ToString(CultureInfo.InvariantCulture));
        return 0;
    }

    /// <summary>The most memory that our side of a workload takes, in MiB.</summary>
    public static double PeakMib(Workload workload, int threads, bool eager)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "Lamina.Bench.dll");
        var start = new ProcessStartInfo("dotnet", [program, Argument, $"{threads}", workload.Name, eager ? "eager" : "plan"]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? double.Parse(output, CultureInfo.InvariantCulture) : throw new InvalidOperationException($"{workload.Name} failed in a process of its own");
    }

    /// <summary>The most memory that the peer's side takes, in MiB.</summary>
    public static double PeerPeakMib(string program, Workload workload, int threads, bool? channelsLast)
    {
        Work ours = workload.Prepare(false);
        using var peer = new PeerProcess(program, threads);
        peer.Prepare(workload.Peer!, workload.PeerOptions, ours.Sent, channelsLast ?? false);
        peer.Ask(new Request(Commands.Run) { Steps = Steps, LearningRate = ours.LearningRate });
        return peer.Ask(new Request(Commands.Peak)).PeakMib;
    }
}
