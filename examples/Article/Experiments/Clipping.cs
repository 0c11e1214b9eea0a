namespace Article.Experiments;

/// <summary>Gradients that grow from step to step of a sequence throw the weights far away; cut to a norm they keep their direction (Pascanu et al., 2013).</summary>
internal sealed class Clipping() : Experiment("clipping", "exploding gradients wreck a training, and clipping their norm prevents it")
{
    public override void Run(Notebook book, bool isSmall)
    {
        const int Steps = 40, Count = 64;
        var random = new RandomStream(3, 31);
        // The sign of the sum of a noisy sequence.
        float[] inputs = [.. Enumerable.Range(0, Count * Steps).Select(_ => (float)random.NextNormal())];
        float[] targets = [.. Enumerable.Range(0, Count).Select(i => MathF.Sign(inputs[(i * Steps)..((i + 1) * Steps)].Sum()))];
        Tensor x = Tensor.From(inputs, [Count, Steps, 1]), y = Tensor.From(targets, [Count, 1]);
        var curves = new List<(string, IReadOnlyList<double>)>();
        foreach (double? norm in (double?[])[null, 1])
        {
            string name = norm is null ? "unclipped" : "clipped";
            var network = new Explosive(16);
            double[] losses = Training.Repeat(network, new MeanSquaredError(), new Sgd(0.05), x, y, isSmall ? 60 : 300, options: new StepOptions { ClipNorm = norm });
            double worst = losses.Max(l => double.IsFinite(l) ? l : double.PositiveInfinity);
            curves.Add((name, losses));
            book.Say($"{name}: the loss is {losses[0]:G3} at first, {worst:G3} at worst, {losses[^1]:G3} at the end");
            book.Figure(name, losses[^1]);
        }
        book.Plot("step", "loss", curves.Select(c => (c.Item1, (IReadOnlyList<double>)[.. c.Item2.Select(l => Math.Min(l, 10))])));
    }
}

/// <summary>A recurrent network without a bound: relu in place of tanh, so that states and gradients can grow with every step.</summary>
internal sealed partial class Explosive(int hidden) : Layer
{
    public Linear Input { get; } = new(hidden);

    public Linear Again { get; } = new(hidden, bias: false, initializer: new Lamina.Learning.Initializers.Normal(Deviation: 1.6 / Math.Sqrt(hidden)));

    public Linear Head { get; } = new(1);

    protected override Tensor Compute(Tensor x, Pass pass)
    {
        Tensor read = Input.Forward(x, pass), state = read.Narrow(1, 0, 1).Squeeze(1).Relu();
        for (int t = 1; t < x.Shape[1]; t++) state = (read.Narrow(1, t, 1).Squeeze(1) + Again.Forward(state, pass)).Relu();
        return Head.Forward(state, pass);
    }
}
