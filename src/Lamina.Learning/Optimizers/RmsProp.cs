using Lamina.Learning.Layers;
using Lamina.Tensors;

namespace Lamina.Learning.Optimizers;

/// <summary>
/// RMSProp (Tieleman and Hinton, 2012: "Neural networks for machine learning", lecture 6.5): steps divided by the root of a
/// running mean of squares. With gradient g
/// v ← α·v + (1 − α)·g²;  b ← μ·b + g / (√v + ε);  w ← w − rate·b; centred (Graves, 2013), √(v − m²) in place of √v, where m
/// is the running mean of g; that variance is kept instead of v, so that it is never negative.
/// </summary>
public sealed class RmsProp : Optimizer
{
    private readonly double _smoothing, _epsilon, _weightDecay, _momentum;
    private readonly bool _centered;

    /// <summary>Makes the optimiser.</summary>
    /// <param name="learningRate">The rate where none is given.</param>
    /// <param name="smoothing">α: the share of the mean square that is kept each step.</param>
    /// <param name="epsilon">Added to the root, so that nothing is divided by zero.</param>
    /// <param name="weightDecay">The share of the parameter that is added to its gradient.</param>
    /// <param name="momentum">μ: the share of the last direction that is kept; 0 keeps none.</param>
    /// <param name="centered">Whether the mean gradient's square is taken off the mean square.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is negative, or 1 or more where it is a share.</exception>
    public RmsProp(double learningRate = 0.01, double smoothing = 0.99, double epsilon = 1e-8, double weightDecay = 0, double momentum = 0,
        bool centered = false)
        : base(learningRate, [.. centered ? new[] { "mean", "variance" } : ["square"], .. momentum > 0 ? ["momentum"] : Array.Empty<string>()])
    {
        _smoothing = Expect.Between(0, 1, smoothing);
        _epsilon = Expect.Between(0, double.PositiveInfinity, epsilon);
        _weightDecay = Expect.Between(0, double.PositiveInfinity, weightDecay);
        _momentum = Expect.Between(0, 1, momentum);
        _centered = centered;
    }

    private protected override void Update(Variable parameter, Tensor gradient, Rates rates)
    {
        Tensor w = parameter.Value, g = DecayOf(parameter, _weightDecay) is > 0 and var decay ? gradient + decay * w : gradient;
        Tensor v = _centered ? Variance(parameter, g) : Square(parameter, g);
        Tensor direction = g / (v.Sqrt() + Epsilon(_epsilon, w.DType));
        if (_momentum > 0)
        {
            Variable b = State(parameter, "momentum");
            b.Value = _momentum * b.Value + direction;
            direction = b.Value;
        }
        parameter.Value = w - rates.LearningRate * direction;
    }

    private Tensor Square(Variable parameter, Tensor g)
    {
        Variable square = State(parameter, "square");
        return square.Value = _smoothing * square.Value + (1 - _smoothing) * (g * g);
    }

    // v − m² without the subtraction, which would leave a negative number where the gradient hardly changes: with d = g − m,
    // m ← m + (1 − α)·d and variance ← α·(variance + (1 − α)·d²) is the same (West, 1979).
    private Tensor Variance(Variable parameter, Tensor g)
    {
        Variable mean = State(parameter, "mean"), variance = State(parameter, "variance");
        Tensor distance = g - mean.Value;
        mean.Value = mean.Value + (1 - _smoothing) * distance;
        return variance.Value = _smoothing * (variance.Value + (1 - _smoothing) * (distance * distance));
    }
}
