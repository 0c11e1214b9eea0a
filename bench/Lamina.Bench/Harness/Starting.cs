using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Lamina.Bench.Peers;
using Lamina.Bench.Workloads;

namespace Lamina.Bench.Harness;

/// <summary>
/// Publishes <c>examples/Native</c> and times fresh processes to the line that their first training step prints; the peer's
/// processes run in turn with ours.
/// </summary>
internal sealed class Starting(Effort effort, int threads, string? peerProgram, Action<string> tell, CancellationToken cancel)
{
    private const string FirstStep = "first step";

    public Result Run(Workload workload)
    {
        bool isNative = workload.Name == Start.Native;
        string folder = Directory.CreateTempSubdirectory("lamina-start-").FullName;
        try
        {
            string published = Path.Combine(folder, isNative ? "native" : "installed");
            Publish(published, isNative);
            string[] ours = isNative ? [Path.Combine(published, "Native"), "1"] : ["dotnet", Path.Combine(published, "Native.dll"), "1"];
            string[]? theirs = peerProgram is null ? null : ["dotnet", peerProgram, $"{threads}", "start"];
            List<double> times = [], peerTimes = [];
            for (int pair = -1; pair < effort.Pairs; pair++)        // the first only fills the file cache
            {
                double own = ToFirstStep(ours), other = theirs is null ? 0 : ToFirstStep(theirs);
                if (pair < 0) continue;
                times.Add(own);
                peerTimes.Add(other);
            }
            double[] ratios = [.. peerTimes.Zip(times, (other, own) => other / own)];
            return new Result(workload.Name, WorkloadKind.Start, threads)
            {
                Milliseconds = Statistics.Median(times),
                PeerMilliseconds = theirs is null ? null : Statistics.Median(peerTimes),
                Ratio = theirs is null ? null : Statistics.Median(ratios),
                RatioSpread = theirs is null ? null : Statistics.Spread(ratios),
                PublishedMib = SizeMib(published),
                PeerPublishedMib = peerProgram is null ? null : SizeMib(Path.GetDirectoryName(peerProgram)!),
                Note = isNative ? NativeSpeed(folder, published) : null,
            };
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The machine code's time for a step beside the JIT's, in turn.</summary>
    private string NativeSpeed(string folder, string native)
    {
        string installed = Path.Combine(folder, "installed");
        Publish(installed, isNative: false);
        List<double> compiled = [], jitted = [];
        for (int pair = 0; pair < effort.Pairs; pair++)
        {
            compiled.Add(StepMilliseconds([Path.Combine(native, "Native"), "200"]));
            jitted.Add(StepMilliseconds(["dotnet", Path.Combine(installed, "Native.dll"), "200"]));
        }
        double own = Statistics.Median(compiled), jit = Statistics.Median(jitted);
        return string.Create(CultureInfo.InvariantCulture, $"examples/Native takes {own:0.00} ms a step as machine code, {jit:0.00} with the JIT: {Statistics.Median(compiled.Zip(jitted, (a, b) => a / b)):0.00} times as long");
    }

    private void Publish(string folder, bool isNative)
    {
        tell($"publishing examples/Native {(isNative ? "as machine code" : "for an installed .NET")}");
        // For an installed .NET the code is compiled ahead as well (ReadyToRun), as the .NET libraries are; kernels are left to the JIT.
        string[] how = ["--runtime", RuntimeInformation.RuntimeIdentifier, .. isNative ? (string[])[] : ["-p:PublishAot=false", "-p:PublishReadyToRun=true", "--self-contained", "false"]];
        var start = new ProcessStartInfo("dotnet", ["publish", "--configuration", "Release", "--verbosity", "quiet", "--nologo", "--output", folder, .. how, Path.Combine(Checkout.Root, "examples", "Native")])
        {
            RedirectStandardOutput = true,
        };
        using Process publish = Process.Start(start)!;
        string output = publish.StandardOutput.ReadToEnd();
        publish.WaitForExit();
        cancel.ThrowIfCancellationRequested();
        if (publish.ExitCode != 0) throw new BenchException($"examples/Native can't be published:\n{output.Trim()}");
    }

    private double ToFirstStep(string[] command)
    {
        cancel.ThrowIfCancellationRequested();
        long began = Stopwatch.GetTimestamp();
        using Process process = Begin(command);
        while (process.StandardOutput.ReadLine() is { } line)
            if (line.StartsWith(FirstStep, StringComparison.Ordinal))
            {
                double milliseconds = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
                process.StandardOutput.ReadToEnd();
                process.WaitForExit();
                return milliseconds;
            }
        throw new BenchException($"{string.Join(' ', command)} ended before its first step");
    }

    private double StepMilliseconds(string[] command)
    {
        cancel.ThrowIfCancellationRequested();
        using Process process = Begin(command);
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        string[] words = output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return double.Parse(words[Array.LastIndexOf(words, "ms") - 1], CultureInfo.InvariantCulture);
    }

    private static Process Begin(string[] command) =>
        Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true })!;

    private static double SizeMib(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length) / (1024.0 * 1024);
}
