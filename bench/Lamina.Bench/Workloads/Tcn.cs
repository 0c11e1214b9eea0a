using Lamina.Learning.Losses;
using Lamina.Learning.Optimizers;

namespace Lamina.Bench.Workloads;

/// <summary>A temporal convolutional network: 8 channels × 512 steps, 6 residual blocks of 64, batch 32, a value at each step, Adam.</summary>
internal static class Tcn
{
    // A loss of 25 at first: sums through six residual blocks magnify what roundings differ by.
    private const double Tolerance = 1e-3;

    public static Workload Training => new("tcn", WorkloadKind.Train, eager => new TrainingWork(eager,
        new Models.TemporalConvNet(8, new Models.TemporalConvNetOptions { Outputs = 1 }), new MeanSquaredError(), new Adam(0.001),
        Draw.Normal([32, 512, 8]), Draw.Normal([32, 512, 1], 1), Tolerance)) { Peer = "tcn" };
}
