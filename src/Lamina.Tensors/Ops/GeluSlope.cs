using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// The derivative of <see cref="Gelu"/>, Φ(x) + x · φ(x) or that of the approximation. It doesn't need the gradient that
/// comes from above, so a plan computes it beside <see cref="Gelu"/>, while x is in the cache.
/// </summary>
public sealed record GeluSlope : UnaryMap
{
    public override string Name => "gelu_slope";

    /// <inheritdoc cref="Gelu.Approximate"/>
    public bool Approximate { get; init; }

    protected override double Define(double x)
    {
        if (Math.Abs(x) > Gelu.Range) return x > 0 ? 1 : 0;
        if (!Approximate) return 0.5 * (1 + D64.Erf(x / Math.Sqrt(2))) + x * Math.Exp(-0.5 * x * x) / Math.Sqrt(2 * Math.PI);
        double t = Math.Tanh(Gelu.TanhScale * (x + Gelu.TanhCube * x * x * x));
        return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * (Gelu.TanhScale * (1 + 3 * Gelu.TanhCube * x * x));
    }

    public override Grads Gradient(in GradCall g)
    {
        // Where the exponential is 0, x may be so large that its square is infinite.
        Tensor x = g[0].Clamp(-Gelu.Range, Gelu.Range), square = x * x;
        if (!Approximate) return g.Times((square * -0.5).Exp() * (1 / Math.Sqrt(2 * Math.PI)) * (2 - square));
        // With u = the argument of tanh: (1 − t²) · (u′ + x · (½ u″ − t · u′²)).
        Tensor t = (Gelu.TanhScale * (x + Gelu.TanhCube * (square * x))).Tanh(), first = Gelu.TanhScale * (1 + 3 * Gelu.TanhCube * square);
        return g.Times((1 - t * t) * (first + x * (3 * Gelu.TanhScale * Gelu.TanhCube * x - t * (first * first))));
    }

    internal override void Run(in Tile t)
    {
        if (Approximate) VectorLoops.Unary(t, new ByTanh());
        else VectorLoops.Unary(t, new Exact());
    }

    private readonly struct Exact : IUnary
    {
        public V Apply<V>(V x) where V : struct, ILanes<V> => Of(x, Gelu.Cumulative(x));
    }

    /// <summary>Φ(x) + x · φ(x), where x · 0 is 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V Of<V>(V x, V cumulative) where V : struct, ILanes<V>
    {
        x = V.Clamp(x, V.Of(-Gelu.Range), V.Of(Gelu.Range));
        return V.Fma(x * V.Of(0.3989422804014327), Bell(x), cumulative); // 1 / √(2π)
    }

    /// <summary>e^(-x² / 2); in float32 by the power of two, whose error grows with x as the result falls.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Bell<V>(V x) where V : struct, ILanes<V> =>
        V.Size == sizeof(float) ? FloatMath.PowerOfTwo(V.Of(-0.72134752044448170) * x * x) : V.Exp(V.Of(-0.5) * x * x);

    private readonly struct ByTanh : IUnary
    {
        public V Apply<V>(V x) where V : struct, ILanes<V>
        {
            x = V.Clamp(x, V.Of(-Gelu.Range), V.Of(Gelu.Range));
            V square = x * x, t = V.Tanh(V.Of(Gelu.TanhScale) * V.Fma(V.Of(Gelu.TanhCube) * square, x, x)), half = V.Of(0.5);
            V first = V.Of(Gelu.TanhScale) * V.Fma(V.Of(3 * Gelu.TanhCube), square, V.Of(1));
            return V.Fma(half * x * (V.Of(1) - t * t), first, V.Fma(half, t, half));
        }
    }
}

/// <summary>
/// <see cref="Gelu"/> and <see cref="GeluSlope"/> of one operand, which share most of their work, in one kernel; with the bits that they have
/// alone.
/// </summary>
internal sealed class GeluWithSlope : ITileOp
{
    public string Name => "gelu gelu_slope";

    public bool TakesScalar(int operand, DType type) => false;

    public void Run(in Tile t)
    {
        if (t.Type == DType.Float64) { Both<D64>(t); return; }
        switch (Tiers.Current)
        {
            case Tier.Vector512: Both<F512>(t); break;
            case Tier.Vector256: Both<F256>(t); break;
            default: Both<F128>(t); break;
        }
    }

    [MethodImpl(Jit.Kernel)]
    private static unsafe void Both<V>(in Tile t) where V : struct, ILanes<V>
    {
        byte* x = (byte*)t.A, y = (byte*)t.Results[0], slope = (byte*)t.Results[1];
        for (int left = t.Count, bytes = V.Count * V.Size; left > 0; left -= V.Count, x += bytes, y += bytes, slope += bytes)
        {
            V v = Lanes.Load<V>(x, left), cumulative, gelu;
            if (V.Size == sizeof(float)) gelu = FloatMath.Gelu(v, out cumulative);
            else gelu = Gelu.Times(v, cumulative = Gelu.Cumulative(v));
            Lanes.Store(gelu, y, left);
            Lanes.Store(GeluSlope.Of(v, cumulative), slope, left);
        }
    }
}
