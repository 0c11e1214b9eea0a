using Lamina.Learning.Layers;
using Lamina.Tensors;

namespace Lamina.Learning.Optimizers;

/// <summary>
/// LAMB (You et al., 2020: "Large batch optimization for deep learning: training BERT in 76 minutes"): Adam's direction, as long for each parameter
/// tensor as the tensor itself, for very large batches. At step t, with gradient g and weight decay λ
/// m ← β₁·m + (1 − β₁)·g;  v ← β₂·v + (1 − β₂)·g²;  r = m/(1 − β₁ᵗ) / (√(v/(1 − β₂ᵗ)) + ε) + λ·w;  w ← w − rate · ‖w‖/‖r‖ · r,
/// with 1 in place of ‖w‖/‖r‖ where either norm is 0.
/// </summary>
public sealed class Lamb : Optimizer
{
    private readonly double _beta1, _beta2, _epsilon, _weightDecay;

    /// <summary>Makes the optimiser.</summary>
    /// <param name="learningRate">The rate where none is given.</param>
    /// <param name="beta1">The share of the mean gradient that is kept each step.</param>
    /// <param name="beta2">The share of the mean square that is kept each step.</param>
    /// <param name="epsilon">Added to the root, so that nothing is divided by zero.</param>
    /// <param name="weightDecay">λ: the share of the parameter that is added to the direction.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is negative, or 1 or more where it is a share.</exception>
    public Lamb(double learningRate = 0.001, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-6, double weightDecay = 0.01)
        : base(learningRate, "mean", "square")
    {
        _beta1 = Expect.Between(0, 1, beta1);
        _beta2 = Expect.Between(0, 1, beta2);
        _epsilon = Expect.Between(0, double.PositiveInfinity, epsilon);
        _weightDecay = Expect.Between(0, double.PositiveInfinity, weightDecay);
    }

    private protected override Rates At(Tensor learningRate, Tensor step) =>
        new(learningRate, 1 / (1 - Tensor.Of(_beta1).Pow(step)), 1 / (1 - Tensor.Of(_beta2).Pow(step)).Sqrt());

    private protected override void Update(Variable parameter, Tensor gradient, Rates rates)
    {
        Tensor w = parameter.Value;
        Variable mean = State(parameter, "mean"), square = State(parameter, "square");
        mean.Value = _beta1 * mean.Value + (1 - _beta1) * gradient;
        square.Value = _beta2 * square.Value + (1 - _beta2) * (gradient * gradient);
        Tensor direction = rates.First * mean.Value / (square.Value.Sqrt() * rates.Second + Epsilon(_epsilon, w.DType));
        if (DecayOf(parameter, _weightDecay) is > 0 and var decay) direction = direction + decay * w;
        // Norms are float64 scalars.
        Tensor size = w.Norm(), length = direction.Norm(), both = (size * length) > 0;
        Tensor trust = Tensor.Where(both, size / Tensor.Where(both, length, 1.0), 1.0).Cast(w.DType);
        parameter.Value = w - rates.LearningRate * trust * direction;
    }
}
