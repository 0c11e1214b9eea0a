namespace Article.Experiments;

/// <summary>A full batch takes one step in each pass over the data, mini-batches many: rougher ones, but further in all.</summary>
internal sealed class Batches() : Experiment("batches", "in the same number of passes over the data mini-batches learn far more than full batches")
{
    public override void Run(Notebook book)
    {
        const int Count = 1_000, Epochs = 5;
        (Tensor images, Tensor labels) = Digits.ToLearn(book, Count);
        Digits test = Digits.ToTest(book, 1_000);
        var curves = new List<(string, IReadOnlyList<double>)>();
        foreach (int size in (int[])[Count, 100, 20])
        {
            var network = new Sequential(new Flatten(), new Linear(64), new Relu(), new Linear(10));
            var losses = new List<double> { Math.Log(10) };
            int perEpoch = Count / size;
            Training.Fit(network, new Sgd(0.05, momentum: 0.9), images, labels, Epochs * perEpoch, size, book.Seed, perEpoch,
                () => losses.Add(Training.Loss(network, images, labels)));
            double accuracy = Training.Accuracy(network, test.Images, test.Labels);
            curves.Add(($"batches of {size}", losses));
            book.Say($"batches of {size}: {Epochs * perEpoch} steps in {Epochs} epochs, loss {losses[^1]:F3}, {accuracy:P1} of new images right");
            book.Figure($"batch{size}Loss", losses[^1]);
            book.Figure($"batch{size}", accuracy);
        }
        book.Plot("epoch", "loss", curves);
    }
}
