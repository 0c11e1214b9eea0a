using Lamina.Learning.Layers;
using Lamina.Learning.Losses;
using Lamina.Learning.Optimizers;

namespace Lamina.Bench.Workloads;

/// <summary>LeNet-5 (LeCun et al., 1998) with ReLU and max-pooling, 28×28, batch 64, Adam.</summary>
internal static class LeNet5
{
    public static Workload Training => new("lenet5", WorkloadKind.Train, eager => new TrainingWork(eager,
        new Sequential(
            new Conv2d(6, 5, padding: Padding.Same), new Relu(), new MaxPool2d(2),
            new Conv2d(16, 5), new Relu(), new MaxPool2d(2),
            new Flatten(), new Linear(120), new Relu(), new Linear(84), new Relu(), new Linear(10)),
        new CrossEntropy(), new Adam(0.001), Draw.Normal([64, 28, 28, 1]), Draw.Labels([64], 10))) { Peer = "lenet5" };
}
