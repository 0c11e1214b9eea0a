using Lamina.Learning.Layers;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Optimizers;

/// <summary>
/// Adafactor (Shazeer and Stern, 2018: "Adafactor: adaptive learning rates with sublinear memory cost"): of the mean squares of a matrix only row
/// and column means are kept, a tensor of more axes is a stack of matrices of its last two. At step t, with gradient g and β = 1 − tᵞ
/// R ← β·R + (1 − β)·mean over columns of (g² + ε₁);  C likewise over rows;  v = R·C / mean R (of one axis: v ← β·v + (1 − β)·(g² + ε₁));
/// u = g / √v;  w ← w − max(ε₂, rms w) · min(rate, 1/√t) · u / max(1, rms u / d).
/// </summary>
public sealed class Adafactor : Optimizer
{
    private readonly double _exponent, _epsilon1, _epsilon2, _clip, _weightDecay;

    /// <summary>Makes the optimiser.</summary>
    /// <param name="learningRate">The largest step where none is given, relative to the size of a parameter tensor.</param>
    /// <param name="decayExponent">γ: how the share that is kept grows with the steps, below 0.</param>
    /// <param name="epsilon1">Added to squares of gradients.</param>
    /// <param name="epsilon2">The least size that a parameter tensor counts as.</param>
    /// <param name="clip">d: the root mean square beyond which an update is scaled down.</param>
    /// <param name="weightDecay">λ: rate · λ is the share of the parameter that is taken away each step.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public Adafactor(double learningRate = 0.01, double decayExponent = -0.8, double epsilon1 = 1e-30, double epsilon2 = 1e-3, double clip = 1,
        double weightDecay = 0) : base(learningRate)
    {
        _exponent = Expect.Between(double.NegativeInfinity, 0, decayExponent);
        _epsilon1 = Expect.Between(0, double.PositiveInfinity, epsilon1);
        _epsilon2 = Expect.Between(0, double.PositiveInfinity, epsilon2);
        _clip = Expect.Positive(clip);
        _weightDecay = Expect.Between(0, double.PositiveInfinity, weightDecay);
    }

    private protected override IEnumerable<(string Name, Spec Spec)> StateOf(Variable parameter)
    {
        Spec spec = parameter.Spec;
        int rank = spec.Shape.Rank;
        return rank < 2 ? [("square", spec)]
            : [("rows", spec with { Shape = spec.Shape.With(rank - 1, 1) }), ("columns", spec with { Shape = spec.Shape.With(rank - 2, 1) })];
    }

    // First is min(rate, 1/√t), Second 1 − β.
    private protected override Rates At(Tensor learningRate, Tensor step) =>
        new(learningRate, learningRate.Minimum(1 / step.Sqrt()), step.Pow(_exponent));

    private protected override void Update(Variable parameter, Tensor gradient, Rates rates)
    {
        Tensor w = parameter.Value, share = rates.Second;
        // Smaller ones would be 0 in the parameter's type.
        double epsilon = Math.Max(_epsilon1, w.DType == DType.Float64 ? 1e-300 : 1e-37);
        Tensor squares = gradient * gradient + epsilon, update;
        if (w.Rank < 2)
        {
            Variable square = State(parameter, "square");
            square.Value = square.Value + share * (squares - square.Value);
            update = gradient / square.Value.Sqrt();
        }
        else
        {
            Variable rows = State(parameter, "rows"), columns = State(parameter, "columns");
            rows.Value = rows.Value + share * (squares.Mean([-1], keepDims: true) - rows.Value);
            columns.Value = columns.Value + share * (squares.Mean([-2], keepDims: true) - columns.Value);
            // Factor by factor: their product may vanish where each is small.
            update = gradient / (rows.Value / rows.Value.Mean([-2], keepDims: true)).Sqrt() / columns.Value.Sqrt();
        }
        Tensor size = Size(w).Maximum(_epsilon2) * rates.First.Cast(DType.Float64) / (Size(update) / _clip).Maximum(1);
        if (DecayOf(parameter, _weightDecay) is > 0 and var decay) w = w - rates.LearningRate * decay * w;
        parameter.Value = w - size.Cast(w.DType) * update;
    }

    // The root mean square, a float64 scalar.
    private static Tensor Size(Tensor x) => x.Norm() / Math.Sqrt(Math.Max(1, x.Count));
}
