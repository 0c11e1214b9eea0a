namespace Article.Experiments;

/// <summary>Filters that were learned on five digits serve five others, of which there are twenty images each.</summary>
internal sealed class Transfer() : Experiment("transfer", "a network that has learned other classes learns new ones from few images better than one that starts fresh")
{
    public override void Run(Notebook book, bool isSmall)
    {
        (Tensor known, Tensor knownLabels) = Glyphs.Draw(isSmall ? 600 : 2_000, 1, 0, 1, 2, 3, 4);
        (Tensor few, Tensor fewLabels) = Glyphs.Draw(5 * 20, 2, 5, 6, 7, 8, 9);
        (Tensor test, Tensor testLabels) = Glyphs.Draw(1_000, 3, 5, 6, 7, 8, 9);
        Sequential body = new(new Conv2d(12, 3), new Relu(), new MaxPool2d(2), new Conv2d(24, 3), new Relu(), new MaxPool2d(2), new Flatten());
        Training.Fit(new Sequential(body, new Linear(5)), new AdamW(0.003), new TensorDataset(known, knownLabels), isSmall ? 8 : 15, 30);

        var fresh = new Sequential(new Conv2d(12, 3), new Relu(), new MaxPool2d(2), new Conv2d(24, 3), new Relu(), new MaxPool2d(2), new Flatten(), new Linear(5));
        foreach ((string name, Layer network) in ((string, Layer)[])[("fresh", fresh), ("transferred", new Transferred(body, 5))])
        {
            // The weights that are there stay: only what has none yet is drawn.
            var step = new TrainStep(network, new CrossEntropy(), new AdamW(0.003));
            network.Build([Glyphs.Side, Glyphs.Side, 1], DType.Float32);
            if (name == "fresh") network.Initialize(1);
            else ((Transferred)network).Head.Initialize(1);
            for (int i = 0; i < (isSmall ? 60 : 150); i++) step.Run(new Batch(few, fewLabels), i);
            double accuracy = Training.Accuracy(network, test, testLabels);
            book.Say($"{name}: {accuracy:P1} of new images right, from 20 of each class");
            book.Figure(name, accuracy);
        }
    }
}

/// <summary>A body that is there already and a new head.</summary>
internal sealed partial class Transferred(Sequential body, int classes) : Layer
{
    public Sequential Body { get; } = body;

    public Linear Head { get; } = new(classes);

    protected override Tensor Compute(Tensor x, Pass pass) => Head.Forward(Body.Forward(x, pass), pass);
}
