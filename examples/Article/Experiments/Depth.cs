namespace Article.Experiments;

/// <summary>A thousand layers: with residual connections gradients reach the first one and it learns; without them it doesn't (He et al., 2015).</summary>
internal sealed class Depth() : Experiment("depth", "a network of 1,000 layers trains with residual connections, and doesn't without")
{
    public override void Run(Notebook book, bool isSmall)
    {
        int layers = isSmall ? 300 : 1_000, steps = isSmall ? 30 : 100;
        const int Width = 16;
        (Tensor images, Tensor labels) = Glyphs.Draw(200, 1, [.. Enumerable.Range(0, 10)]);
        var curves = new List<(string, IReadOnlyList<double>)>();
        foreach (bool isResidual in (bool[])[true, false])
        {
            string name = isResidual ? "residual" : "plain";
            var network = new Sequential { new Flatten(), new Linear(Width) };
            for (int i = 2; i < layers; i++)
            {
                // The sum of so many changes stays small when each starts small.
                Layer change = new Sequential(new LayerNorm(features: Width), new Linear(Width), new Tanh());
                network.Add(isResidual ? new Residual(new Sequential(new LayerNorm(features: Width), new Linear(Width), new Tanh(), new Scale(1 / Math.Sqrt(layers)))) : change);
            }
            network.Add(new Linear(10));
            network.Build([Glyphs.Side, Glyphs.Side, 1], DType.Float32);
            network.Initialize(1);
            Linear first = (Linear)network[1];
            GradientSet gradients = Gradient.Of(new CrossEntropy().Compute(network.Forward(images, Pass.Evaluation), labels), [first.Weight]);
            double gradient = Math.Sqrt((gradients[first.Weight] * gradients[first.Weight]).Sum().Item());
            double[] losses = Training.Repeat(network, new CrossEntropy(), new Adam(0.003), images, labels, steps);
            curves.Add((name, losses));
            book.Say($"{name}, {layers} layers: the first layer's gradient has norm {gradient:G3}; loss {losses[0]:F3} at first, {losses[^1]:F3} after {steps} steps");
            book.Figure($"{name}Gradient", gradient);
            book.Figure($"{name}Loss", losses[^1]);
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
