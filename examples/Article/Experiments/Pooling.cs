namespace Article.Experiments;

/// <summary>Pooling keeps that something was found and forgets where exactly, so that a shift by a pixel changes little.</summary>
internal sealed class Pooling() : Experiment("pooling", "what comes out of pooling changes less when the image is shifted by a pixel")
{
    public override void Run(Notebook book, bool isSmall)
    {
        (Tensor images, _) = Glyphs.Draw(200, 1, [.. Enumerable.Range(0, 10)]);
        Tensor shifted = Tensor.Concat([images[.., .., ^1..], images[.., .., ..^1]], 2); // one pixel to the right
        var filters = new Conv2d(16, 3, padding: Padding.Same);
        filters.Build([Glyphs.Side, Glyphs.Side, 1], DType.Float32);
        filters.Initialize(1);
        var changes = new List<double>();
        foreach ((string name, Layer after) in ((string, Layer)[])[("none", new Sequential()), ("by2", new MaxPool2d(2)), ("by4", new MaxPool2d(4)), ("global", new GlobalAveragePool())])
        {
            Tensor before = after.Forward(filters.Forward(images).Relu()), behind = after.Forward(filters.Forward(shifted).Relu());
            double change = ((behind - before) * (behind - before)).Sum().Item() / (before * before).Sum().Item();
            changes.Add(Math.Sqrt(change));
            book.Say($"pooling {name}: the features change by {Math.Sqrt(change):P1}");
            book.Figure(name, Math.Sqrt(change));
        }
        book.Plot("pooling: none, 2×2, 4×4, everything", "change", ("change", changes));
    }
}
