using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>x to the power y, with the special cases of IEEE 754’s pow.</summary>
public sealed record Power : BinaryMap
{
    public override string Name => "power";

    protected override DType Type(Specs x) => Float(Same(x));

    protected override double Define(double x, double y) => Math.Pow(x, y);

    public override Grads Gradient(in GradCall g)
    {
        Tensor x = g[0], y = g[1];
        // 0 · x^(y−1) is 0 also where x is 0. 0^y is flat in y where y ≥ 0, as if ln 0 were 0; below 0 there is no derivative by y, only NaN.
        Tensor? byBase = g.Wants(0) ? g.Fit(0, g.Times(y.Times(new Power().Apply(x, y - 1)))) : null;
        Tensor? byExponent = null;
        if (g.Wants(1))
        {
            Tensor one = Tensor.OnesLike(x), safe = Tensor.Where(Tensor.Equal(x, Tensor.ZerosLike(x)), Tensor.Where(y >= 0, one, x), x);
            byExponent = g.Fit(1, g.Times(g.Output * safe.Log()));
        }
        return [byBase, byExponent];
    }

    internal override void Run(in Tile t) => VectorLoops.Binary(t, new F());

    private readonly struct F : IBinary
    {
        public V Apply<V>(V x, V y) where V : struct, ILanes<V> => V.Pow(x, y);
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <inheritdoc cref="Power"/>
        public Tensor Pow(Tensor y) => new Power().Apply(x, y);

        /// <inheritdoc cref="Power"/>
        public Tensor Pow(Scalar y) => new Power().ApplyTo(x, y);
    }
}
