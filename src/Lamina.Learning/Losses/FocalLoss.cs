using Lamina.Learning.Layers;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Losses;

/// <summary>
/// The mean of −α · (1 − p)ᵞ · ln p, with p the probability given to what is true: cross-entropy in which examples that are known already hardly
/// count, for rare classes (Lin et al., 2017: "Focal loss for dense object detection"). The prediction is logits. With float targets of its
/// shape, 0 to 1, each element is a yes-or-no question as in <see cref="BinaryCrossEntropy"/>; with whole-number labels (…) and logits (…,
/// classes), one of several classes as in <see cref="CrossEntropy"/>.
/// </summary>
public sealed class FocalLoss : Loss
{
    private readonly double _gamma;
    private readonly double? _alpha;
    private readonly double[]? _classWeights;

    /// <summary>A focal loss.</summary>
    /// <param name="gamma">γ: how little known examples count; 0 is plain cross-entropy. The paper has 2.</param>
    /// <param name="alpha">For yes-or-no questions: α of yes, and 1 − α of no, 0 to 1; null: 1 for both. The paper has 0.25.</param>
    /// <param name="classWeights">For labels: α of each class; null: 1 for all. The mean is over examples, not over their weights.</param>
    /// <exception cref="ArgumentOutOfRangeException">γ is negative, α isn't in 0 to 1, or a class weight is negative.</exception>
    public FocalLoss(double gamma = 2, double? alpha = null, IReadOnlyList<double>? classWeights = null)
    {
        _gamma = Expect.Between(0, double.PositiveInfinity, gamma);
        _alpha = alpha is null or (>= 0 and <= 1) ? alpha : throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "alpha must be 0 to 1");
        _classWeights = classWeights is null ? null : [.. classWeights];
        if (_classWeights?.Any(w => !(w >= 0) || double.IsInfinity(w)) ?? false) throw new ArgumentOutOfRangeException(nameof(classWeights),
            "class weights are 0 or more");
    }

    /// <inheritdoc/>
    public override Tensor Compute(Tensor prediction, Tensor target) => Each(prediction, target).Mean();

    /// <inheritdoc/>
    protected override Tensor Each(Tensor prediction, Tensor target)
    {
        if (target.DType.IsInteger) return OfLabels(prediction, target);
        if (_classWeights is not null)
            Refuse($"class weights are for labels, the target is {target.DType.Text}", "alpha, or Cast(DType.Int64) on the target");
        if (prediction.ComesFrom<Tensors.Ops.Sigmoid>())
            Refuse("the prediction has been through a sigmoid already; this loss takes logits and applies it itself",
                "the network without its last Sigmoid, and Sigmoid() on its results where probabilities are wanted");
        RequireSame(prediction, target);
        // 1 − p of what is true, without the subtraction that would leave nothing of a small one.
        Tensor wrong = prediction.Sigmoid() * (1 - target) + (-prediction).Sigmoid() * target;
        Tensor losses = Focused(wrong, prediction.BinaryCrossEntropy(target));
        return _alpha is { } alpha ? losses * (alpha * target + (1 - alpha) * (1 - target)) : losses;
    }

    private Tensor OfLabels(Tensor prediction, Tensor target)
    {
        if (_alpha is not null) Refuse($"alpha is for yes-or-no questions, the target holds labels", "classWeights, one for each class");
        new CrossEntropy(classWeights: _classWeights) { Name = $"{this}" }.Check(prediction, target);
        Shape rows = new(target.Count);
        Tensor labels = target.Reshape(rows), losses = prediction.Reshape(new Shape(target.Count, prediction.Shape[^1])).CrossEntropy(labels);
        // 1 − e⁻ˣ by tanh x/2, which keeps its digits where x is small.
        Tensor half = (0.5 * losses).Tanh(), wrong = 2 * half / (1 + half);
        losses = Focused(wrong, losses);
        if (_classWeights is not null) losses = losses * Tensor.From(_classWeights).Cast(losses.DType).Gather(0, labels);
        return losses.Reshape(target.Shape);
    }

    private Tensor Focused(Tensor wrong, Tensor losses) =>
        _gamma == 0 ? losses : (_gamma == 1 ? wrong : _gamma == 2 ? wrong * wrong : wrong.Pow(_gamma)) * losses;

    /// <inheritdoc/>
    public override string ToString() => $"FocalLoss({_gamma})";
}
