namespace Article.Experiments;

/// <summary>Gradient descent on the house prices of a village: the same network and data, three learning rates.</summary>
internal sealed class LearningRates() : Experiment(
    "rate", "a learning rate that is too small creeps, one that is too large diverges, between them learning is quick")
{
    public override void Run(Notebook book)
    {
        const int Count = 200, Steps = 200;
        var random = new RandomStream(book.Seed, 5);
        float[] houses = [.. Enumerable.Range(0, Count * 3).Select(_ => (float)random.NextNormal())];
        // Size counts twice, age against it, and a garden only where the house is large.
        float[] prices = [.. Enumerable.Range(0, Count).Select(i =>
            2 * houses[3 * i] - houses[3 * i + 1] + 0.5f * houses[3 * i] * houses[3 * i + 2] + 0.05f * (float)random.NextNormal())];
        Tensor x = Tensor.From(houses, [Count, 3]), y = Tensor.From(prices, [Count, 1]);
        var curves = new List<(string, IReadOnlyList<double>)>();
        foreach ((string name, double rate) in ((string, double)[])[("tooSmall", 0.0001), ("right", 0.1), ("tooLarge", 1)])
        {
            var network = new Sequential(new Linear(16), new Tanh(), new Linear(1));
            double[] losses = Training.Repeat(network, new MeanSquaredError(), new Sgd(rate), x, y, Steps, book.Seed);
            curves.Add(($"rate {rate}", losses));
            book.Say($"rate {rate}: loss {losses[0]:F3} at first, {losses[^1]:G4} after {Steps} steps");
            book.Figure($"{name}First", losses[0]);
            book.Figure($"{name}Last", losses[^1]);
        }
        book.Plot("step", "loss", curves, isLogarithmic: true, most: 1e3);
    }
}
