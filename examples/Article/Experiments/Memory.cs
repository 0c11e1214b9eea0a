namespace Article.Experiments;

/// <summary>
/// The adding problem (Hochreiter and Schmidhuber, 1997): two of many numbers are marked, and their sum is wanted at the end. A plain recurrent
/// network has forgotten the first by then; one that says 1 whatever it reads has an error of 1/6.
/// </summary>
internal sealed class Memory() : Experiment("memory", "over 200 steps a plain recurrent network forgets, LSTM and GRU remember")
{
    public override void Run(Notebook book)
    {
        int steps = book.IsSmall ? 60 : 200, updates = book.IsSmall ? 800 : 4_000;
        var curves = new List<(string, IReadOnlyList<double>)>();
        Batch test = Sums(steps, 1_000, book.Seed, 0);
        foreach (RecurrentCell cell in (RecurrentCell[])[RecurrentCell.Rnn, RecurrentCell.Lstm, RecurrentCell.Gru])
        {
            string name = cell.ToString().ToLowerInvariant();
            var network = new LastState(cell, 48);
            var step = new TrainStep(network, new MeanSquaredError(), new Adam(), new StepOptions { Seed = (long)book.Seed, ClipNorm = 1 });
            var losses = new double[updates];
            for (int i = 0; i < updates; i++)
                losses[i] = step.Run(Sums(steps, 50, book.Seed, (ulong)i + 1), i, 0.01 * (1 - 0.95 * i / updates)).Loss.Item();
            double error = new MeanSquaredError().Compute(network.Forward(test.Inputs[0]), test.Target).Item();
            curves.Add((name, [.. losses.Chunk(20).Select(c => c.Average())]));
            book.Say($"{name}: mean squared error {error:F4} over {steps} steps (always saying 1: {1.0 / 6:F4})");
            book.Figure($"{name}Error", error);
        }
        book.Plot("update", "mean squared error", curves, 20);
    }

    // Numbers and marks (batch, steps, 2); the sums of the two that are marked, one in each half.
    private static Batch Sums(int steps, int count, ulong seed, ulong number)
    {
        var random = new RandomStream(seed, 100 + number);
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

/// <summary>A recurrent layer whose last state is weighed up: (batch, steps, features) → (batch, 1).</summary>
internal sealed partial class LastState(RecurrentCell cell, int hidden) : Layer
{
    public RecurrentStack Layers { get; } = new(cell, hidden);

    public Linear Head { get; } = new(1);

    protected override Tensor Compute(Tensor x, Pass pass) => Head.Forward(Layers.Run(x, pass: pass).Last, pass);
}
