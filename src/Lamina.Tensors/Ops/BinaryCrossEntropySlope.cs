using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// (logits x, targets t) → sigmoid(x) − t, the derivative of <see cref="BinaryCrossEntropy"/>, without cancellation: with w the weight
/// of the wrong side, w − sigmoid(−|x|) for x ≥ 0 and sigmoid(−|x|) − w below.
/// </summary>
public sealed record BinaryCrossEntropySlope : BinaryMap
{
    public override string Name => "binary_cross_entropy_slope";

    protected override DType Type(Specs x) => Float(Same(x));

    protected override double Define(double x, double y)
    {
        double e = Math.Exp(-Math.Abs(x)), small = e / (1 + e);
        return x >= 0 ? 1 - y - small : small - y;
    }

    public override Grads Gradient(in GradCall g) =>
    [
        g.Wants(0) ? g.Fit(0, g.Times(g[0].Sigmoid() * (-g[0]).Sigmoid())) : null,
        g.Wants(1) ? g.Fit(1, -g.By) : null,
    ];

    internal override void Run(in Tile t) => VectorLoops.Binary(t, new F());

    private readonly struct F : IBinary
    {
        public V Apply<V>(V x, V y) where V : struct, ILanes<V>
        {
            V e = V.Exp(-V.Abs(x)), apart = BinaryCrossEntropy.Wrong(x, y) - e / (V.Of(1) + e);
            return V.Select(V.LessOrEqual(V.Of(0), x), apart, -apart);
        }
    }
}
