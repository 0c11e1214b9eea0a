using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>−1, 0 or 1 by the sign; NaN stays NaN. The gradient is 0 everywhere.</summary>
public sealed record Sign : UnaryMap
{
    public override string Name => "sign";

    protected override DType Type(Specs x) => Number(x[0].DType);

    protected override double Define(double x) => double.IsNaN(x) ? x : Math.Sign(x);

    public override Grads Gradient(in GradCall g) => Tensor.ZerosLike(g[0]);

    internal override void Run(in Tile t)
    {
        if (t.Type.IsFloat) VectorLoops.Unary(t, new F());
        else ElementLoops.Unary<F>(t);
    }

    private readonly struct F : IUnary, IIntegerUnary
    {
        public V Apply<V>(V x) where V : struct, ILanes<V> => V.Select(V.Less(V.Of(0), x), V.Of(1), V.Select(V.Less(x, V.Of(0)), V.Of(-1), x));

        static T IIntegerUnary.Apply<T>(T x) => T.CreateTruncating(T.Sign(x));
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <inheritdoc cref="Ops.Sign"/>
        public Tensor Sign() => new Sign().Apply(x);
    }
}
