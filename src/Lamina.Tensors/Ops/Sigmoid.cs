using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>The logistic function 1 / (1 + e⁻ˣ), from 0 to 1.</summary>
public sealed record Sigmoid : UnaryMap
{
    public override string Name => "sigmoid";

    protected override double Define(double x) => 1 / (1 + Math.Exp(-x));

    public override Grads Gradient(in GradCall g) => g.Times(g.Output * (1 - g.Output));

    internal override void Run(in Tile t) => VectorLoops.Unary(t, new F());

    private readonly struct F : IUnary
    {
        public V Apply<V>(V x) where V : struct, ILanes<V> => V.Sigmoid(x);
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <inheritdoc cref="Ops.Sigmoid"/>
        public Tensor Sigmoid() => new Sigmoid().Apply(x);
    }
}
