using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Metrics;

/// <summary>A metric of numbers: prediction and target have one shape, and every element counts the same. Sums are in double precision.</summary>
public abstract class RegressionMetric : Metric
{
    /// <summary>Elements counted.</summary>
    protected long Count { get; set; }

    /// <inheritdoc/>
    public sealed override void Add(Tensor prediction, Tensor target)
    {
        if (prediction.Shape != target.Shape)
            throw new TensorException($"{Name}: the prediction has shape {prediction.Shape}, the target {target.Shape}; they must be equal",
            prediction.Rank == target.Rank + 1 && prediction.Shape[^1] == 1 ? "Unsqueeze(-1) on the target" : target.DType.IsInteger
                && prediction.Rank == target.Rank + 1 ? "Accuracy(), which measures classes" : null);
        ReadOnlySpan<double> predicted = prediction.Cast(DType.Float64).Read<double>(), actual = target.Cast(DType.Float64).Read<double>();
        for (int i = 0; i < predicted.Length; i++)
        {
            Count++;
            Add(predicted[i], actual[i]);
        }
    }

    /// <inheritdoc/>
    public override void Reset() => Count = 0;

    /// <summary>Counts one element.</summary>
    protected abstract void Add(double predicted, double actual);
}
