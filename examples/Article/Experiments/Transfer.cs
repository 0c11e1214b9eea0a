namespace Article.Experiments;

/// <summary>Filters that were learned on five digits serve five others, of which there are twenty images each (Yosinski et al., 2014).</summary>
internal sealed class Transfer() : Experiment(
    "transfer", "a network that has learned other classes learns new ones from few images better than one that starts fresh")
{
    public override void Run(Notebook book)
    {
        int[] others = [5, 6, 7, 8, 9];
        int steps = book.IsSmall ? 100 : 300;
        Digits known = Digits.ToLearn(book, book.IsSmall ? 2_000 : 20_000, [0, 1, 2, 3, 4]);
        Digits few = Digits.ToLearn(book, 20 * others.Length, others), test = Digits.ToTest(book, book.IsSmall ? 1_000 : 4_000, others);
        Sequential Body() => new(new Conv2d(12, 3), new Relu(), new MaxPool2d(2), new Conv2d(24, 3), new Relu(), new MaxPool2d(2), new Flatten());
        var curves = new List<(string, IReadOnlyList<double>)>();

        void Learn(string name, Sequential body)
        {
            var network = new Sequential(body, new Linear(others.Length));
            var accuracies = new List<double> { 1.0 / others.Length };
            Training.Fit(network, new AdamW(0.003), few.Images, few.Labels, steps, 50, book.Seed, steps / 20,
                () => accuracies.Add(Training.Accuracy(network, test.Images, test.Labels)));
            curves.Add((name, accuracies));
            book.Say($"{name}: {accuracies[^1]:P1} of new images right, after 20 of each class");
            book.Figure(name, accuracies[^1]);
        }

        Learn("fresh", Body());
        Sequential body = Body();
        Training.Fit(new Sequential(body, new Linear(5)), new AdamW(0.003), known.Images, known.Labels, book.IsSmall ? 500 : 2_000, 50, book.Seed);
        Learn("transferred", body); // a new head on a body that has its weights
        book.Plot("step", "share of new images right", curves, steps / 20.0);
    }
}
