namespace Article.Experiments;

/// <summary>
/// Gradients that grow from step to step of a sequence throw the weights far away; cut to a norm they keep their direction (Pascanu, Mikolov and
/// Bengio, 2013).
/// </summary>
internal sealed class Clipping() : Experiment("clipping", "exploding gradients wreck a training, and clipping their norm prevents it")
{
    private const int Steps = 40, Count = 64;

    public override void Run(Notebook book)
    {
        int updates = book.IsSmall ? 300 : 600;
        var random = new RandomStream(book.Seed, 31);
        // The sum of a noisy sequence, of variance 1; always saying 0 has an error of 1.
        float[] inputs = [.. Enumerable.Range(0, Count * Steps).Select(_ => (float)random.NextNormal())];
        float[] targets = [.. inputs.Chunk(Steps).Select(sequence => sequence.Sum() / MathF.Sqrt(Steps))];
        var batch = new Batch(Tensor.From(inputs, [Count, Steps, 1]), Tensor.From(targets, [Count, 1]));
        var curves = new List<(string, IReadOnlyList<double>)>();
        foreach (double? norm in (double?[])[null, 1])
        {
            string name = norm is null ? "unclipped" : "clipped";
            var options = new StepOptions { Seed = (long)book.Seed, ClipNorm = norm, MeasureNorm = true };
            var step = new TrainStep(new Explosive(16), new MeanSquaredError(), new Sgd(0.02), options);
            double[] losses = new double[updates], norms = new double[updates];
            for (int i = 0; i < updates; i++)
            {
                StepResult result = step.Run(batch, i);
                (losses[i], norms[i]) = (result.Loss.Item(), result.GradientNorm!.Item());
            }
            curves.Add((name, losses));
            book.Say($"{name}: at first the gradient's norm is {norms[0]:G3}, the loss {losses[0]:G3}; after {updates} steps it is {losses[^1]:G3}");
            book.Figure($"{name}Norm", norms[0]);
            book.Figure($"{name}First", losses[0]);
            book.Figure($"{name}Last", losses[^1]);
        }
        book.Plot("step", "loss", curves, isLogarithmic: true);
    }
}

/// <summary>
/// A recurrent network without a bound such as tanh's: each step makes its state larger at first, and the gradient on the way back too.
/// </summary>
internal sealed partial class Explosive(int hidden) : Layer
{
    public Linear Input { get; } = new(hidden);

    public Linear Again { get; } = new(hidden, bias: false, initializer: new Orthogonal(Gain: 1.15));

    public Linear Head { get; } = new(1);

    protected override Tensor Compute(Tensor x, Pass pass)
    {
        Tensor read = Input.Forward(x, pass), state = read.Narrow(1, 0, 1).Squeeze(1); // (batch, hidden)
        for (int t = 1; t < x.Shape[1]; t++) state = read.Narrow(1, t, 1).Squeeze(1) + Again.Forward(state, pass);
        return Head.Forward(state, pass);
    }
}
