using Lamina.Learning.Layers;
using Lamina.Tensors;

namespace Lamina.Learning.Optimizers;

/// <summary>
/// Adam with decoupled weight decay (Loshchilov and Hutter, 2017: "Decoupled weight decay regularization"): each step first
/// takes a share of every parameter away, w ← w − rate·λ·w, and then does the step of <see cref="Adam"/>, so that the decay
/// isn’t divided by the size of gradients.
/// </summary>
public sealed class AdamW : Optimizer
{
    private readonly AdamStep _step;
    private readonly double _weightDecay;

    /// <summary>Makes the optimiser.</summary>
    /// <param name="learningRate">The rate where none is given.</param>
    /// <param name="beta1">The share of the mean gradient that is kept each step.</param>
    /// <param name="beta2">The share of the mean square that is kept each step.</param>
    /// <param name="epsilon">Added to the root, so that nothing is divided by zero.</param>
    /// <param name="weightDecay">λ: rate · λ is the share of the parameter that is taken away each step.</param>
    /// <param name="amsgrad">Whether to divide by the largest mean square so far (Reddi, Kale and Kumar, 2018).</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is negative, or 1 or more where it is a share.</exception>
    public AdamW(double learningRate = 0.001, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0.01, bool amsgrad = false)
        : base(learningRate, AdamStep.Moments(amsgrad))
    {
        _step = new AdamStep(beta1, beta2, epsilon, amsgrad);
        _weightDecay = Expect.Between(0, double.PositiveInfinity, weightDecay);
    }

    private protected override Rates At(Tensor learningRate, Tensor step) => _step.At(learningRate, step);

    private protected override void Update(Variable parameter, Tensor gradient, Rates rates) =>
        parameter.Value = _step.From(parameter.Value, gradient, DecayOf(parameter, _weightDecay), this, parameter, rates);
}
