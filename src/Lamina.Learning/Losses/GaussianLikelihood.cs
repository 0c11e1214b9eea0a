using Lamina.Learning.Layers;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Losses;

/// <summary>
/// The mean of ½ · (s + (t − m)² · e⁻ˢ) over all targets t, (…), where the prediction (…, 2) holds the mean m and the logarithm s of the
/// variance: the negative log-likelihood of a normal distribution but for ½ ln 2π, so that a network says how sure it is (Nix and Weigend, 1994:
/// "Estimating the mean and variance of the target probability distribution").
/// </summary>
public sealed class GaussianLikelihood : Loss
{
    private readonly bool _full;
    private readonly double _least;

    /// <summary>A loss for mean and variance.</summary>
    /// <param name="full">Whether ½ ln 2π is added.</param>
    /// <param name="leastVariance">What smaller variances count as, above 0; their gradients still make them grow.</param>
    /// <exception cref="ArgumentOutOfRangeException">The least variance is not above 0.</exception>
    public GaussianLikelihood(bool full = false, double leastVariance = 1e-6)
    {
        _full = full;
        _least = Math.Log(Expect.Positive(leastVariance));
    }

    /// <inheritdoc/>
    public override Tensor Compute(Tensor prediction, Tensor target) => Each(prediction, target).Mean();

    /// <inheritdoc/>
    protected override Tensor Each(Tensor prediction, Tensor target)
    {
        Shape p = prediction.Shape, t = target.Shape;
        if (p.Rank != t.Rank + 1 || p[^1] != 2 || p.Without(-1) != t)
            Refuse($"the prediction has shape {p}, the target {t}; it must be {t} with mean and log-variance as last axis",
                t.Rank > 0 && t[^1] == 1 && t.Without(-1) == p.Without(-1) ? "Squeeze(-1) on the target"
                : "Tensor.Stack of mean and log-variance along the last axis");
        if (prediction.DType != target.DType)
            Refuse($"the prediction is {prediction.DType.Text}, the target {target.DType.Text}", $"Cast(DType.{prediction.DType}) on the target");
        Tensor mean = prediction.Narrow(-1, 0, 1).Squeeze(-1), logarithm = AtLeast(prediction.Narrow(-1, 1, 1).Squeeze(-1));
        // Divided by the deviation before it is squared: far targets of a wide distribution stay in range.
        Tensor distance = (target - mean) * (-0.5 * logarithm).Exp();
        Tensor losses = 0.5 * (logarithm + distance * distance);
        return _full ? losses + 0.5 * Math.Log(2 * Math.PI) : losses;
    }

    // The larger one, with the gradient of the logarithm itself on either side.
    private Tensor AtLeast(Tensor logarithm)
    {
        Tensor value, below;
        using (Gradient.Pause())
        {
            below = logarithm < _least;
            value = Tensor.Where(below, logarithm, 0.0);
        }
        // x − x + least where it is below: x − x is 0 and has x's gradient.
        return Tensor.Where(below, (logarithm - value) + _least, logarithm);
    }
}
