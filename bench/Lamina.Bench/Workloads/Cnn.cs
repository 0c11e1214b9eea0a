using Lamina.Learning.Layers;
using Lamina.Learning.Losses;
using Lamina.Learning.Optimizers;

namespace Lamina.Bench.Workloads;

/// <summary>conv 1→32 3×3, relu, conv 32→64 3×3, relu, pool 2, 9216-128-10; 28×28, batch 64, Adam.</summary>
internal static class Cnn
{
    public static Workload Training => new("cnn", WorkloadKind.Train, eager => new TrainingWork(eager,
        Network, new CrossEntropy(), new Adam(0.001), Draw.Normal([64, 28, 28, 1]), Draw.Labels([64], 10))) { Peer = "cnn" };

    public static IEnumerable<Workload> Inference => Predicting.Rows("cnn", () => Network, batch => Draw.Normal([batch, 28, 28, 1]));

    private static Sequential Network => new(
        new Conv2d(32, 3), new Relu(), new Conv2d(64, 3), new Relu(), new MaxPool2d(2),
        new Flatten(), new Linear(128), new Relu(), new Linear(10));
}
