using Lamina.Learning.Layers;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Optimizers;

/// <summary>
/// Adam with Nesterov's look ahead (Dozat, 2016: "Incorporating Nesterov momentum into Adam"), whose momentum grows over the first steps. At step
/// t, with gradient g, μₜ = β₁·(1 − ½·0.96^(ψ·t)) and Pₜ = μ₁·…·μₜ:
/// m ← β₁·m + (1 − β₁)·g;  v ← β₂·v + (1 − β₂)·g²;
/// w ← w − rate · ((1 − μₜ)/(1 − Pₜ)·g + μₜ₊₁/(1 − Pₜ₊₁)·m) / (√(v/(1 − β₂ᵗ)) + ε).
/// </summary>
public sealed class NAdam : Optimizer
{
    private readonly double _beta1, _beta2, _epsilon, _weightDecay, _momentumDecay;

    /// <summary>Makes the optimiser.</summary>
    /// <param name="learningRate">The rate where none is given.</param>
    /// <param name="beta1">The share of the mean gradient that is kept each step.</param>
    /// <param name="beta2">The share of the mean square that is kept each step.</param>
    /// <param name="epsilon">Added to the root, so that nothing is divided by zero.</param>
    /// <param name="weightDecay">The share of the parameter that is added to its gradient.</param>
    /// <param name="momentumDecay">ψ: how soon the momentum reaches β₁.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is negative, or 1 or more where it is a share.</exception>
    public NAdam(double learningRate = 0.002, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0,
        double momentumDecay = 0.004) : base(learningRate)
    {
        _beta1 = Expect.Between(0, 1, beta1);
        _beta2 = Expect.Between(0, 1, beta2);
        _epsilon = Expect.Between(0, double.PositiveInfinity, epsilon);
        _weightDecay = Expect.Between(0, double.PositiveInfinity, weightDecay);
        _momentumDecay = Expect.Between(0, double.PositiveInfinity, momentumDecay);
    }

    // "momentum" is the logarithm of Pₜ, which so begins with zero as all state does.
    private protected override IEnumerable<(string Name, Spec Spec)> StateOf(Variable parameter) =>
        [("mean", parameter.Spec), ("square", parameter.Spec), ("momentum", new Spec(DType.Float64, Shape.Scalar))];

    private protected override Rates At(Tensor learningRate, Tensor step) => new(learningRate, step, 1 / (1 - Tensor.Of(_beta2).Pow(step)).Sqrt());

    private protected override bool RatesInDouble => true;

    private protected override void Update(Variable parameter, Tensor gradient, Rates rates)
    {
        Tensor w = parameter.Value, g = DecayOf(parameter, _weightDecay) is > 0 and var decay ? gradient + decay * w : gradient;
        Tensor step = rates.First, now = Momentum(step), next = Momentum(step + 1);
        Variable product = State(parameter, "momentum");
        Tensor logarithm = product.Value + now.Log();
        product.Value = logarithm;
        Tensor p = logarithm.Exp();
        Tensor byGradient = (rates.LearningRate * (1 - now) / (1 - p)).Cast(w.DType);
        Tensor byMean = (rates.LearningRate * next / (1 - p * next)).Cast(w.DType);

        Variable mean = State(parameter, "mean"), square = State(parameter, "square");
        mean.Value = _beta1 * mean.Value + (1 - _beta1) * g;
        square.Value = _beta2 * square.Value + (1 - _beta2) * (g * g);
        Tensor root = square.Value.Sqrt() * rates.Second.Cast(w.DType) + Epsilon(_epsilon, w.DType);
        parameter.Value = w - byGradient * (g / root) - byMean * (mean.Value / root);
    }

    private Tensor Momentum(Tensor step) => _beta1 * (1 - 0.5 * Tensor.Of(Math.Pow(0.96, _momentumDecay)).Pow(step));
}
