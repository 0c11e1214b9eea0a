using Lamina.Learning.Losses;
using Lamina.Learning.Optimizers;

namespace Lamina.Bench.Workloads;

/// <summary>784-512-256-10 relu, batch 128, cross-entropy, Adam.</summary>
internal static class Mlp
{
    public static Workload Training => Of("mlp", 128, 512, 256);

    /// <summary>The same with another batch or other hidden layers.</summary>
    public static Workload Of(string name, int batch, params int[] hidden) => new(name, WorkloadKind.Train, eager => new TrainingWork(eager,
        new Models.Mlp(10, hidden), new CrossEntropy(), new Adam(0.001), Draw.Normal([batch, 784]), Draw.Labels([batch], 10))) { Peer = "mlp" };

    public static IEnumerable<Workload> Inference => Predicting.Rows("mlp", () => new Models.Mlp(10, 512, 256), batch => Draw.Normal([batch, 784]));
}
