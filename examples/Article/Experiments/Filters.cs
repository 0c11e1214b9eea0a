namespace Article.Experiments;

/// <summary>What the filters of a first layer come to look for, and what deeper units respond to: here, strokes of a direction.</summary>
internal sealed class Filters() : Experiment("filters", "first filters become detectors of edges and strokes; deeper units respond to whole shapes")
{
    private const int Directions = 4;

    public override void Run(Notebook book, bool isSmall)
    {
        (Tensor images, Tensor labels) = Strokes(600, 1);
        (Tensor others, Tensor theirs) = Strokes(400, 2);
        var first = new Conv2d(8, 5, padding: Padding.Same);
        var deeper = new Conv2d(8, 3, padding: Padding.Same);
        var network = new Sequential(first, new Relu(), new MaxPool2d(2), deeper, new Relu(), new GlobalAveragePool(), new Linear(Directions));
        Training.Fit(network, new AdamW(0.01), new TensorDataset(images, labels), isSmall ? 6 : 20, 30);
        book.Figure("accuracy", Training.Accuracy(network, others, theirs));

        book.Say("The first layer's filters, # for a positive weight and . for a negative one:");
        float[] weights = first.Weight.Value.ToArray<float>(); // (5, 5, 1, 8)
        for (int y = 0; y < 5; y++)
            book.Say("  " + string.Join("   ", Enumerable.Range(0, 8).Select(f => string.Concat(Enumerable.Range(0, 5).Select(x => Mark(weights[(y * 5 + x) * 8 + f]))))));

        // How much more each unit responds to its favourite direction than to the mean of all.
        Tensor maps = deeper.Forward(new MaxPool2d(2).Forward(first.Forward(others).Relu())).Relu().Mean([1, 2]); // (images, 8)
        float[] responses = maps.ToArray<float>();
        int[] of = theirs.ToArray<int>();
        double most = 0;
        for (int unit = 0; unit < 8; unit++)
        {
            double[] mean = [.. Enumerable.Range(0, Directions).Select(d => Enumerable.Range(0, of.Length).Where(i => of[i] == d).Average(i => (double)responses[i * 8 + unit]))];
            if (mean.Sum() == 0) continue;
            int favourite = Array.IndexOf(mean, mean.Max());
            double selectivity = mean.Max() / mean.Average();
            book.Say($"  unit {unit} of the deeper layer responds most to {((string[])["lying", "falling", "standing", "rising"])[favourite]} strokes, {selectivity:F1} times the mean");
            most = Math.Max(most, selectivity);
        }
        book.Figure("selectivity", most);
    }

    private static char Mark(float weight) => weight > 0.1f ? '#' : weight < -0.1f ? '.' : ' ';

    // A stroke of one of four directions somewhere in the image.
    private static (Tensor Images, Tensor Labels) Strokes(int count, ulong seed)
    {
        const int Side = 12;
        var random = new RandomStream(seed, 11);
        float[] pixels = new float[count * Side * Side];
        int[] labels = new int[count];
        for (int i = 0; i < count; i++)
        {
            labels[i] = i % Directions;
            double angle = labels[i] * Math.PI / Directions, x = 3 + random.NextDouble() * 6, y = 3 + random.NextDouble() * 6;
            for (double t = -3; t <= 3; t += 0.25)
            {
                int column = (int)Math.Round(x + t * Math.Cos(angle)), row = (int)Math.Round(y + t * Math.Sin(angle));
                if (column is >= 0 and < Side && row is >= 0 and < Side) pixels[(i * Side + row) * Side + column] = 1;
            }
            for (int p = 0; p < Side * Side; p++) pixels[i * Side * Side + p] += 0.2f * (float)random.NextNormal();
        }
        return (Tensor.From(pixels, [count, Side, Side, 1]), Tensor.From(labels));
    }
}
