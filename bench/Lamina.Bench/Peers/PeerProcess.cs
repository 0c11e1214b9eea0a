using System.Diagnostics;
using System.Globalization;
using Lamina.Bench.Protocol;

namespace Lamina.Bench.Peers;

/// <summary>The peer: a process of its own, so that neither side's threads, memory or runtime touch the other's. Ended with this object.</summary>
internal sealed class PeerProcess : IDisposable
{
    private readonly Process _process;
    private readonly string _folder = Directory.CreateTempSubdirectory("lamina-bench-").FullName;

    /// <exception cref="BenchException">It can't be started.</exception>
    public PeerProcess(string program, int threads)
    {
        var start = new ProcessStartInfo("dotnet", [program, threads.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false,
        };
        start.Environment["OMP_NUM_THREADS"] = start.Environment["MKL_NUM_THREADS"] = threads.ToString(CultureInfo.InvariantCulture);
        _process = Process.Start(start) ?? throw new BenchException("the peer didn't start");
    }

    /// <summary>Sends a request and waits for its answer.</summary>
    /// <exception cref="BenchException">The peer failed or is gone.</exception>
    public Reply Ask(Request request)
    {
        string? line;
        try
        {
            _process.StandardInput.WriteLine(Line.Of(request));
            _process.StandardInput.Flush();
            line = _process.StandardOutput.ReadLine();
        }
        catch (IOException e)
        {
            throw new BenchException($"the peer is gone: {e.Message}");
        }
        if (line is null) throw new BenchException("the peer ended before it answered; what it said stands above");
        Reply reply = Line.Read<Reply>(line);
        return reply.Error is null ? reply : throw new BenchException($"the peer failed: {reply.Error}");
    }

    /// <summary>Makes a workload ready on the peer's side, from the same tensors as ours.</summary>
    public Reply Prepare(string workload, IReadOnlyDictionary<string, double> options, IReadOnlyCollection<SentTensor> tensors, bool? channelsLast)
    {
        string file = Path.Combine(_folder, "tensors.bin");
        TensorFile.Write(file, tensors);
        try
        {
            return Ask(new Request(Commands.Prepare) { Workload = workload, Tensors = file, Options = new(options), ChannelsLast = channelsLast });
        }
        finally
        {
            File.Delete(file);
        }
    }

    public void Dispose()
    {
        // An idle peer ends with its input; one in the middle of a block is not waited for.
        try { _process.StandardInput.Close(); } catch (IOException) { }
        if (!_process.WaitForExit(500)) _process.Kill(entireProcessTree: true);
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}

