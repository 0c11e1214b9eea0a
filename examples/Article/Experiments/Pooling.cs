namespace Article.Experiments;

/// <summary>Pooling keeps that something was found and forgets where exactly, so that a small shift changes little.</summary>
internal sealed class Pooling() : Experiment(
    "pooling", "pooled features change less when an image is shifted, and a network with pooling still reads it")
{
    private const int Shifts = 5;

    public override void Run(Notebook book)
    {
        Digits digits = Digits.ToLearn(book, book.IsSmall ? 500 : 2_000, isCentred: true), test = Digits.ToTest(book, 500, isCentred: true);
        var curves = new List<(string, IReadOnlyList<double>)>();
        foreach ((string name, Layer pool) in ((string, Layer)[])[("none", new Sequential()), ("by2", new MaxPool2d(2)), ("by4", new MaxPool2d(4))])
        {
            var found = new Sequential(new Conv2d(16, 5, padding: Padding.Same), new Relu(), pool, new Flatten());
            var network = new Sequential(found, new Linear(10));
            Training.Fit(network, new AdamW(0.002), digits.Images, digits.Labels, book.IsSmall ? 200 : 1_000, 50, book.Seed);
            Tensor before = found.Forward(test.Images), after = found.Forward(test.Moved(1, 0).Images);
            double change = (after - before).Norm().Item() / before.Norm().Item();
            double[] accuracies =
                [.. Enumerable.Range(0, Shifts).Select(right => Training.Accuracy(network, test.Moved(right, 0).Images, test.Labels))];
            curves.Add(($"pooling {name}", accuracies));
            book.Say($"pooling {name}: shifted by a pixel the features change by {change:P0}; right where they were {accuracies[0]:P1}, "
                + $"shifted by 1 to {Shifts - 1} pixels {string.Join(", ", accuracies.Skip(1).Select(a => a.ToString("P1")))}");
            book.Figure($"{name}Change", change);
            book.Figure($"{name}Shifted0", accuracies[0]);
            book.Figure($"{name}Shifted2", accuracies[2]);
        }
        book.Plot("pixels that the image is shifted by", "share of images right", curves);
    }
}
