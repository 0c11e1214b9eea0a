using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>The absolute value; the gradient at 0 is 0.</summary>
public sealed record Abs : UnaryMap
{
    public override string Name => "abs";

    protected override DType Type(Specs x) => Number(x[0].DType);

    protected override double Define(double x) => Math.Abs(x);

    public override Grads Gradient(in GradCall g) => g.Times(g[0].Sign());

    internal override void Run(in Tile t)
    {
        if (t.Type.IsFloat) VectorLoops.Unary(t, new F());
        else ElementLoops.Unary<F>(t);
    }

    private readonly struct F : IUnary, IIntegerUnary
    {
        public V Apply<V>(V x) where V : struct, ILanes<V> => V.Abs(x);

        static T IIntegerUnary.Apply<T>(T x) => T.Abs(x);
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <inheritdoc cref="Ops.Abs"/>
        public Tensor Abs() => new Abs().Apply(x);
    }
}
