using Lamina.Learning.Layers;
using Lamina.Learning.Losses;
using Lamina.Learning.Modules;
using Lamina.Learning.Optimizers;

namespace Lamina.Bench.Workloads;

/// <summary>rnn, lstm, gru: input 64, hidden 256, 64 steps, batch 32, a head of 64 at each step, mean squared error, Adam.</summary>
internal static class Recurrent
{
    private const int Inputs = 64, Hidden = 256, Steps = 64, Batch = 32, Outputs = 64;

    public static IReadOnlyList<Workload> Training => [Of("rnn", () => new Rnn(Hidden)), Of("lstm", () => new Lstm(Hidden)), Of("gru", () => new Gru(Hidden))];

    public static IEnumerable<Workload> Inference => Predicting.Rows("lstm", () => Network(new Lstm(Hidden)), batch => Draw.Normal([batch, Steps, Inputs]));

    private static Workload Of(string name, Func<Layer> layer) => new(name, WorkloadKind.Train, eager => new TrainingWork(eager,
        Network(layer()), new MeanSquaredError(), new Adam(0.001), Draw.Normal([Batch, Steps, Inputs]), Draw.Normal([Batch, Steps, Outputs], 1))) { Peer = name };

    private static Sequential Network(Layer layer) => new(layer, new Linear(Outputs));
}
