using System.Globalization;
using System.Runtime.InteropServices;
using Lamina.Bench.Harness;
using Lamina.Bench.Peers;
using Lamina.Bench.Protocol;
using Lamina.Bench.Reports;
using Lamina.Bench.Workloads;
using Lamina.Cli.Commands;
using Lamina.Tensors.Engines.Cpu;

namespace Lamina.Bench;

/// <summary>The benchmark's command line: parses, measures, prints. Results go to the output, progress to the error stream.</summary>
internal static class BenchApp
{
    /// <returns>The exit code: 1 where something failed or both sides didn't compute the same, 2 for a wrong command line.</returns>
    public static int Run(string[] args, TextWriter output, TextWriter error, CancellationToken cancel)
    {
        try
        {
            if (BenchOptions.Parse(args, output) is not { } options) return ExitCodes.Done;
            if (options.List)
            {
                foreach (Workload workload in options.Workloads) output.WriteLine(workload.Name);
                return ExitCodes.Done;
            }
            if (options.Probes)
            {
                CpuPool.SetThreads(options.Threads);
                ProbeCost.Run(options.Workloads, output, cancel);
                return ExitCodes.Done;
            }
            return Measure(options, output, error, cancel);
        }
        catch (UsageException e)
        {
            error.WriteLine($"error: {e.Message.ReplaceLineEndings("\n  ")}");
            return ExitCodes.WrongUsage;
        }
        catch (Exception) when (cancel.IsCancellationRequested)
        {
            error.WriteLine("interrupted");
            return ExitCodes.Interrupted;
        }
        catch (Exception e) when (e is BenchException or IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"error: {e.Message}");
            return ExitCodes.Failed;
        }
    }

    private static int Measure(BenchOptions options, TextWriter output, TextWriter error, CancellationToken cancel)
    {
        CpuPool.SetThreads(options.Threads);
        string? program = options.Peers ? PeerBuild.Program(text => error.WriteLine(text)) : null;
        string? version = program is null ? null : VersionOf(program, options.Threads);
        string mode = options.Eager ? "eager" : "plan";
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Lamina ({mode}){(version is null ? "" : $" beside {version}")}, threads: {options.Threads}, {Tiers.Current}, {RuntimeInformation.FrameworkDescription}, {Machine()}, micro-kernel {2e-9 * MicroKernelRate.Measure():0} GFLOP/s a core\n\n{ResultTable.Header}"));

        if (options.Sweep is { } image)
        {
            using PeerProcess? peer = program is null ? null : new PeerProcess(program, options.Threads);
            Sweep.Run(new Runner(Effort.Quick, options.Threads, options.Eager, peer, new Cores(options.Threads, CoresSeen.Nothing, cancel)), image, version, output, error);
            return ExitCodes.Done;
        }
        Effort effort = options.Quick ? Effort.Quick : Effort.Usual;
        var starting = new Starting(effort, options.Threads, program, error.WriteLine, cancel);
        var results = new List<Result>();
        CoresSeen cores = CoresSeen.Nothing;
        bool failed = false;
        foreach (Workload workload in options.Workloads)
        {
            using var progress = new Progress(error, $"{workload.Name} ({results.Count + 1} of {options.Workloads.Count})");
            try
            {
                Result result;
                if (workload.Kind == WorkloadKind.Start) result = starting.Run(workload);
                else (result, cores) = FreshProcess.Measure(new RowRequest(workload.Name, options.Threads, options.Eager) { Effort = effort, PeerProgram = program, Cores = cores }, cancel);
                progress.Dispose();
                results.Add(result);
                output.WriteLine(ResultTable.Of(result));
                output.Flush();
            }
            catch (Exception e) when (!cancel.IsCancellationRequested && e is not OutOfMemoryException)
            {
                // One that fails doesn't take the others' figures with it.
                failed = true;
                progress.Dispose();
                error.WriteLine($"error: {workload.Name}: {BenchException.Text(e)}");
            }
        }
        if (options.Json is { } json) ResultJson.Write(json, results, mode, version);
        return Conclude(results, failed, cores, output, error);
    }

    private static int Conclude(IReadOnlyList<Result> results, bool failed, CoresSeen cores, TextWriter output, TextWriter error)
    {
        output.WriteLine();
        if (results.Where(r => r.Kind == WorkloadKind.Train).Select(r => r.Ratio).OfType<double>().ToArray() is { Length: > 1 } ratios)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"geometric mean of the training steps' ratios: {Statistics.GeometricMean(ratios):0.00}"));
        if (double.IsFinite(cores.Nearest))
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"a cache line takes {cores.Nearest:0} ns from core to core; {cores.Waited / 1000.0:0.#} s were waited for whole cores, that near to each other"));
        foreach (string note in results.Select(r => r.Note).OfType<string>()) output.WriteLine(note);
        string[] wrong = [.. results.Where(r => !r.IsSame).Select(r => r.Name)];
        if (wrong.Length == 0) return failed ? ExitCodes.Failed : ExitCodes.Done;
        error.WriteLine($"error: both sides didn't compute the same: {string.Join(", ", wrong)}");
        foreach (Result r in results.Where(r => !r.IsSame))
            error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {r.Name}: {r.Compared?.Ours:R} here, {r.Compared?.Peer:R} there; {r.Difference:0e-0} apart where {r.Tolerance:0e-0} is allowed"));
        return ExitCodes.Failed;
    }

    private static string? VersionOf(string program, int threads)
    {
        using var peer = new PeerProcess(program, threads);
        return peer.Ask(new Request(Commands.Version)).Version;
    }

    private static string Machine()
    {
        const string Key = "model name";
        string? line = OperatingSystem.IsLinux() ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith(Key, StringComparison.Ordinal)) : null;
        return line?.Split(':')[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}
