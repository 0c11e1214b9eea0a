using Lamina.Learning.Layers;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Losses;

/// <summary>
/// The mean of max(0, d(anchor, positive) − d(anchor, negative) + margin), with Euclidean distances d (Schroff, Kalenichenko and Philbin, 2015:
/// "FaceNet"): what is alike comes nearer than what isn't. From triplets, (batch, 3, features), in that order; the target, (batch), isn't read.
/// Or from vectors (batch, features) and whole-number labels (batch): each is the anchor of its farthest positive and its nearest negative in the
/// batch (Hermans, Beyer and Leibe, 2017: "In defense of the triplet loss"); the mean is over those that have both, and 0 where none has.
/// </summary>
public sealed class TripletLoss : Loss
{
    private readonly double _margin;

    /// <summary>A triplet loss.</summary>
    /// <param name="margin">How much nearer the positive has to be, above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not above 0.</exception>
    public TripletLoss(double margin = 1) => _margin = Expect.Positive(margin);

    /// <inheritdoc/>
    public override Tensor Compute(Tensor prediction, Tensor target) => Measure(prediction, target).Mean;

    /// <inheritdoc/>
    public override LossValue Measure(Tensor prediction, Tensor target, Tensor? weights = null)
    {
        if (prediction.Rank != 2) return weights is null ? new(Each(prediction, target).Mean(), null) : base.Measure(prediction, target, weights);
        (Tensor losses, Tensor counts) = InBatch(prediction, target);
        if (weights is not null) counts = counts * weights.Cast(counts.DType);
        return Weighted((losses * counts).Sum(), counts.Sum());
    }

    /// <inheritdoc/>
    protected override Tensor Each(Tensor prediction, Tensor target)
    {
        Pairs.Require(this, prediction, target, 3);
        Tensor anchor = Pairs.At(prediction, 0);
        return (VectorMeasures.Distance(anchor, Pairs.At(prediction, 1)) - VectorMeasures.Distance(anchor, Pairs.At(prediction, 2)) + _margin).Relu();
    }

    // The loss of each anchor, and 1 where it has both others.
    private (Tensor Losses, Tensor Counts) InBatch(Tensor x, Tensor labels)
    {
        int n = x.Shape[0];
        if (labels.Shape != new Shape(n))
            Refuse($"the prediction has shape {x.Shape}, the target {labels.Shape}; it must be ({n}), one label for each example",
            "Reshape(-1) on the target, or triplets (batch, 3, features)");
        if (!labels.DType.IsInteger) Refuse($"the target is {labels.DType.Text}; labels are whole numbers", "Cast(DType.Int64) on the target");
        Tensor distances = VectorMeasures.Distance(x.Unsqueeze(1), x.Unsqueeze(0));
        Tensor alike = Tensor.Equal(labels.Unsqueeze(1), labels.Unsqueeze(0)), itself = Tensor.Equal(Range(n).Unsqueeze(1), Range(n).Unsqueeze(0));
        Tensor farthest = Tensor.Where(itself, double.NegativeInfinity, Tensor.Where(alike, distances, double.NegativeInfinity)).Max([-1]);
        Tensor nearest = Tensor.Where(alike, double.PositiveInfinity, distances).Min([-1]);
        Tensor ones = Tensor.OnesLike(farthest), none = Tensor.ZerosLike(farthest);
        Tensor group = Tensor.Where(alike, Tensor.OnesLike(distances), Tensor.ZerosLike(distances)).Sum([-1]);
        Tensor hasBoth = Tensor.Where(group >= 2, ones, none) * Tensor.Where(group < n, ones, none);
        Tensor isNone = Tensor.Equal(hasBoth, 0.0);
        return (Tensor.Where(isNone, 0.0, (farthest - nearest + _margin).Relu()), hasBoth);
    }

    private static Tensor Range(int count) => Tensor.From([.. Enumerable.Range(0, count).Select(i => (long)i)]);

    /// <inheritdoc/>
    public override string ToString() => $"TripletLoss({_margin})";
}
