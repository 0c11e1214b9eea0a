namespace Article.Experiments;

/// <summary>A network with far more weights than examples learns them by heart. What helps, one thing at a time.</summary>
internal sealed class Overfitting() : Experiment(
    "overfitting", "a large network on few examples learns them by heart; dropout, weight decay, augmentation and more data each lower its loss on new ones")
{
    private const int Few = 200, Batch = 50, Steps = 1_000, Looks = 25;

    public override void Run(Notebook book)
    {
        // Drawn ones, whose noise a network can learn by heart.
        Digits few = Digits.ToLearn(book, Few, isDrawn: true), many = Digits.ToLearn(book, 10 * Few, isDrawn: true);
        Digits test = Digits.ToTest(book, 1_000, isDrawn: true);
        var curves = new List<(string, IReadOnlyList<double>)>();

        void Try(string name, Digits data, double pixels = 0, double hidden = 0, double decay = 0)
        {
            var network = new Sequential(
                new Flatten(), new Dropout(pixels), new Linear(256), new Relu(), new Dropout(hidden),
                new Linear(256), new Relu(), new Dropout(hidden), new Linear(10));
            var losses = new List<double> { Math.Log(10) };
            Training.Fit(network, new AdamW(0.001, weightDecay: decay), data.Images, data.Labels, Steps, Batch, book.Seed, Steps / Looks,
                () => losses.Add(Training.Loss(network, test.Images, test.Labels)));
            double trained = Training.Accuracy(network, few.Images, few.Labels), accuracy = Training.Accuracy(network, test.Images, test.Labels);
            curves.Add((name, losses));
            book.Say($"{name}: {trained:P1} of the {Few} training images right; of new ones {accuracy:P1}, with a loss of {losses[^1]:F2}");
            book.Figure($"{name}Train", trained);
            book.Figure($"{name}Test", accuracy);
            book.Figure($"{name}Loss", losses[^1]);
        }

        Try("plain", few);
        Try("dropout", few, pixels: 0.4, hidden: 0.5);
        Try("decay", few, decay: 3);
        Try("augmentation", Shifted(few));
        Try("moreData", many);
        book.Plot("step", "loss of new images", curves, Steps / Looks);
    }

    // Each image in all places up to two pixels away, which leaves it what it is.
    private static Digits Shifted(Digits digits)
    {
        Digits[] all = [.. Enumerable.Range(0, 25).Select(i => digits.Moved(i % 5 - 2, i / 5 - 2))];
        return new(Tensor.Concat([.. all.Select(d => d.Images)], 0), Tensor.Concat([.. all.Select(d => d.Labels)], 0));
    }
}
