using System.Diagnostics;
using static TorchSharp.torch;

namespace Lamina.Bench.Peer.Workloads;

/// <summary>
/// A matrix product. <c>mm</c> makes a new result each time, <c>addmm_</c> with β = 0 writes into one that is there: the quicker is kept.
/// </summary>
static class Gemm
{
    public static Work Create(Given given)
    {
        Tensor a = given.Plain("a"), b = given.Plain("b");
        if (given.Option("transposeA") != 0) a = a.t();
        if (given.Option("transposeB") != 0) b = b.t();
        Tensor c = given.Own(zeros(a.shape[0], b.shape[1]));
        var fresh = new Inference(given, () => mm(a, b));
        var reused = new Inference(given, () => c.addmm_(a, b, beta: 0, alpha: 1));
        return Time(fresh) < Time(reused) ? fresh : reused;
    }

    static double Time(Work work)
    {
        double least = double.MaxValue;
        for (int i = 0; i < 10; i++)
        {
            long began = Stopwatch.GetTimestamp();
            work.Step();
            least = Math.Min(least, Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
        return least;
    }
}
