using Lamina.Learning.Layers;
using Lamina.Tensors;

namespace Lamina.Learning.Optimizers;

/// <summary>
/// Adam (Kingma and Ba, 2014: "Adam: a method for stochastic optimization"): running means m of the gradient and v of its
/// square, corrected for starting at zero. At step t
/// m ← β₁·m + (1 − β₁)·g;  v ← β₂·v + (1 − β₂)·g²;  w ← w − rate · m/(1 − β₁ᵗ) / (√(v/(1 − β₂ᵗ)) + ε).
/// </summary>
public sealed class Adam : Optimizer
{
    private readonly AdamStep _step;
    private readonly double _weightDecay;

    /// <summary>Makes the optimiser.</summary>
    /// <param name="learningRate">The rate where none is given.</param>
    /// <param name="beta1">The share of the mean gradient that is kept each step.</param>
    /// <param name="beta2">The share of the mean square that is kept each step.</param>
    /// <param name="epsilon">Added to the root, so that nothing is divided by zero.</param>
    /// <param name="weightDecay">The share of the parameter that is added to its gradient; <see cref="AdamW"/> takes it from the parameter instead.</param>
    /// <param name="amsgrad">Whether to divide by the largest mean square so far (Reddi, Kale and Kumar, 2018).</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is negative, or 1 or more where it is a share.</exception>
    public Adam(double learningRate = 0.001, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0, bool amsgrad = false)
        : base(learningRate, AdamStep.Moments(amsgrad))
    {
        _step = new AdamStep(beta1, beta2, epsilon, amsgrad);
        _weightDecay = Expect.Between(0, double.PositiveInfinity, weightDecay);
    }

    private protected override Rates At(Tensor learningRate, Tensor step) => _step.At(learningRate, step);

    private protected override void Update(Variable parameter, Tensor gradient, Rates rates)
    {
        Tensor w = parameter.Value, g = DecayOf(parameter, _weightDecay) is > 0 and var decay ? gradient + decay * w : gradient;
        parameter.Value = _step.From(w, g, 0, this, parameter, rates);
    }
}
