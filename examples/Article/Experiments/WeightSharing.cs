namespace Article.Experiments;

/// <summary>
/// A convolution uses one small filter everywhere: fewer weights to learn, and what is learned in one place holds in all (LeCun et al., 1989).
/// </summary>
internal sealed class WeightSharing() : Experiment("sharing", "sharing weights saves nearly all of them, and generalises better from few images")
{
    public override void Run(Notebook book)
    {
        Digits digits = Digits.ToLearn(book, 200), test = Digits.ToTest(book, 1_000);
        int steps = book.IsSmall ? 300 : 1_500;
        var curves = new List<(string, IReadOnlyList<double>)>();

        void Try(string name, Layer network)
        {
            var accuracies = new List<double> { 0.1 };
            Training.Fit(network, new AdamW(0.003), digits.Images, digits.Labels, steps, 50, book.Seed, steps / 20,
                () => accuracies.Add(Training.Accuracy(network, test.Images, test.Labels)));
            curves.Add(($"{name}, {network.ParameterCount:N0} weights", accuracies));
            book.Say($"{name}: {network.ParameterCount:N0} weights, {accuracies[^1]:P1} of new images right");
            book.Figure($"{name}Weights", network.ParameterCount);
            book.Figure($"{name}Test", accuracies[^1]);
        }

        Try("dense", new Sequential(new Flatten(), new Linear(256), new Relu(), new Linear(64), new Relu(), new Linear(10)));
        Try("shared", new Sequential(
            new Conv2d(12, 3), new Relu(), new MaxPool2d(2), new Conv2d(24, 3), new Relu(), new MaxPool2d(2), new Flatten(), new Linear(10)));
        book.Plot("step", "share of new images right", curves, steps / 20.0);
    }
}
