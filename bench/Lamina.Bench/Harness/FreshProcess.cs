using System.Diagnostics;
using System.Text.Json;
using Lamina.Bench.Peers;
using Lamina.Bench.Protocol;
using Lamina.Bench.Workloads;
using Lamina.Cli.Commands;
using Lamina.Tensors.Engines.Cpu;

namespace Lamina.Bench.Harness;

/// <summary>What a process of its own is asked to measure.</summary>
/// <param name="Workload">The row's name.</param>
/// <param name="Threads">Threads of each side.</param>
/// <param name="Eager">Whether our side runs call by call.</param>
internal sealed record RowRequest(string Workload, int Threads, bool Eager)
{
    /// <summary>How long is measured; null for the peak memory of ten steps alone.</summary>
    public Effort? Effort { get; init; }

    /// <summary>The peer's program, or null to measure without one.</summary>
    public string? PeerProgram { get; init; }

    /// <summary>What the rows before found out about the cores.</summary>
    public CoresSeen Cores { get; init; } = CoresSeen.Nothing;
}

/// <summary>What such a process answers.</summary>
internal sealed record RowReply
{
    public string? Error { get; init; }

    public Result? Result { get; init; }

    public double PeakMib { get; init; }

    public CoresSeen? Cores { get; init; }
}

/// <summary>
/// Measures each row in a process that has done nothing else, beside a peer that has done nothing else: what one row leaves behind,
/// memory that an allocator keeps or code that was compiled for it, changes no other's figures. This program calls itself for it.
/// </summary>
internal static class FreshProcess
{
    /// <summary>The first argument of such a call.</summary>
    public const string Argument = "fresh-process";

    private const int Steps = 10;

    /// <summary>What the called process does: the answer to its request, a line on the standard output.</summary>
    public static int Run(string line)
    {
        RowRequest request;
        try
        {
            request = Line.Read<RowRequest>(line);
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            Console.Error.WriteLine($"error: {Argument} is what this program calls itself with; see --help for what it takes");
            return ExitCodes.WrongUsage;
        }
        Console.WriteLine(Line.Of(Answer(request)));
        return ExitCodes.Done;
    }

    /// <summary>A row's times, ratios and peak memory.</summary>
    /// <exception cref="BenchException">It can't be measured.</exception>
    public static (Result Result, CoresSeen Cores) Measure(RowRequest request, CancellationToken cancel)
    {
        RowReply reply = Call(request, cancel);
        Result result = reply.Result!;
        Workload workload = Find(request);
        if (workload.Kind is WorkloadKind.Train or WorkloadKind.Inference)
        {
            result = result with { PeakMib = Call(request with { Effort = null }, cancel).PeakMib };
            if (request.PeerProgram is { } program && workload.Peer is not null)
                result = result with { PeerPeakMib = PeerPeakMib(program, workload, request.Threads, result.PeerChannelsLast) };
        }
        return (result, reply.Cores!);
    }

    private static RowReply Answer(RowRequest request)
    {
        try
        {
            CpuPool.SetThreads(request.Threads);
            return request.Effort is { } effort ? MeasureHere(request, effort) : new RowReply { PeakMib = PeakHere(request) };
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return new RowReply { Error = BenchException.Text(e) };
        }
    }

    private static RowReply MeasureHere(RowRequest request, Effort effort)
    {
        using PeerProcess? peer = request.PeerProgram is { } program ? new PeerProcess(program, request.Threads) : null;
        var runner = new Runner(effort, request.Threads, request.Eager, peer, new Cores(request.Threads, request.Cores, CancellationToken.None));
        return new RowReply { Result = runner.Run(Find(request)), Cores = runner.Cores.Seen };
    }

    private static double PeakHere(RowRequest request)
    {
        Work work = Find(request).Prepare(request.Eager);
        for (int step = 0; step < Steps; step++) work.Step(work.LearningRate);
        return Process.GetCurrentProcess().PeakWorkingSet64 / (1024.0 * 1024);
    }

    private static Workload Find(RowRequest request) => Table.All.Single(w => w.Name == request.Workload);

    private static RowReply Call(RowRequest request, CancellationToken cancel)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "Lamina.Bench.dll"), folder = Directory.CreateTempSubdirectory("lamina-bench-").FullName;
        try
        {
            var start = new ProcessStartInfo("dotnet", [program, Argument, Line.Of(request)]) { RedirectStandardOutput = true };
            // A process that is ended in the middle of its row leaves files behind; they go with the folder.
            start.Environment["TMPDIR"] = folder;
            using Process process = Process.Start(start)!;
            string output;
            using (cancel.Register(() => process.Kill(entireProcessTree: true)))
            {
                output = process.StandardOutput.ReadToEnd();
                process.WaitForExit();
            }
            cancel.ThrowIfCancellationRequested();
            if (process.ExitCode != 0) throw new BenchException($"the process that measures {request.Workload} ended with code {process.ExitCode}");
            RowReply reply = Line.Read<RowReply>(output);
            return reply.Error is { } error ? throw new BenchException(error) : reply;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The most memory that the peer's side takes, in MiB.</summary>
    private static double PeerPeakMib(string program, Workload workload, int threads, bool? channelsLast)
    {
        Work ours = workload.Prepare(false);
        using var peer = new PeerProcess(program, threads);
        peer.Prepare(workload.Peer!, workload.PeerOptions, ours.Sent, channelsLast ?? false);
        peer.Ask(new Request(Commands.Run) { Steps = Steps, LearningRate = ours.LearningRate });
        return peer.Ask(new Request(Commands.Peak)).PeakMib;
    }
}
