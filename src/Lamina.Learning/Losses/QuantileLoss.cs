using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Losses;

/// <summary>
/// The mean of max(q · e, (q − 1) · e) with the error e = target − prediction: its best prediction is the value that a share q of the targets
/// lies below (Koenker and Bassett, 1978: "Regression quantiles"). With one quantile prediction and target have one shape; with several, the
/// prediction has one more axis, (…, quantiles), and the mean is over quantiles too: 0.1, 0.5 and 0.9 give a median with a band that holds four
/// targets of five.
/// </summary>
public sealed class QuantileLoss : Loss
{
    private readonly double[] _quantiles;

    /// <summary>A loss for one or several quantiles.</summary>
    /// <param name="quantiles">The shares of targets below, each above 0 and below 1.</param>
    /// <exception cref="ArgumentException">There are none.</exception>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its range.</exception>
    public QuantileLoss(params double[] quantiles)
    {
        if (quantiles.Length == 0) throw new ArgumentException("there are no quantiles: 0.5 is the median", nameof(quantiles));
        foreach (double q in quantiles)
            if (!(q is > 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(quantiles), q, "a quantile is above 0 and below 1");
        _quantiles = [.. quantiles];
    }

    /// <summary>The shares of targets below, in the order of the prediction's last axis.</summary>
    public IReadOnlyList<double> Quantiles => _quantiles;

    /// <inheritdoc/>
    public override Tensor Compute(Tensor prediction, Tensor target) => Each(prediction, target).Mean();

    /// <inheritdoc/>
    protected override Tensor Each(Tensor prediction, Tensor target)
    {
        if (_quantiles.Length == 1)
        {
            RequireSame(prediction, target);
            return Pinball(target - prediction, Tensor.Scalar(_quantiles[0], prediction.DType));
        }
        Shape p = prediction.Shape, t = target.Shape;
        if (p.Rank != t.Rank + 1 || p[^1] != _quantiles.Length || p.Without(-1) != t)
            Refuse($"the prediction has shape {p}, the target {t}; it must be {t} with {_quantiles.Length} quantiles as last axis",
                t.Rank > 0 && t[^1] == 1 && t.Without(-1) == p.Without(-1) ? "Squeeze(-1) on the target"
                : $"a last layer of {_quantiles.Length} outputs, one for each quantile");
        if (prediction.DType != target.DType)
            Refuse($"the prediction is {prediction.DType.Text}, the target {target.DType.Text}", $"Cast(DType.{prediction.DType}) on the target");
        return Pinball(target.Unsqueeze(-1) - prediction, Tensor.From([.. _quantiles]).Cast(prediction.DType));
    }

    private static Tensor Pinball(Tensor error, Tensor quantiles) => (quantiles * error).Maximum((quantiles - 1) * error);

    /// <inheritdoc/>
    public override string ToString() => $"QuantileLoss({string.Join(", ", _quantiles)})";
}
