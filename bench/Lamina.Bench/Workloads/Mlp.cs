using Lamina.Learning.Losses;
using Lamina.Learning.Optimizers;

namespace Lamina.Bench.Workloads;

/// <summary>784-512-256-10 relu, batch 128, cross-entropy, Adam.</summary>
internal static class Mlp
{
    public static Workload Training => new("mlp", WorkloadKind.Train, eager => new TrainingWork(eager,
        Network, new CrossEntropy(), new Adam(0.001), Draw.Normal([128, 784]), Draw.Labels([128], 10))) { Peer = "mlp" };

    public static IEnumerable<Workload> Inference => Predicting.Rows("mlp", () => Network, batch => Draw.Normal([batch, 784]));

    private static Models.Mlp Network => new(10, 512, 256);
}
