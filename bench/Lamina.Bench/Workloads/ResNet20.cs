using Lamina.Learning.Losses;
using Lamina.Learning.Optimizers;
using Lamina.Models;

namespace Lamina.Bench.Workloads;

/// <summary>CIFAR-10's ResNet-20 with batch norm, 32×32×3, batch 128, SGD with momentum.</summary>
internal static class ResNet20
{
    // Twenty layers of batch norm over the same batch magnify what roundings differ by.
    private const double Tolerance = 1e-3;

    public static Workload Training => new("resnet20", WorkloadKind.Train, eager => new TrainingWork(eager,
        ResNet.Of20(10), new CrossEntropy(), new Sgd(0.01, momentum: 0.9), Draw.Normal([128, 32, 32, 3]), Draw.Labels([128], 10), Tolerance)) { Peer = "resnet20" };

    public static IEnumerable<Workload> Inference => Predicting.Rows("resnet20", () => ResNet.Of20(10), batch => Draw.Normal([batch, 32, 32, 3]));
}
