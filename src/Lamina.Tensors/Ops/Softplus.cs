using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>ln(1 + eˣ), a smooth rectifier, computed without overflow as max(x, 0) + ln(1 + e⁻|x|).</summary>
public sealed record Softplus : UnaryMap
{
    public override string Name => "softplus";

    // ln(1 + e) is e where 1 + e rounds to 1 or nearly so: the rounding is taken out again (Kahan, 1982).
    protected override double Define(double x)
    {
        double e = Math.Exp(-Math.Abs(x)), one = 1 + e;
        return Math.Max(x, 0) + (one == 1 ? e : Math.Log(one) * (e / (one - 1)));
    }

    public override Grads Gradient(in GradCall g) => g.Times(g[0].Sigmoid());

    internal override void Run(in Tile t) => VectorLoops.Unary(t, new F());

    private readonly struct F : IUnary
    {
        public V Apply<V>(V x) where V : struct, ILanes<V> => V.Max(x, V.Of(0)) + OfNegative(-V.Abs(x));
    }

    /// <summary>ln(1 + eˣ) for x ≤ 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V OfNegative<V>(V x) where V : struct, ILanes<V>
    {
        V e = V.Exp(x), one = V.Of(1) + e, rest = one - V.Of(1);
        return V.Select(V.Equal(rest, V.Of(0)), e, V.Log(one) * (e / rest));
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <inheritdoc cref="Ops.Softplus"/>
        public Tensor Softplus() => new Softplus().Apply(x);
    }
}
