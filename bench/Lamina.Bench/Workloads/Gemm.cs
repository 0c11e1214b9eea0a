namespace Lamina.Bench.Workloads;

/// <summary>Matrix products (m, k) · (k, n), float32, each with A and B as they are, B transposed, and A transposed.</summary>
internal static class Gemm
{
    private static readonly (int M, int K, int N)[] s_sizes =
    [
        (64, 64, 64), (128, 128, 128), (256, 256, 256), (512, 512, 512), (1024, 1024, 1024), (2048, 2048, 2048),
        (128, 784, 512), (32, 256, 1024), (4096, 64, 64),
    ];

    public static IEnumerable<Workload> All => s_sizes.SelectMany(s => (Workload[])[Of(s, "NN"), Of(s, "NT"), Of(s, "TN")]);

    private static Workload Of((int M, int K, int N) size, string form)
    {
        (int m, int k, int n) = size;
        bool transposeA = form[0] == 'T', transposeB = form[1] == 'T';
        return new($"gemm {m}×{k}×{n} {form}", WorkloadKind.Kernel, eager => new KernelWork(eager,
            x => (transposeA ? x[0].Transpose(1, 0) : x[0]).MatMul(transposeB ? x[1].Transpose(1, 0) : x[1]),
            [Draw.Normal(transposeA ? [k, m] : [m, k], 1), Draw.Normal(transposeB ? [n, k] : [k, n], 2)], "a", "b"))
        {
            Group = "gemm", Peer = "gemm",
            PeerOptions = new() { ["transposeA"] = transposeA ? 1 : 0, ["transposeB"] = transposeB ? 1 : 0 },
        };
    }
}
