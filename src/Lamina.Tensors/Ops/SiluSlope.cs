using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>The derivative of <see cref="Silu"/>, s · (1 + x · (1 − s)) with s = sigmoid(x): 0 at −∞ and 1 at ∞.</summary>
public sealed record SiluSlope : UnaryMap
{
    public override string Name => "silu_slope";

    protected override double Define(double x)
    {
        double limited = Limited(x), s = 1 / (1 + Math.Exp(-limited));
        return s * (1 + limited / (1 + Math.Exp(limited)));
    }

    public override Grads Gradient(in GradCall g)
    {
        // s · (1 − s) · (2 + x · (1 − 2 s)), and 1 − 2 s = s(−x) − s(x).
        Tensor x = g[0].Clamp(Silu.Least, -Silu.Least), s = x.Sigmoid(), rest = (-x).Sigmoid();
        return g.Times(s * rest * (2 + x * (rest - s)));
    }

    internal override void Run(in Tile t) => VectorLoops.Unary(t, new F());

    private static double Limited(double x) => double.IsNaN(x) ? x : Math.Clamp(x, Silu.Least, -Silu.Least);

    private readonly struct F : IUnary
    {
        public V Apply<V>(V x) where V : struct, ILanes<V>
        {
            // s and 1 − s from the smaller of them, so that neither is rounded in units of 1.
            V limited = V.Clamp(x, V.Of(Silu.Least), V.Of(-Silu.Least)), e = V.Exp(-V.Abs(limited)), large = V.Of(1) / (V.Of(1) + e), small = e * large;
            V below = V.Less(limited, V.Of(0)), s = V.Select(below, small, large), rest = V.Select(below, large, small);
            return s * V.Fma(limited, rest, V.Of(1));
        }
    }
}
