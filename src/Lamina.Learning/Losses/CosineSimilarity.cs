using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Losses;

/// <summary>
/// The mean of 1 − cos of the angle between prediction and target, both (…, features): for vectors whose length means nothing. Or for pairs of
/// vectors, (batch, 2, features), with one number a pair as target, (batch): 1 − cos where it is 1 (alike), and max(0, cos − margin) where it is
/// −1 or 0 (not). The cosine is 0 where a vector is 0.
/// </summary>
public sealed class CosineSimilarity : Loss
{
    private readonly double _margin;

    /// <summary>A cosine loss.</summary>
    /// <param name="margin">The cosine that unlike pairs may have at no cost, −1 to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The margin is out of its range.</exception>
    public CosineSimilarity(double margin = 0) => _margin = margin is >= -1 and <= 1 ? margin
        : throw new ArgumentOutOfRangeException(nameof(margin), margin, "margin must be -1 to 1");

    /// <inheritdoc/>
    public override Tensor Compute(Tensor prediction, Tensor target) => Each(prediction, target).Mean();

    /// <inheritdoc/>
    protected override Tensor Each(Tensor prediction, Tensor target)
    {
        Shape p = prediction.Shape;
        if (p.Rank != 3 || p[1] != 2 || target.Rank != 1)
        {
            RequireSame(prediction, target);
            if (p.Rank < 2) Refuse($"the prediction has shape {p}, not (batch, features)", "Unsqueeze(0) on both for a single example");
            return 1 - VectorMeasures.Cosine(prediction, target);
        }
        Pairs.Require(this, prediction, target, Pairs.Of);
        Tensor cosine = VectorMeasures.Cosine(Pairs.At(prediction, 0), Pairs.At(prediction, 1)), label = target.Cast(prediction.DType);
        // label − label is 0, or NaN where the target is no number.
        return Tensor.Where(label > 0, 1 - cosine, (cosine - _margin).Relu()) + (label - label);
    }
}
