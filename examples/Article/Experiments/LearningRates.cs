namespace Article.Experiments;

/// <summary>Gradient descent on the house prices of a village: the same network and data, three learning rates.</summary>
internal sealed class LearningRates() : Experiment("rate", "a learning rate that is too small creeps, one that is too large diverges, between them learning is quick")
{
    public override void Run(Notebook book, bool isSmall)
    {
        const int Count = 200, Steps = 200;
        var random = new RandomStream(5, 0);
        float[] inputs = [.. Enumerable.Range(0, Count * 3).Select(_ => (float)random.NextNormal())];
        float[] prices = [.. Enumerable.Range(0, Count).Select(i => 2 * inputs[3 * i] - inputs[3 * i + 1] + 0.5f * inputs[3 * i] * inputs[3 * i + 2] + 0.05f * (float)random.NextNormal())];
        Tensor x = Tensor.From(inputs, [Count, 3]), y = Tensor.From(prices, [Count, 1]);
        var curves = new List<(string, IReadOnlyList<double>)>();
        foreach ((string name, double rate) in ((string, double)[])[("tooSmall", 0.0001), ("right", 0.1), ("tooLarge", 3)])
        {
            double[] losses = Training.Repeat(new Sequential(new Linear(16), new Tanh(), new Linear(1)), new MeanSquaredError(), new Sgd(rate), x, y, Steps);
            curves.Add(($"rate {rate}", losses));
            book.Say($"rate {rate}: loss {losses[0]:F3} at first, {losses[^1]:G4} after {Steps} steps");
            book.Figure(name, losses[^1]);
        }
        book.Plot("step", "loss", curves.Select(c => (c.Item1, (IReadOnlyList<double>)[.. c.Item2.Select(l => Math.Min(l, 8))])));
    }
}
