using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>The rectifier max(x, 0) (Nair and Hinton, 2010); the gradient at 0 is 0, and NaN stays NaN.</summary>
public sealed record Relu : UnaryMap
{
    public override string Name => "relu";

    protected override double Define(double x) => double.IsNaN(x) ? x : Math.Max(x, 0);

    public override Grads Gradient(in GradCall g) => new Gate().Apply(g.By, g.Output);

    internal override EpilogueStep EpilogueStep => EpilogueStep.Rectifies;

    internal override void Run(in Tile t) => VectorLoops.Unary(t, new F());

    private readonly struct F : IUnary
    {
        public V Apply<V>(V x) where V : struct, ILanes<V> => V.Max(x, V.Of(0));
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <inheritdoc cref="Ops.Relu"/>
        public Tensor Relu() => new Relu().Apply(x);
    }
}
