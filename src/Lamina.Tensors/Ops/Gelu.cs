using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// The Gaussian error linear unit x · Φ(x) (Hendrycks and Gimpel, 2016): exact, by erf, or by its tanh approximation.
/// </summary>
public sealed record Gelu : UnaryMap
{
    internal const double TanhScale = 0.7978845608028654, TanhCube = 0.044715; // √(2/π), from the paper

    // Beyond, in every type, Φ is 0 or 1, and x · 0 is to be 0 where x is infinite.
    internal const double Range = 100;

    public override string Name => "gelu";

    /// <summary>Whether Φ is approximated by tanh, as GPT-2 does; exact otherwise.</summary>
    public bool Approximate { get; init; }

    protected override double Define(double x) => x < -Range ? 0 : Approximate
        ? 0.5 * x * (1 + Math.Tanh(TanhScale * (x + TanhCube * x * x * x)))
        : 0.5 * x * (1 + D64.Erf(x / Math.Sqrt(2)));

    public override Grads Gradient(in GradCall g) => g.Times(new GeluSlope { Approximate = Approximate }.Apply(g[0]));

    internal override ITileOp? With(ITileOp other) => !Approximate && other is GeluSlope { Approximate: false } ? new GeluWithSlope() : null;

    internal override void Run(in Tile t)
    {
        if (Approximate) VectorLoops.Unary(t, new ByTanh());
        else VectorLoops.Unary(t, new Exact());
    }

    /// <summary>Φ, the standard normal distribution.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V Cumulative<V>(V x) where V : struct, ILanes<V> =>
        V.Size == sizeof(float) ? FloatMath.NormalDistribution(x) : V.Of(0.5) * (V.Of(1) + V.Erf(x * V.Of(0.7071067811865476)));

    /// <summary>x · Φ(x), 0 at −∞.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V Times<V>(V x, V cumulative) where V : struct, ILanes<V> => V.Greater(V.Of(-Range), x) * cumulative;

    private readonly struct Exact : IUnary
    {
        public V Apply<V>(V x) where V : struct, ILanes<V> =>
            V.Size == sizeof(float) ? FloatMath.Gelu(x) : Times(x, Cumulative(x));
    }

    private readonly struct ByTanh : IUnary
    {
        public V Apply<V>(V x) where V : struct, ILanes<V> =>
            Times(V.Of(0.5) * x, V.Of(1) + V.Tanh(V.Of(TanhScale) * V.Fma(V.Of(TanhCube) * x * x, x, x)));
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <inheritdoc cref="Ops.Gelu"/>
        public Tensor Gelu(bool approximate = false) => new Gelu { Approximate = approximate }.Apply(x);
    }
}
