namespace Article.Experiments;

/// <summary>
/// The filters that a first layer learns, and what excites the units behind it most (Zeiler and Fergus, 2013). Filters start as faint noise, so
/// whatever is seen in them was learned.
/// </summary>
internal sealed class Filters() : Experiment(
    "filters", "first filters become detectors of edges and strokes; deeper units respond to shapes of one class")
{
    private const int First = 8, Deeper = 16, Kernel = 5, Top = 10;

    public override void Run(Notebook book)
    {
        Digits digits = Digits.ToLearn(book, book.IsSmall ? 1_000 : 5_000), test = Digits.ToTest(book, 1_000);
        var filters = new Conv2d(First, Kernel, padding: Padding.Same, initializer: new Normal(Deviation: 0.05));
        var first = new Sequential(filters, new Relu());
        // Each deeper unit says how much it found what it looks for anywhere in the image.
        var deeper = new Sequential(
            new MaxPool2d(2), new Conv2d(Deeper, Kernel, padding: Padding.Same), new Relu(), new MaxPool2d(digits.Side / 2), new Flatten());
        var network = new Sequential(first, deeper, new Linear(10));
        network.Build(digits.Images.Shape.Without(0));
        network.Initialize(book.Seed);

        foreach (string when in (string[])["untrained", "trained"])
        {
            if (when == "trained") Training.Fit(network, new AdamW(0.005), digits.Images, digits.Labels, book.IsSmall ? 300 : 1_500, 50, book.Seed);
            float[] weights = filters.Weight.Value.ToArray<float>(); // (5, 5, 1, 8)
            float[][] images = [.. Enumerable.Range(0, First).Select(f => weights.Where((_, i) => i % First == f).ToArray())];
            double smooth = images.Average(Smoothness);
            Tensor maps = first.Forward(test.Images);
            double firstPurity = Purity(maps.Max([1, 2]), test.Labels), purity = Purity(deeper.Forward(maps), test.Labels);
            book.Say($"{when}: neighbouring weights of a filter correlate by {smooth:F2}. Of the {Top} images that excite a unit most "
                + $"{firstPurity:P0} are of one class in the first layer, {purity:P0} in the deeper one");
            book.Figure($"{when}Smoothness", smooth);
            book.Figure($"{when}FirstPurity", firstPurity);
            book.Figure($"{when}DeeperPurity", purity);
            book.Images($"first-{when}", "filter", "first layer", [images]);
        }
        book.Figure("accuracy", Training.Accuracy(network, test.Images, test.Labels));
        Show(book, deeper.Forward(first.Forward(test.Images)), test);
    }

    // The correlation of neighbouring weights, both ways: 0 in noise, high in a stroke or an edge, which is several pixels long.
    private static double Smoothness(float[] filter)
    {
        float mean = filter.Average();
        double own = filter.Sum(w => (w - mean) * (w - mean)) / filter.Length, pairs = 0;
        int count = 0;
        for (int i = 0; i < filter.Length; i++)
        {
            foreach (int next in (int[])[i % Kernel < Kernel - 1 ? i + 1 : -1, i + Kernel])
                if (next >= 0 && next < filter.Length) (pairs, count) = (pairs + (filter[i] - mean) * (filter[next] - mean), count + 1);
        }
        return pairs / count / own;
    }

    // The images that excite a unit most, by number; responses are (images, units).
    private static int[] Most(Tensor responses, int unit) =>
        [.. Enumerable.Range(0, responses.Shape[0]).OrderByDescending(i => responses.Read<float>()[i * responses.Shape[1] + unit]).Take(Top)];

    // The share of the commonest class among a unit's images, the mean of all units.
    private static double Purity(Tensor responses, Tensor labels) => Enumerable.Range(0, responses.Shape[1])
        .Average(unit => Most(responses, unit).CountBy(i => labels.Read<int>()[i]).Max(c => c.Value) / (double)Top);

    private static void Show(Notebook book, Tensor responses, Digits test)
    {
        int size = test.Side * test.Side;
        float[] pixels = test.Images.ToArray<float>();
        var rows = new List<IReadOnlyList<float[]>>();
        for (int unit = 0; unit < 8; unit++)
        {
            int[] most = Most(responses, unit);
            book.Say($"  deeper unit {unit} responds most to {string.Join(' ', most.Select(i => test.Labels.Read<int>()[i]))}");
            rows.Add([.. most.Select(i => pixels[(i * size)..((i + 1) * size)])]);
        }
        book.Images("deeper", "images that excite the unit most", "deeper unit", rows);
    }
}
