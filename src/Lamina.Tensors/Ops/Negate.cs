using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>The value with the other sign.</summary>
public sealed record Negate : UnaryMap
{
    public override string Name => "neg";

    protected override DType Type(Specs x) => Number(x[0].DType);

    protected override double Define(double x) => -x;

    public override Grads Gradient(in GradCall g) => -g.By;

    internal override void Run(in Tile t)
    {
        if (t.Type.IsFloat) VectorLoops.Unary(t, new F());
        else ElementLoops.Unary<F>(t);
    }

    private readonly struct F : IUnary, IIntegerUnary
    {
        public V Apply<V>(V x) where V : struct, ILanes<V> => -x;

        static T IIntegerUnary.Apply<T>(T x) => unchecked(-x);
    }
}

public static partial class TensorOps
{
    extension(Tensor)
    {
        /// <inheritdoc cref="Negate"/>
        public static Tensor operator -(Tensor x) => new Negate().Apply(x);
    }
}
