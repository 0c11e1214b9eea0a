using Lamina.Learning.Layers;
using Lamina.Learning.Losses;
using Lamina.Learning.Optimizers;

namespace Lamina.Bench.Workloads;

/// <summary>2-16-16-1 tanh, batch 32, mean squared error, SGD: all overhead.</summary>
internal static class MlpTiny
{
    public static Workload Training => new("mlp-tiny", WorkloadKind.Train, eager => new TrainingWork(eager,
        new Sequential(new Linear(16), new Tanh(), new Linear(16), new Tanh(), new Linear(1)),
        new MeanSquaredError(), new Sgd(0.1), Draw.Normal([32, 2]), Draw.Normal([32, 1], 1))) { Peer = "mlp-tiny" };
}
