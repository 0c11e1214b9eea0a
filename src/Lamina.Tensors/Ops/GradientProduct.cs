using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// (gradient, slope) → gradient · slope, or the quotient of the two, and 0 where the gradient is 0, whatever the slope is: the chain
/// rule. A result that nothing depends on gives its operands a gradient of zero, also where the op's own derivative is infinite or NaN,
/// such as that of √x at 0; in IEEE arithmetic 0 · ∞ would be NaN, and spread from a branch that <c>Where</c> didn't choose.
/// </summary>
public sealed record GradientProduct : BinaryMap
{
    public override string Name => Divides ? "gradient_quotient" : "gradient_product";

    /// <summary>Whether the second operand is one by the slope.</summary>
    public bool Divides { get; init; }

    protected override DType Type(Specs x) => Float(Same(x));

    protected override double Define(double x, double y) => x == 0 ? 0 : Divides ? x / y : x * y;

    public override Grads Gradient(in GradCall g) =>
    [
        g.Wants(0) ? g.Fit(0, Apply(g.By, g[1])) : null,
        !g.Wants(1) ? null : g.Fit(1, Divides ? -g.Times(g.Output).Over(g[1]) : g.Times(g[0])),
    ];

    internal override void Run(in Tile t)
    {
        if (Divides) VectorLoops.Binary(t, new Quotient());
        else VectorLoops.Binary(t, new Product());
    }

    private readonly struct Product : IBinary
    {
        public V Apply<V>(V x, V y) where V : struct, ILanes<V> => V.Select(V.Equal(x, V.Of(0)), V.Of(0), x * y);
    }

    private readonly struct Quotient : IBinary
    {
        public V Apply<V>(V x, V y) where V : struct, ILanes<V> => V.Select(V.Equal(x, V.Of(0)), V.Of(0), x / y);
    }
}

public static partial class TensorOps
{
    extension(in GradCall g)
    {
        /// <summary>The gradient by the only result times the op's own derivative; 0 where the gradient is 0.</summary>
        internal Tensor Times(Tensor slope) => g.By.Times(slope);

        /// <summary>The gradient by the only result divided by one by the op's own derivative; 0 where the gradient is 0.</summary>
        internal Tensor Over(Tensor divisor) => g.By.Over(divisor);
    }

    extension(Tensor gradient)
    {
        /// <summary>gradient · slope, and 0 where the gradient is 0.</summary>
        internal Tensor Times(Tensor slope) => new GradientProduct().Apply(gradient, slope);

        /// <summary>gradient / divisor, and 0 where the gradient is 0.</summary>
        internal Tensor Over(Tensor divisor) => new GradientProduct { Divides = true }.Apply(gradient, divisor);
    }
}
