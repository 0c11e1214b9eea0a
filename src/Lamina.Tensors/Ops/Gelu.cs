using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// The Gaussian error linear unit x · Φ(x) (Hendrycks and Gimpel, 2016): exact, by erf, or by its tanh approximation.
/// </summary>
public sealed record Gelu : UnaryMap
{
    private const double TanhScale = 0.7978845608028654, TanhCube = 0.044715; // √(2/π), from the paper

    public override string Name => "gelu";

    /// <summary>Whether Φ is approximated by tanh, as GPT-2 does; exact otherwise.</summary>
    public bool Approximate { get; init; }

    protected override double Define(double x) => Approximate
        ? 0.5 * x * (1 + Math.Tanh(TanhScale * (x + TanhCube * x * x * x)))
        : 0.5 * x * (1 + D64.Erf(x / Math.Sqrt(2)));

    public override Grads Gradient(in GradCall g)
    {
        Tensor x = g[0];
        if (!Approximate)
        {
            Tensor cumulative = 0.5 * (1 + (x * (1 / Math.Sqrt(2))).Erf()), density = (x * x * -0.5).Exp() * (1 / Math.Sqrt(2 * Math.PI));
            return g.By * (cumulative + x * density);
        }
        Tensor square = x * x, t = (TanhScale * (x + TanhCube * (square * x))).Tanh();
        return g.By * (0.5 * (1 + t) + 0.5 * x * (1 - t * t) * (TanhScale * (1 + 3 * TanhCube * square)));
    }

    internal override void Run(in Tile t)
    {
        if (Approximate) Lanes.Unary(t, new ByTanh());
        else Lanes.Unary(t, new Exact());
    }

    private readonly struct Exact : IUnary
    {
        public V Apply<V>(V x) where V : struct, ILanes<V> => V.Of(0.5) * x * (V.Of(1) + V.Erf(x * V.Of(0.7071067811865476)));
    }

    private readonly struct ByTanh : IUnary
    {
        public V Apply<V>(V x) where V : struct, ILanes<V> =>
            V.Of(0.5) * x * (V.Of(1) + V.Tanh(V.Of(TanhScale) * V.Fma(V.Of(TanhCube) * x * x, x, x)));
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
