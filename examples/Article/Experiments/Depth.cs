namespace Article.Experiments;

/// <summary>
/// A thousand layers: with residual connections gradients reach the first one, and it learns; without them it doesn't (He et al., 2015).
/// </summary>
internal sealed class Depth() : Experiment("depth", "a network of 1,000 layers trains with residual connections, and doesn't without")
{
    private const int Layers = 1_000, Width = 16;

    public override void Run(Notebook book)
    {
        int steps = book.IsSmall ? 20 : 100;
        (Tensor images, Tensor labels) = Digits.ToLearn(book, 200);
        var curves = new List<(string, IReadOnlyList<double>)>();
        foreach (bool isResidual in (bool[])[true, false])
        {
            string name = isResidual ? "residual" : "plain";
            var network = new Sequential { new Flatten(), new Linear(Width) };
            for (int i = 2; i < Layers; i++)
            {
                // A sum of a thousand changes stays of the input's size where each is small.
                Layer layer = new Sequential(new Linear(Width), new Tanh());
                network.Add(isResidual ? new Residual(new Sequential(layer, new Scale(1 / Math.Sqrt(Layers)))) : layer);
            }
            network.Add(new Linear(10));
            network.Build(images.Shape.Without(0));
            network.Initialize(book.Seed);
            Linear first = (Linear)network[1];
            GradientSet gradients = Gradient.Of(new CrossEntropy().Compute(network.Forward(images, Pass.Evaluation), labels), [first.Weight]);
            double gradient = gradients[first.Weight].Norm().Item();
            double[] losses = Training.Repeat(network, new CrossEntropy(), new Adam(0.003), images, labels, steps, book.Seed);
            curves.Add((name, losses));
            book.Say($"{name}, {Layers:N0} layers: the gradient at the first layer has norm {gradient:G3}; "
                + $"loss {losses[0]:F3} at first, {losses[^1]:F3} after {steps} steps");
            book.Figure($"{name}Gradient", gradient);
            book.Figure($"{name}First", losses[0]);
            book.Figure($"{name}Last", losses[^1]);
        }
        book.Plot("step", "loss", curves);
    }
}

/// <summary>Multiplies by a number.</summary>
internal sealed partial class Scale(double by) : Layer
{
    private readonly double _by = by;

    protected override Tensor Compute(Tensor x, Pass pass) => x * _by;
}
