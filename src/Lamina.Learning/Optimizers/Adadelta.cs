using Lamina.Learning.Layers;
using Lamina.Tensors;

namespace Lamina.Learning.Optimizers;

/// <summary>
/// Adadelta (Zeiler, 2012: "ADADELTA: an adaptive learning rate method"): steps as long as those before, over the size of the gradients, so that
/// no rate need be chosen. With gradient g
/// v ← ρ·v + (1 − ρ)·g²;  d = √(u + ε) / √(v + ε) · g;  u ← ρ·u + (1 − ρ)·d²;  w ← w − rate·d.
/// </summary>
public sealed class Adadelta : Optimizer
{
    private readonly double _rho, _epsilon, _weightDecay;

    /// <summary>Makes the optimiser.</summary>
    /// <param name="learningRate">Factor on the steps where none is given; the paper has 1.</param>
    /// <param name="rho">ρ: the share of both mean squares that is kept each step.</param>
    /// <param name="epsilon">Added under both roots; the first steps are as long as its root.</param>
    /// <param name="weightDecay">The share of the parameter that is added to its gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is negative, or 1 or more where it is a share.</exception>
    public Adadelta(double learningRate = 1, double rho = 0.9, double epsilon = 1e-6, double weightDecay = 0)
        : base(learningRate, "square", "delta")
    {
        _rho = Expect.Between(0, 1, rho);
        _epsilon = Expect.Between(0, double.PositiveInfinity, epsilon);
        _weightDecay = Expect.Between(0, double.PositiveInfinity, weightDecay);
    }

    private protected override void Update(Variable parameter, Tensor gradient, Rates rates)
    {
        Tensor w = parameter.Value, g = DecayOf(parameter, _weightDecay) is > 0 and var decay ? gradient + decay * w : gradient;
        double epsilon = Epsilon(_epsilon, w.DType);
        Variable square = State(parameter, "square"), delta = State(parameter, "delta");
        Tensor v = _rho * square.Value + (1 - _rho) * (g * g);
        Tensor d = ((delta.Value + epsilon).Sqrt() / (v + epsilon).Sqrt()) * g;
        square.Value = v;
        delta.Value = _rho * delta.Value + (1 - _rho) * (d * d);
        parameter.Value = w - rates.LearningRate * d;
    }
}
