using Lamina.Learning.Layers;
using Lamina.Tensors;

namespace Lamina.Learning.Optimizers;

/// <summary>
/// Lion (Chen et al., 2023: "Symbolic discovery of optimization algorithms"): only the sign of a mean decides, so every element moves by the rate,
/// and one tensor of state is kept. With gradient g and weight decay λ
/// w ← w − rate · (sign(β₁·m + (1 − β₁)·g) + λ·w);  m ← β₂·m + (1 − β₂)·g.
/// The rate is to be three to ten times smaller than Adam's, and λ as much larger.
/// </summary>
public sealed class Lion : Optimizer
{
    private readonly double _beta1, _beta2, _weightDecay;

    /// <summary>Makes the optimiser.</summary>
    /// <param name="learningRate">The rate where none is given.</param>
    /// <param name="beta1">The share of the mean in the direction of a step.</param>
    /// <param name="beta2">The share of the mean gradient that is kept each step.</param>
    /// <param name="weightDecay">λ: rate · λ is the share of the parameter that is taken away each step.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is negative, or 1 or more where it is a share.</exception>
    public Lion(double learningRate = 0.0001, double beta1 = 0.9, double beta2 = 0.99, double weightDecay = 0) : base(learningRate, "mean")
    {
        _beta1 = Expect.Between(0, 1, beta1);
        _beta2 = Expect.Between(0, 1, beta2);
        _weightDecay = Expect.Between(0, double.PositiveInfinity, weightDecay);
    }

    private protected override void Update(Variable parameter, Tensor gradient, Rates rates)
    {
        Tensor w = parameter.Value;
        Variable mean = State(parameter, "mean");
        Tensor direction = (_beta1 * mean.Value + (1 - _beta1) * gradient).Sign();
        if (DecayOf(parameter, _weightDecay) is > 0 and var decay) direction = direction + decay * w;
        mean.Value = _beta2 * mean.Value + (1 - _beta2) * gradient;
        parameter.Value = w - rates.LearningRate * direction;
    }
}
