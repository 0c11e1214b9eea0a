using Lamina.Learning.Initializers;

namespace Article.Experiments;

/// <summary>
/// A sigmoid's slope is a quarter at most, so a gradient that goes back through many of them fades (Hochreiter, 1991; Glorot and Bengio, 2010).
/// Tanh's slope is 1 at zero, that of relu 1 for half of all inputs (Nair and Hinton, 2010).
/// </summary>
internal sealed class Activations() : Experiment("activations", "in a deep network sigmoid hardly learns, tanh does, relu learns fast")
{
    public override void Run(Notebook book, bool isSmall)
    {
        int layers = 8, width = 32, steps = isSmall ? 150 : 1_000;
        (Tensor points, Tensor labels) = Rings(400);
        var curves = new List<(string, IReadOnlyList<double>)>();
        foreach ((string name, Func<Layer> activation, Initializer initializer) in ((string, Func<Layer>, Initializer)[])
            [("sigmoid", () => new Sigmoid(), new GlorotUniform()), ("tanh", () => new Tanh(), new GlorotUniform()), ("relu", () => new Relu(), new HeNormal())])
        {
            var network = new Sequential();
            for (int i = 0; i < layers; i++)
            {
                network.Add(new Linear(width, initializer: initializer));
                network.Add(activation());
            }
            network.Add(new Linear(2));
            network.Build([2], DType.Float32);
            network.Initialize(1);
            Linear first = (Linear)network[0], last = (Linear)network[2 * layers - 2];
            GradientSet gradients = Gradient.Of(new CrossEntropy().Compute(network.Forward(points, Pass.Evaluation), labels), [first.Weight, last.Weight]);
            double Size(Parameter p) => Math.Sqrt((gradients[p] * gradients[p]).Mean().Item());
            double ratio = Size(first.Weight) / Size(last.Weight);
            double[] losses = Training.Repeat(network, new CrossEntropy(), new Sgd(0.1, momentum: 0.9), points, labels, steps);
            curves.Add((name, losses));
            book.Say($"{name}: before training the first layer's gradient is {ratio:G2} times the last one's; after {steps} steps the loss is {losses[^1]:F4}");
            book.Figure($"{name}Gradient", ratio);
            book.Figure($"{name}Loss", losses[^1]);
        }
        book.Plot("step", "loss", curves);
    }

    // Points within a circle and in a ring around it.
    private static (Tensor Points, Tensor Labels) Rings(int count)
    {
        var random = new RandomStream(3, 0);
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
