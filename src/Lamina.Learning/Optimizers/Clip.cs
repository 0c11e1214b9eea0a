using Lamina.Learning.Layers;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;

namespace Lamina.Learning.Optimizers;

/// <summary>Keeps gradients from being so large that one step throws the network off.</summary>
public static class Clip
{
    /// <summary>Every element cut to [−limit, limit].</summary>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not above 0.</exception>
    public static GradientSet ByValue(GradientSet gradients, double limit)
    {
        Expect.Positive(limit);
        return gradients.Select((_, gradient) => gradient.Clamp(-limit, limit));
    }

    /// <summary>
    /// All gradients scaled by one number where their norm together is above <paramref name="limit"/>, so that it becomes the
    /// limit and the direction stays (Pascanu, Mikolov and Bengio, 2012: "On the difficulty of training recurrent neural networks").
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not above 0.</exception>
    public static GradientSet ByGlobalNorm(GradientSet gradients, double limit)
    {
        Expect.Positive(limit);
        // A millionth is added, as PyTorch does, so that nothing is divided by zero.
        Tensor scale = (limit / (gradients.GlobalNorm() + 1e-6)).Minimum(1);
        return gradients.Select((_, gradient) => gradient * scale.Cast(gradient.DType));
    }
}
