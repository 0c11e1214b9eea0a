using Lamina.Learning.Layers;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;

namespace Lamina.Learning.Optimizers;

/// <summary>Keeps gradients from being so large that one step throws the network off.</summary>
public static class Clip
{
    /// <summary>Every element cut to [−limit, limit]; an infinite one is cut too, NaN stays.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not above 0.</exception>
    public static GradientSet ByValue(GradientSet gradients, double limit)
    {
        Expect.Positive(limit);
        return gradients.Select((_, gradient) => gradient.Clamp(-limit, limit));
    }

    /// <summary>
    /// All gradients scaled by one number where their norm together is above <paramref name="limit"/>, so that it becomes the
    /// limit and the direction stays (Pascanu, Mikolov and Bengio, 2012: "On the difficulty of training recurrent neural networks").
    /// The norm may be of any size. Where it isn't finite, because an element is NaN or infinite, nothing is scaled: the
    /// finite elements keep their values, and <see cref="GradientSet.GlobalNorm"/> is then NaN or infinite.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not above 0.</exception>
    public static GradientSet ByGlobalNorm(GradientSet gradients, double limit)
    {
        Expect.Positive(limit);
        Tensor norm = gradients.GlobalNorm(), one = Tensor.OnesLike(norm);
        // A millionth is added, as PyTorch does, but of a norm below 1 only its millionth part.
        Tensor scale = (limit / (norm + 1e-6 * norm.Minimum(1))).Minimum(1);
        // NaN and ∞ fail the comparison.
        scale = Tensor.Where(norm <= double.MaxValue, scale, one);
        // In two factors, since what brings 1e38 to a small limit is too small for float32.
        Tensor first = scale.Maximum(SmallestFactor), second = scale / first;
        return gradients.Select((_, gradient) => gradient * first.Cast(gradient.DType) * second.Cast(gradient.DType));
    }

    private const double SmallestFactor = 1e-30;
}
