namespace Article.Experiments;

/// <summary>
/// The adding problem (Hochreiter and Schmidhuber, 1997): two of many numbers are marked, and their sum is wanted at the end. A plain recurrent
/// network has forgotten the first by then; one that says 1 whatever it reads has an error of 1/6.
/// </summary>
internal sealed class Memory() : Experiment("memory", "over 200 steps a plain recurrent network forgets, LSTM and GRU remember")
{
    public override void Run(Notebook book, bool isSmall)
    {
        int steps = isSmall ? 40 : 200, updates = isSmall ? 700 : 4_000;
        var curves = new List<(string, IReadOnlyList<double>)>();
        foreach ((string name, RecurrentCell cell) in ((string, RecurrentCell)[])[("rnn", RecurrentCell.Rnn), ("lstm", RecurrentCell.Lstm), ("gru", RecurrentCell.Gru)])
        {
            var network = new LastState(cell, 48);
            network.Build([steps, 2], DType.Float32);
            network.Initialize(1);
            var step = new TrainStep(network, new MeanSquaredError(), new Adam(), new StepOptions { ClipNorm = 1 });
            var losses = new double[updates];
            for (int i = 0; i < updates; i++) losses[i] = step.Run(Sums(steps, 50, (ulong)i + 10), i, 0.01 * (1 - 0.95 * i / updates)).Loss.Item();
            Batch test = Sums(steps, 500, 1);
            double error = new MeanSquaredError().Compute(network.Forward(test.Inputs[0]), test.Target).Item();
            curves.Add((name, [.. losses.Chunk(20).Select(c => c.Average())]));
            book.Say($"{name}: mean squared error {error:F4} over {steps} steps (always 1: {1.0 / 6:F4})");
            book.Figure(name, error);
        }
        book.Plot("20 updates", "mean squared error", curves);
    }

    // Numbers and marks (batch, steps, 2); the sums of the two that are marked, one in each half.
    private static Batch Sums(int steps, int count, ulong seed)
    {
        var random = new RandomStream(seed, 21);
        float[] inputs = new float[count * steps * 2], sums = new float[count];
        for (int i = 0; i < count; i++)
        {
            for (int t = 0; t < steps; t++) inputs[(i * steps + t) * 2] = random.NextSingle();
            foreach (int t in (int[])[random.NextInt(steps / 2), steps / 2 + random.NextInt(steps / 2)])
            {
                inputs[(i * steps + t) * 2 + 1] = 1;
                sums[i] += inputs[(i * steps + t) * 2];
            }
        }
        return new(Tensor.From(inputs, [count, steps, 2]), Tensor.From(sums, [count, 1]));
    }
}

/// <summary>Recurrent layers whose last state is weighed up: (batch, steps, features) → (batch, 1).</summary>
internal sealed partial class LastState(RecurrentCell cell, int hidden) : Layer
{
    public RecurrentStack Layers { get; } = new(cell, hidden);

    public Linear Head { get; } = new(1);

    protected override Tensor Compute(Tensor x, Pass pass) => Head.Forward(Layers.Run(x, pass: pass).Last, pass);
}
