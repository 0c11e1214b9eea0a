using Lamina.Learning.Layers;
using Lamina.Tensors;

namespace Lamina.Learning.Optimizers;

/// <summary>
/// Adam with its variance rectified (Liu et al., 2020: "On the variance of the adaptive learning rate and beyond"), which needs no warm-up. At
/// step t, with gradient g, ρ∞ = 2/(1 − β₂) − 1 and ρ = ρ∞ − 2t·β₂ᵗ/(1 − β₂ᵗ):
/// m ← β₁·m + (1 − β₁)·g;  v ← β₂·v + (1 − β₂)·g²;  m̂ = m/(1 − β₁ᵗ);
/// where ρ > 5, w ← w − rate · r · m̂ / ((√v + ε) / √(1 − β₂ᵗ)) with r = √((ρ − 4)(ρ − 2)ρ∞ / ((ρ∞ − 4)(ρ∞ − 2)ρ)); else w ← w − rate · m̂.
/// </summary>
public sealed class RAdam : Optimizer
{
    private readonly double _beta1, _beta2, _epsilon, _weightDecay;

    /// <summary>Makes the optimiser.</summary>
    /// <param name="learningRate">The rate where none is given.</param>
    /// <param name="beta1">The share of the mean gradient that is kept each step.</param>
    /// <param name="beta2">The share of the mean square that is kept each step; up to 2/3 no step is ever rectified.</param>
    /// <param name="epsilon">Added to the root, so that nothing is divided by zero.</param>
    /// <param name="weightDecay">The share of the parameter that is added to its gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is negative, or 1 or more where it is a share.</exception>
    public RAdam(double learningRate = 0.001, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0)
        : base(learningRate, "mean", "square")
    {
        _beta1 = Expect.Between(0, 1, beta1);
        _beta2 = Expect.Between(0, 1, beta2);
        _epsilon = Expect.Between(0, double.PositiveInfinity, epsilon);
        _weightDecay = Expect.Between(0, double.PositiveInfinity, weightDecay);
    }

    // Second is r·√(1 − β₂ᵗ), or 0 while the variance can't be told yet.
    private protected override Rates At(Tensor learningRate, Tensor step)
    {
        Tensor power = Tensor.Of(_beta2).Pow(step), left = 1 - power;
        double limit = 2 / (1 - _beta2) - 1;
        Tensor rho = limit - 2 * step * power / left;
        Tensor known = rho > 5, safe = Tensor.Where(known, rho, 6);
        Tensor ratio = (safe - 4) * (safe - 2) / safe * (limit / ((limit - 4) * (limit - 2)));
        Tensor rectified = Tensor.Where(known, (ratio * left).Abs().Sqrt(), 0.0);
        return new(learningRate, learningRate / (1 - Tensor.Of(_beta1).Pow(step)), rectified);
    }

    private protected override void Update(Variable parameter, Tensor gradient, Rates rates)
    {
        Tensor w = parameter.Value, g = DecayOf(parameter, _weightDecay) is > 0 and var decay ? gradient + decay * w : gradient;
        Variable mean = State(parameter, "mean"), square = State(parameter, "square");
        mean.Value = _beta1 * mean.Value + (1 - _beta1) * g;
        square.Value = _beta2 * square.Value + (1 - _beta2) * (g * g);
        Tensor adapted = rates.Second * (mean.Value / (square.Value.Sqrt() + Epsilon(_epsilon, w.DType)));
        parameter.Value = w - rates.First * Tensor.Where(rates.Second > 0, adapted, mean.Value);
    }
}
