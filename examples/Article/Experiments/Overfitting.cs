namespace Article.Experiments;

/// <summary>A network with far more weights than examples learns them by heart. What helps, one thing at a time.</summary>
internal sealed class Overfitting() : Experiment("overfitting", "a large network on few examples learns them by heart; dropout, weight decay, augmentation and more data each help")
{
    public override void Run(Notebook book, bool isSmall)
    {
        int[] digits = [.. Enumerable.Range(0, 10)];
        int few = 100, many = isSmall ? 800 : 3_000, steps = isSmall ? 250 : 1_500;
        (Tensor images, Tensor labels) = Glyphs.Draw(few, 1, digits);
        (Tensor others, Tensor theirs) = Glyphs.Draw(1_000, 2, digits);
        (Tensor more, Tensor moreLabels) = Glyphs.Draw(many, 3, digits);
        Sequential Network(double dropout = 0) => new(new Flatten(), new Linear(256), new Relu(), new Dropout(dropout), new Linear(256), new Relu(), new Dropout(dropout), new Linear(10));

        void Try(string name, Layer network, Optimizer optimizer, Dataset data)
        {
            Training.Fit(network, optimizer, data, Math.Max(1, steps * 50 / data.Count), 50);
            double trained = Training.Accuracy(network, images, labels), test = Training.Accuracy(network, others, theirs);
            book.Say($"{name}: {trained:P0} of the {few} training images right, {test:P1} of new ones");
            book.Figure($"{name}Test", test);
            if (name == "plain") book.Figure("plainTrain", trained);
        }

        var own = new TensorDataset(images, labels);
        Try("plain", Network(), new AdamW(0.001, weightDecay: 0), own);
        Try("dropout", Network(0.5), new AdamW(0.001, weightDecay: 0), own);
        Try("decay", Network(), new AdamW(0.001, weightDecay: 1), own);
        Try("augmentation", Network(), new AdamW(0.001, weightDecay: 0), Shifted(images, labels, 12));
        Try("moreData", Network(), new AdamW(0.001, weightDecay: 0), new TensorDataset(more, moreLabels));
    }

    // Each image several times, moved by a pixel or two, which leaves it what it is.
    private static TensorDataset Shifted(Tensor images, Tensor labels, int times)
    {
        var random = new RandomStream(9, 0);
        int side = Glyphs.Side, count = images.Shape[0];
        float[] from = images.ToArray<float>(), to = new float[times * from.Length];
        for (int i = 0; i < times * count; i++)
        {
            int down = random.NextInt(5) - 2, right = random.NextInt(5) - 2;
            for (int y = 0; y < side; y++)
                for (int x = 0; x < side; x++)
                    if (y - down is >= 0 and < Glyphs.Side && x - right is >= 0 and < Glyphs.Side)
                        to[(i * side + y) * side + x] = from[(i % count * side + y - down) * side + x - right];
        }
        return new TensorDataset(Tensor.From(to, [times * count, side, side, 1]), Tensor.Concat([.. Enumerable.Repeat(labels, times)], 0));
    }
}
