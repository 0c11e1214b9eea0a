using Lamina.Learning.Layers;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Losses;

/// <summary>
/// The mean of −ln p(label), with p = softmax(prediction): for choosing one of several classes. The prediction is logits
/// (…, classes), not probabilities: no Softmax layer before it, or the softmax is applied twice and learning crawls.
/// Labels are whole numbers (…), 0 to classes − 1. Targets may also be probabilities (…, classes), float32 or float64, as of mixed, smoothed or
/// distilled labels: −Σ t · ln p, which the caller sees to adding up to 1.
/// </summary>
public sealed class CrossEntropy : Loss
{
    private readonly double _labelSmoothing;
    private readonly Tensor? _classWeights;
    private readonly double _weightScale = 1;
    private readonly int? _ignoreIndex;

    /// <summary>A cross-entropy.</summary>
    /// <param name="labelSmoothing">The share of each target that is spread evenly over all classes, against overconfidence (Szegedy et al., 2015).</param>
    /// <param name="classWeights">How much each class counts, for classes of unequal size: the mean is weighted by the labels' classes, and 0 with
    /// gradients of 0 where all of them weigh 0. Only the ratios count. Null: all the same. With probabilities as targets each class's term is
    /// weighed, and the mean is over examples, as in PyTorch.</param>
    /// <param name="ignoreIndex">A label that counts nothing, such as −100 for padded positions; null: none. Probabilities have none.</param>
    /// <exception cref="ArgumentOutOfRangeException">The smoothing is not at least 0 and less than 1, or a weight is negative.</exception>
    public CrossEntropy(double labelSmoothing = 0, IReadOnlyList<double>? classWeights = null, int? ignoreIndex = null)
    {
        _labelSmoothing = Expect.Between(0, 1, labelSmoothing);
        _ignoreIndex = ignoreIndex;
        if (classWeights is null) return;
        if (classWeights.Any(w => !(w >= 0) || double.IsInfinity(w))) throw new ArgumentOutOfRangeException(nameof(classWeights),
            "class weights are 0 or more");
        // Scaled by a power of two, which rounds nothing, so that sums of very large or small weights are in range.
        double largest = classWeights.DefaultIfEmpty().Max();
        int exponent = largest > 0 ? Math.ILogB(largest) : 0;
        _weightScale = Math.ScaleB(1, exponent);
        _classWeights = Tensor.From([.. classWeights.Select(w => Math.ScaleB(w, -exponent))]);
    }

    /// <inheritdoc/>
    public override Tensor Compute(Tensor prediction, Tensor target) => Measure(prediction, target).Mean;

    /// <inheritdoc/>
    public override LossValue Measure(Tensor prediction, Tensor target, Tensor? weights = null)
    {
        bool isSoft = target.DType.IsFloat && target.Shape == prediction.Shape && prediction.Rank >= 2 && prediction.Shape[^1] > 1;
        if (isSoft) return Soft(prediction, target, weights);
        Check(prediction, target);
        Tensor logits = prediction.Reshape(new Shape(target.Count, prediction.Shape[^1])), labels = target.Reshape(new Shape(target.Count));
        if (_classWeights is null && _ignoreIndex is null && weights is null) return new(logits.CrossEntropy(labels, _labelSmoothing).Mean(), null);

        Tensor? ignored = null;
        if (_ignoreIndex is { } ignore)
        {
            ignored = Tensor.Equal(labels, Tensor.Scalar(ignore, labels.DType));
            labels = Tensor.Where(ignored, Tensor.ZerosLike(labels), labels);
        }
        Tensor? byClass = _classWeights?.Cast(prediction.DType);
        Tensor losses = byClass is null ? logits.CrossEntropy(labels, _labelSmoothing) : logits.CrossEntropy(labels, _labelSmoothing, byClass);
        Tensor counts = byClass is null ? Tensor.OnesLike(losses) : byClass.Gather(0, labels);
        if (weights is not null)
        {
            Tensor byRow = ByRow(weights.Cast(losses.DType), target.Shape);
            (losses, counts) = (losses * byRow, counts * byRow);
        }
        if (ignored is not null) (losses, counts) = (Tensor.Where(ignored, Tensor.ZerosLike(losses), losses),
            Tensor.Where(ignored, Tensor.ZerosLike(counts), counts));
        return Weighted(losses.Sum(), counts.Sum());
    }

    // Probabilities as targets.
    private LossValue Soft(Tensor prediction, Tensor target, Tensor? weights)
    {
        CheckLogits(prediction);
        int classes = prediction.Shape[^1];
        Tensor t = target.Cast(prediction.DType);
        if (_labelSmoothing > 0) t = t * (1 - _labelSmoothing) + _labelSmoothing / classes;
        // Here the weights' scale counts: the mean isn't divided by them.
        if (_classWeights is not null) t = t * (_classWeights * _weightScale).Cast(prediction.DType);
        Tensor zero = Tensor.ZerosLike(t);
        // A class of probability 0 counts nothing, be its logarithm infinite.
        Tensor losses = -Tensor.Where(Tensor.Equal(t, zero), zero, t * prediction.LogSoftmax()).Sum([-1]);
        if (weights is null) return new(losses.Mean(), null);
        Shape rows = losses.Shape;
        Tensor byRow = ByRow(weights.Cast(losses.DType), rows);
        return Weighted((losses.Reshape(new Shape(rows.Count)) * byRow).Sum(), byRow.Sum());
    }

    // (batch) → one for each label of an example.
    private static Tensor ByRow(Tensor weights, Shape target) =>
        target.Rank < 2 ? weights : weights.Unsqueeze(-1).BroadcastTo([target[0], target.Count / Math.Max(1, target[0])]).Reshape(new Shape(target.Count));

    /// <summary>The loss that errors name, where another one checks its labels here.</summary>
    internal string? Name { get; init; }

    /// <summary>Refuses what isn't logits and labels.</summary>
    internal void Check(Tensor prediction, Tensor target)
    {
        Shape p = prediction.Shape, t = target.Shape;
        CheckLogits(prediction);
        if (p.Rank < 2) Refuse($"the prediction has shape {p}, not (batch, classes)", "a last layer with one output for each class");
        if (p == t) Refuse($"prediction and target both have shape {p}; the target holds labels, one number for each row",
            "ArgMax(-1) on a one-hot target, or BinaryCrossEntropy for several labels at once");
        if (p.Rank > 2 && t.Rank == 1 && p[0] == t[0])
            Refuse($"the prediction has shape {p}, the target {t}: one label for each example, but the prediction still has {p.Rank - 2} ax{(p.Rank == 3 ? "i" : "e")}s between the batch and the classes",
                "a Flatten() or GlobalAveragePool() layer before the last Linear, with Linear(outputs) taking its number of inputs from the first input");
        if (p.Without(-1) != t)
            Refuse($"the prediction has shape {p}, the target {t}; it must be {p.Without(-1)}, one label for each row of logits",
                t.Rank == p.Rank && t[^1] == 1 ? "Squeeze(-1) on the target"
                : t.Rank == p.Rank && t.Without(-1) == p.Without(-1) ? $"a last layer of {t[^1]} outputs, and ArgMax(-1) on the target, where that is one-hot"
                : "a last layer whose shape but for the classes is the target's");
        if (!target.DType.IsInteger) Refuse($"the target is {target.DType.Text}; labels are whole numbers", "Cast(DType.Int64) on the target");
        if (p[^1] == 1) Refuse($"the prediction has shape {p}: with one class there is nothing to learn", "BinaryCrossEntropy for a yes-or-no question");
    }

    private void CheckLogits(Tensor prediction)
    {
        if (prediction.ComesFrom<Tensors.Ops.Softmax>())
            Refuse("the prediction has been through a softmax already; this loss takes logits and applies it itself",
                "the network without its last Softmax, and Softmax() on its results where probabilities are wanted");
        if (_classWeights is { } weights && prediction.Rank >= 2 && weights.Count != prediction.Shape[^1])
            Refuse($"there are {weights.Count} class weights, the prediction {prediction.Shape} has {prediction.Shape[^1]} classes",
                "one weight for each class");
    }

    /// <inheritdoc/>
    public override string ToString() => Name is not null ? Name
        : _labelSmoothing > 0 ? $"CrossEntropy(smoothing {_labelSmoothing})" : "CrossEntropy";
}
