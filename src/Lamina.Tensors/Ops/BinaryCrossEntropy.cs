using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// (logits x, targets t) → −t · ln p − (1 − t) · ln(1 − p) with p = sigmoid(x), element by element. With w the weight of the
/// wrong side (1 − t for x ≥ 0, t below) that is w · |x| + ln(1 + e⁻|x|): nothing cancels, and where w is 0 an infinite
/// logit costs nothing.
/// </summary>
public sealed record BinaryCrossEntropy : BinaryMap
{
    public override string Name => "binary_cross_entropy";

    protected override DType Type(Specs x) => Float(Same(x));

    protected override double Define(double x, double y)
    {
        double wrong = x >= 0 ? 1 - y : y, e = Math.Exp(-Math.Abs(x)), one = 1 + e;
        return (wrong == 0 && !double.IsNaN(x) ? 0 : wrong * Math.Abs(x)) + (one == 1 ? e : Math.Log(one) * (e / (one - 1)));
    }

    public override Grads Gradient(in GradCall g) =>
    [
        g.Wants(0) ? g.Fit(0, g.Times(new BinaryCrossEntropySlope().Apply(g[0], g[1]))) : null,
        g.Wants(1) ? g.Fit(1, -g.Times(g[0])) : null,
    ];

    internal override void Run(in Tile t) => VectorLoops.Binary(t, new F());

    /// <summary>The weight of the wrong side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V Wrong<V>(V x, V target) where V : struct, ILanes<V> => V.Select(V.LessOrEqual(V.Of(0), x), V.Of(1) - target, target);

    private readonly struct F : IBinary
    {
        public V Apply<V>(V x, V y) where V : struct, ILanes<V>
        {
            V size = V.Abs(x), wrong = Wrong(x, y), zero = V.Of(0);
            return V.Select(V.Equal(wrong, zero), zero, wrong * size) + Softplus.OfNegative(-size);
        }
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <summary>
        /// The cross-entropy of logits at targets from 0 to 1, element by element: −t · ln p − (1 − t) · ln(1 − p) with
        /// p = sigmoid(x). Exact to rounding for confident logits, and its limit for infinite ones.
        /// </summary>
        public Tensor BinaryCrossEntropy(Tensor target) => new BinaryCrossEntropy().Apply(x, target);
    }
}
