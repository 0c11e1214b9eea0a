using Lamina.Learning.Layers;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Losses;

/// <summary>
/// The mean of −ln p(label), with p = softmax(prediction): for choosing one of several classes. The prediction is logits
/// (…, classes), not probabilities: no Softmax layer before it, or the softmax is applied twice and learning crawls.
/// Labels are whole numbers (…), 0 to classes − 1.
/// </summary>
public sealed class CrossEntropy : Loss
{
    private readonly double _labelSmoothing;
    private readonly Tensor? _classWeights;

    /// <summary>A cross-entropy.</summary>
    /// <param name="labelSmoothing">The share of each target that is spread evenly over all classes, against overconfidence (Szegedy et al., 2015).</param>
    /// <param name="classWeights">How much each class counts, for classes of unequal size: the mean is weighted by the labels' classes, and 0 with gradients of 0 where all of them weigh 0. Only the ratios count. Null: all the same.</param>
    /// <exception cref="ArgumentOutOfRangeException">The smoothing is not at least 0 and less than 1, or a weight is negative.</exception>
    public CrossEntropy(double labelSmoothing = 0, IReadOnlyList<double>? classWeights = null)
    {
        _labelSmoothing = Expect.Between(0, 1, labelSmoothing);
        if (classWeights is null) return;
        if (classWeights.Any(w => !(w >= 0) || double.IsInfinity(w))) throw new ArgumentOutOfRangeException(nameof(classWeights), "class weights are 0 or more");
        // Scaled by a power of two, which rounds nothing, so that sums of very large or small weights are in range.
        double largest = classWeights.DefaultIfEmpty().Max();
        int exponent = largest > 0 ? Math.ILogB(largest) : 0;
        _classWeights = Tensor.From([.. classWeights.Select(w => Math.ScaleB(w, -exponent))]);
    }

    /// <inheritdoc/>
    public override Tensor Compute(Tensor prediction, Tensor target)
    {
        Check(prediction, target);
        if (Sums(prediction, target) is not (Tensor sum, Tensor weight)) return Rows(prediction, target).CrossEntropy(target.Reshape(new Shape(target.Count)), _labelSmoothing).Mean();
        Tensor isSome = weight > 0;
        return Tensor.Where(isSome, sum / Tensor.Where(isSome, weight, Tensor.OnesLike(weight)), Tensor.ZerosLike(sum));
    }

    /// <inheritdoc/>
    public override (Tensor Sum, Tensor Weight)? Sums(Tensor prediction, Tensor target)
    {
        if (_classWeights is null) return null;
        Check(prediction, target);
        Tensor weights = _classWeights.Cast(prediction.DType), labels = target.Reshape(new Shape(target.Count));
        return (Rows(prediction, target).CrossEntropy(labels, _labelSmoothing, weights).Sum(), weights.Gather(0, labels).Sum());
    }

    private static Tensor Rows(Tensor prediction, Tensor target) => prediction.Reshape(new Shape(target.Count, prediction.Shape[^1]));

    private void Check(Tensor prediction, Tensor target)
    {
        Shape p = prediction.Shape, t = target.Shape;
        if (prediction.ComesFrom<Tensors.Ops.Softmax>())
            Refuse("the prediction has been through a softmax already; this loss takes logits and applies it itself", "the network without its last Softmax, and Softmax() on its results where probabilities are wanted");
        if (p.Rank < 2) Refuse($"the prediction has shape {p}, not (batch, classes)", "a last layer with one output for each class");
        if (p == t) Refuse($"prediction and target both have shape {p}; the target holds labels, one number for each row", "ArgMax(-1) on a one-hot target, or BinaryCrossEntropy for several labels at once");
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
        if (_classWeights is { } weights && weights.Count != p[^1]) Refuse($"there are {weights.Count} class weights, the prediction {p} has {p[^1]} classes", "one weight for each class");
    }

    /// <inheritdoc/>
    public override string ToString() => _labelSmoothing > 0 ? $"CrossEntropy(smoothing {_labelSmoothing})" : "CrossEntropy";
}
