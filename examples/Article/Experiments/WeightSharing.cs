namespace Article.Experiments;

/// <summary>A convolution uses one small filter everywhere: fewer weights to learn, and what is learned in one place holds in all.</summary>
internal sealed class WeightSharing() : Experiment("sharing", "sharing weights saves nearly all of them, and generalises better from few images")
{
    public override void Run(Notebook book, bool isSmall)
    {
        int[] digits = [.. Enumerable.Range(0, 10)];
        (Tensor images, Tensor labels) = Glyphs.Draw(300, 1, digits);
        (Tensor others, Tensor theirs) = Glyphs.Draw(1_000, 2, digits);
        foreach ((string name, Layer network) in ((string, Layer)[])
        [
            ("dense", new Sequential(new Flatten(), new Linear(256), new Relu(), new Linear(64), new Relu(), new Linear(10))),
            ("shared", new Sequential(new Conv2d(12, 3), new Relu(), new MaxPool2d(2), new Conv2d(24, 3), new Relu(), new MaxPool2d(2), new Flatten(), new Linear(10))),
        ])
        {
            Training.Fit(network, new AdamW(0.003), new TensorDataset(images, labels), isSmall ? 25 : 60, 30);
            double accuracy = Training.Accuracy(network, others, theirs);
            book.Say($"{name}: {network.ParameterCount:N0} weights, {accuracy:P1} of new images right");
            book.Figure($"{name}Weights", network.ParameterCount);
            book.Figure(name, accuracy);
        }
    }
}
