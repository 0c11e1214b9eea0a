using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Optimizers;

/// <summary>
/// Muon (Jordan et al., 2024: "Muon: an optimizer for hidden layers in neural networks"): the momentum of each matrix is made orthogonal, nearly,
/// so that all its directions move alike. With gradient g, momentum μ and weight decay λ
/// b ← μ·b + (1 − μ)·g;  u = (1 − μ)·g + μ·b;  w ← w − rate·λ·w − rate · 0.2·√(max(rows, columns)) · orthogonal(u),
/// where five Newton–Schulz steps X ← a·X + (b·XXᵀ + c·(XXᵀ)²)·X from u/‖u‖ bring all singular values near 1. The factor makes a step as long as
/// AdamW's (Liu et al., 2025: "Muon is scalable for LLM training"), so that both go by one rate: biases and norms, with one axis, are
/// <see cref="AdamW"/>'s, and what <see cref="ByAdamW"/> names. A convolution's kernel is a matrix (…, out).
/// </summary>
public sealed class Muon : Optimizer
{
    private const int Iterations = 5;
    private const double A = 3.4445, B = -4.7750, C = 2.0315;

    private readonly AdamStep _step;
    private readonly Dictionary<Variable, bool> _isByAdamW = [];
    private readonly double _momentum, _weightDecay;

    /// <summary>Makes the optimiser.</summary>
    /// <param name="learningRate">The rate where none is given.</param>
    /// <param name="momentum">μ: the share of the last direction that is kept.</param>
    /// <param name="weightDecay">λ: rate · λ is the share of the parameter that is taken away each step.</param>
    /// <param name="beta1">AdamW's share of the mean gradient that is kept each step.</param>
    /// <param name="beta2">AdamW's share of the mean square that is kept each step.</param>
    /// <param name="epsilon">Added to AdamW's root, so that nothing is divided by zero.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is negative, or 1 or more where it is a share.</exception>
    public Muon(double learningRate = 0.001, double momentum = 0.95, double weightDecay = 0.01, double beta1 = 0.9, double beta2 = 0.999,
        double epsilon = 1e-8) : base(learningRate)
    {
        _step = new AdamStep(beta1, beta2, epsilon, amsgrad: false);
        _momentum = Expect.Between(0, 1, momentum);
        _weightDecay = Expect.Between(0, double.PositiveInfinity, weightDecay);
    }

    /// <summary>
    /// Patterns of paths whose matrices AdamW updates, such as <c>embedding.*</c> and the last layer's <c>head.*</c>: rows of an embedding and
    /// outputs for classes aren't directions of one space.
    /// </summary>
    public IReadOnlyList<string> ByAdamW { get; init; } = [];

    private protected override void Name(Variable parameter, string path) =>
        _isByAdamW[parameter] = ByAdamW.Any(pattern => PathPattern.Fits(pattern, path));

    private bool IsMatrix(Variable parameter)
    {
        if (parameter.Spec.Shape.Rank < 2) return false;
        if (ByAdamW.Count == 0) return true;
        return _isByAdamW.TryGetValue(parameter, out bool isByAdamW) ? !isByAdamW
            : throw new InvalidOperationException("ByAdamW names parameters by their paths: call Prepare with the module before the first update");
    }

    private protected override IEnumerable<(string Name, Spec Spec)> StateOf(Variable parameter) =>
        IsMatrix(parameter) ? [("momentum", parameter.Spec)] : AdamStep.Moments(amsgrad: false).Select(name => (name, parameter.Spec));

    private protected override Rates At(Tensor learningRate, Tensor step) => _step.At(learningRate, step);

    private protected override void Update(Variable parameter, Tensor gradient, Rates rates)
    {
        Tensor w = parameter.Value;
        double decay = DecayOf(parameter, _weightDecay);
        if (!IsMatrix(parameter))
        {
            parameter.Value = _step.From(w, gradient, decay, this, parameter, rates);
            return;
        }
        Variable momentum = State(parameter, "momentum");
        momentum.Value = _momentum * momentum.Value + (1 - _momentum) * gradient;
        Tensor u = (1 - _momentum) * gradient + _momentum * momentum.Value;
        int columns = w.Shape[^1], rows = columns == 0 ? 0 : w.Count / columns;
        if (w.Count == 0) return;
        Tensor orthogonal = Orthogonal(u.Reshape(rows, columns)).Reshape(w.Shape);
        if (decay > 0) w = w - rates.LearningRate * decay * w;
        parameter.Value = w - rates.LearningRate * (0.2 * Math.Sqrt(Math.Max(rows, columns))) * orthogonal;
    }

    /// <summary>The nearest matrix with singular values near 1 (0.7 to 1.2), (rows, columns) → the same; 0 where all are 0.</summary>
    internal static Tensor Orthogonal(Tensor u)
    {
        // The product XXᵀ is of the shorter side.
        bool isTall = u.Shape[0] > u.Shape[1];
        Tensor norm = u.Norm();
        // In double precision: a norm may be beyond what its elements' type holds.
        Tensor x = (u.Cast(DType.Float64) / norm.Maximum(1e-150)).Cast(u.DType);
        if (isTall) x = x.T;
        for (int i = 0; i < Iterations; i++)
        {
            Tensor square = x.MatMul(x.T);
            x = A * x + (B * square + C * square.MatMul(square)).MatMul(x);
        }
        return isTall ? x.T : x;
    }
}
