using Lamina.Learning.Layers;
using Lamina.Tensors;

namespace Lamina.Learning.Optimizers;

/// <summary>
/// Adagrad (Duchi, Hazan and Singer, 2011: "Adaptive subgradient methods for online learning and stochastic optimization"): steps divided by the
/// root of the sum of all squares so far, so that rare features keep a high rate. At step t, with gradient g
/// s ← s + g²;  w ← w − rate / (1 + (t − 1)·decay) · g / (√s + ε).
/// </summary>
public sealed class Adagrad : Optimizer
{
    private readonly double _rateDecay, _epsilon, _weightDecay, _initial;

    /// <summary>Makes the optimiser.</summary>
    /// <param name="learningRate">The rate where none is given.</param>
    /// <param name="rateDecay">How fast the rate falls with the steps, beside the schedule's own fall.</param>
    /// <param name="epsilon">Added to the root, so that nothing is divided by zero.</param>
    /// <param name="weightDecay">The share of the parameter that is added to its gradient.</param>
    /// <param name="initial">The sum that s begins with.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is negative or infinite.</exception>
    public Adagrad(double learningRate = 0.01, double rateDecay = 0, double epsilon = 1e-10, double weightDecay = 0, double initial = 0)
        : base(learningRate, "sum")
    {
        _rateDecay = Expect.Between(0, double.PositiveInfinity, rateDecay);
        _epsilon = Expect.Between(0, double.PositiveInfinity, epsilon);
        _weightDecay = Expect.Between(0, double.PositiveInfinity, weightDecay);
        _initial = Expect.Between(0, double.PositiveInfinity, initial);
    }

    private protected override Rates At(Tensor learningRate, Tensor step) =>
        _rateDecay == 0 ? base.At(learningRate, step) : new(learningRate, learningRate / (1 + _rateDecay * (step - 1)), learningRate);

    private protected override void Update(Variable parameter, Tensor gradient, Rates rates)
    {
        Tensor w = parameter.Value, g = DecayOf(parameter, _weightDecay) is > 0 and var decay ? gradient + decay * w : gradient;
        Variable sum = State(parameter, "sum");
        Tensor s = sum.Value + g * g;
        sum.Value = s;
        if (_initial > 0) s = s + _initial;
        parameter.Value = w - rates.First * (g / (s.Sqrt() + Epsilon(_epsilon, w.DType)));
    }
}
