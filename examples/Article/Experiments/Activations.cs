namespace Article.Experiments;

/// <summary>
/// A sigmoid's slope is a quarter at most, so a gradient that goes back through many of them fades (Hochreiter, 1991; Glorot and Bengio, 2010).
/// Tanh's slope is 1 at zero, that of relu 1 for half of all inputs (Nair and Hinton, 2010).
/// </summary>
internal sealed class Activations() : Experiment(
    "activations", "in a deep network sigmoid doesn't learn, since gradients fade on their way to the first layer; tanh and relu learn")
{
    private const int Layers = 8, Width = 32, Steps = 200;

    public override void Run(Notebook book)
    {
        (Tensor points, Tensor labels) = Rings(400, book.Seed);
        var curves = new List<(string, IReadOnlyList<double>)>();

        void Try(string name, Func<Layer> activation, Initializer initializer)
        {
            var network = new Sequential();
            for (int i = 0; i < Layers; i++)
            {
                network.Add(new Linear(Width, initializer: initializer));
                network.Add(activation());
            }
            network.Add(new Linear(2));
            network.Build([2]);
            network.Initialize(book.Seed);
            Linear first = (Linear)network[0], last = (Linear)network[2 * (Layers - 1)];
            Tensor loss = new CrossEntropy().Compute(network.Forward(points, Pass.Evaluation), labels);
            GradientSet gradients = Gradient.Of(loss, [first.Weight, last.Weight]);
            // Per weight, since the first layer has fewer.
            double Size(Parameter p) => gradients[p].Norm().Item() / Math.Sqrt(p.Value.Count);
            double ratio = Size(first.Weight) / Size(last.Weight);
            double[] losses = Training.Repeat(network, new CrossEntropy(), new Sgd(0.1, momentum: 0.9), points, labels, Steps, book.Seed);
            curves.Add((name, losses));
            book.Say($"{name}: before training the gradient at the first layer is {ratio:G2} times that at layer {Layers}; "
                + $"after {Steps} steps the loss is {losses[^1]:F4}");
            book.Figure($"{name}Gradient", ratio);
            book.Figure($"{name}Loss", losses[^1]);
            book.Figure($"{name}Accuracy", Training.Accuracy(network, points, labels));
        }

        // What each one's inventors start with: variances that keep the signal's size.
        Try("sigmoid", () => new Sigmoid(), new GlorotUniform());
        Try("tanh", () => new Tanh(), new GlorotUniform());
        Try("relu", () => new Relu(), new HeNormal());
        book.Plot("step", "loss", curves);
    }

    // Points within a circle and in a ring around it.
    private static (Tensor Points, Tensor Labels) Rings(int count, ulong seed)
    {
        var random = new RandomStream(seed, 3);
        float[] points = new float[2 * count];
        int[] labels = new int[count];
        for (int i = 0; i < count; i++)
        {
            labels[i] = i % 2;
            double radius = labels[i] == 0 ? random.NextDouble() : 1.3 + random.NextDouble(), angle = random.NextDouble() * 2 * Math.PI;
            (points[2 * i], points[2 * i + 1]) = ((float)(radius * Math.Cos(angle)), (float)(radius * Math.Sin(angle)));
        }
        return (Tensor.From(points, [count, 2]), Tensor.From(labels));
    }
}
