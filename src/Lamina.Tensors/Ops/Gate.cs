using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>x where y is above 0, and 0 elsewhere: the gradient of a rectifier.</summary>
public sealed record Gate : BinaryMap
{
    public override string Name => "gate";

    protected override DType Type(Specs x) => Float(Same(x));

    protected override double Define(double x, double y) => y > 0 ? x : 0;

    public override Grads Gradient(in GradCall g) => [g.Fit(0, new Gate().Apply(g.By, g[1])), null];

    internal override void Run(in Tile t) => VectorLoops.Binary(t, new F());

    private readonly struct F : IBinary
    {
        public V Apply<V>(V x, V y) where V : struct, ILanes<V> => V.Select(V.Less(V.Of(0), y), x, V.Of(0));
    }
}
