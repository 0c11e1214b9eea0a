namespace Article.Experiments;

/// <summary>Full batches take one step in each pass over the data, mini-batches many: rougher ones, but further in all.</summary>
internal sealed class Batches() : Experiment("batches", "for the same number of passes over the data mini-batches learn far more than full batches")
{
    public override void Run(Notebook book, bool isSmall)
    {
        int count = 1_000, epochs = isSmall ? 3 : 15;
        (Tensor images, Tensor labels) = Glyphs.Draw(count, 1, [.. Enumerable.Range(0, 10)]);
        (Tensor others, Tensor theirs) = Glyphs.Draw(500, 2, [.. Enumerable.Range(0, 10)]);
        var data = new TensorDataset(images, labels);
        var curves = new List<(string, IReadOnlyList<double>)>();
        foreach (int size in (int[])[count, 200, 20])
        {
            var network = new Sequential(new Flatten(), new Linear(64), new Relu(), new Linear(10));
            var losses = new List<double>();
            new Trainer(network, new CrossEntropy(), new Sgd(0.1, momentum: 0.9), new TrainerOptions { Epochs = epochs, Seed = 1 })
                .Fit(new DataLoader(data, BatchOptions.Training with { Size = size }), events: e =>
                {
                    if (e is EpochDone done) losses.Add(done.Training.Loss);
                });
            double accuracy = Training.Accuracy(network, others, theirs);
            curves.Add(($"batches of {size}", losses));
            book.Say($"batches of {size}: {epochs * (count / size)} steps in {epochs} epochs, loss {losses[^1]:F3}, {accuracy:P1} of new images right");
            book.Figure(size == count ? "full" : $"of{size}", accuracy);
        }
        book.Plot("epoch", "loss", curves);
    }
}
