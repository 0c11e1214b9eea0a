using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Metrics;

/// <summary>A metric of choosing one of several classes: predictions are scores (…, classes), logits or probabilities; targets labels (…).</summary>
public abstract class ClassMetric : Metric
{
    /// <summary>A label that counts nothing, such as −1 for padded positions; null: none.</summary>
    public int? IgnoreIndex { get; init; }

    /// <inheritdoc/>
    public sealed override void Add(Tensor prediction, Tensor target)
    {
        Shape p = prediction.Shape;
        if (target.DType.IsFloat && (p.Rank < 2 || p[^1] == 1 || p != target.Shape))
            throw new TensorException($"{Name}: the target is {target.DType.Text} of shape {target.Shape}: numbers, not classes",
                "MeanAbsolute() or RSquared(), which measure numbers; classes are whole numbers from 0, Cast(DType.Int64) on the target");
        if (p.Rank < 2 || p.Without(-1) != target.Shape)
            throw new TensorException($"{Name}: the prediction has shape {p}, the target {target.Shape}; they must be (…, classes) and (…)", target.Shape == p
                ? target.DType.IsFloat ? "MeanAbsolute() or RSquared() for a target of numbers, ArgMax(-1) on a one-hot one" : "ArgMax(-1) on a one-hot target"
                : p.Rank > 2 && target.Rank == 1 ? "a Flatten() or GlobalAveragePool() layer before the last Linear" : null);
        if (!target.DType.IsInteger) throw new TensorException($"{Name}: the target is {target.DType.Text}; labels are whole numbers",
            "Cast(DType.Int64) on the target");
        int classes = p[^1];
        ReadOnlySpan<float> scores = prediction.Cast(DType.Float32).Read<float>();
        ReadOnlySpan<long> labels = target.Cast(DType.Int64).Read<long>();
        for (int row = 0; row < labels.Length; row++)
        {
            if (labels[row] == IgnoreIndex) continue;
            if (labels[row] < 0 || labels[row] >= classes)
                throw new TensorException($"{Name}: the label {labels[row]} of row {row} is not one of {classes} classes, 0 to {classes - 1}");
            Add(scores.Slice(row * classes, classes), (int)labels[row]);
        }
    }

    /// <summary>Counts one example: the scores of the classes and the right one.</summary>
    protected abstract void Add(ReadOnlySpan<float> scores, int label);

    /// <summary>The first class with the highest score; −1 where all are NaN.</summary>
    protected static int Best(ReadOnlySpan<float> scores)
    {
        int best = -1;
        for (int i = 0; i < scores.Length; i++)
            if (!float.IsNaN(scores[i]) && (best < 0 || scores[i] > scores[best])) best = i;
        return best;
    }
}
