using System.Diagnostics;

namespace Lamina.Bench.Peers;

/// <summary>Finds the peer's program, building it where it is missing or older than its source.</summary>
internal static class PeerBuild
{
    /// <exception cref="BenchException">There is no source, or it doesn't build.</exception>
    public static string Program(Action<string> tell)
    {
        string bench = Path.Combine(Checkout.Root, "bench"), project = Path.Combine(bench, "Lamina.Bench.Peer");
        string program = Path.Combine(project, "bin", "Release", "net10.0", "linux-x64", "Lamina.Bench.Peer.dll");
        if (!OperatingSystem.IsLinux() || System.Runtime.InteropServices.RuntimeInformation.OSArchitecture != System.Runtime.InteropServices.Architecture.X64)
            throw new BenchException("the peer is built for linux-x64 alone, as its libtorch package is");
        DateTime newest = new[] { project, Path.Combine(bench, "Lamina.Bench", "Protocol") }
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.cs*", SearchOption.AllDirectories))
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}"))
            .Max(File.GetLastWriteTimeUtc);
        if (File.Exists(program) && File.GetLastWriteTimeUtc(program) >= newest) return program;

        tell("building the peer: TorchSharp with libtorch, some 200 MB to fetch the first time");
        var start = new ProcessStartInfo("dotnet", ["build", "--configuration", "Release", "--verbosity", "quiet", "--nologo", project]) { RedirectStandardOutput = true };
        using Process build = Process.Start(start)!;
        string output = build.StandardOutput.ReadToEnd();
        build.WaitForExit();
        if (build.ExitCode != 0) throw new BenchException($"the peer doesn't build:\n{output.Trim()}");
        File.SetLastWriteTimeUtc(program, DateTime.UtcNow);
        return program;
    }
}
