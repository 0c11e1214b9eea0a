using Lamina.Learning.Optimizers;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Shapes;

namespace Lamina.Bench.Workloads;

/// <summary>Norms and maps that memory bounds: bytes a second over those that must be touched.</summary>
internal static class Maps
{
    private const int Rows = 4096, Columns = 1024, Elements = Rows * Columns, AdamElements = 10_000_000;

    public static IReadOnlyList<Workload> All =>
    [
        Map("softmax", x => x[0].Softmax()),
        Of("layer-norm", eager => new KernelWork(eager, x => x[0].LayerNorm(x[1], x[2]),
            [Matrix, Draw.Normal([Columns], 1), Draw.Normal([Columns], 2)], "x", "gamma", "beta") { Bytes = 2L * Elements * sizeof(float) }),
        Map("gelu", x => x[0].Gelu()),
        Map("chain", x => ((((x[0] * 0.5 + 1).Tanh() * x[0] - 0.25).Abs() + 1).Sqrt() - 1).Relu()),
        Of("adam", eager => new AdamWork(eager, AdamElements)),
    ];

    private static Tensor Matrix => Draw.Normal([Rows, Columns]);

    private static Workload Map(string name, Func<Tensors.Tensors, Tensor> compute) =>
        Of(name, eager => new KernelWork(eager, compute, [Matrix], "x") { Bytes = 2L * Elements * sizeof(float) });

    private static Workload Of(string name, Func<bool, Work> prepare) => new(name, WorkloadKind.Kernel, prepare) { Group = "maps", Peer = name };
}
