using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// The values in another type. Floats become integers by dropping the fraction, saturating, NaN becoming 0; anything
/// but 0 becomes true. float16 and bfloat16 round to the nearest, ties to even.
/// </summary>
public sealed record Cast : Map
{
    public override string Name => "cast";

    /// <summary>The new type.</summary>
    public required DType To { get; init; }

    protected override int Arity => 1;

    public override bool IsDifferentiable => To.IsFloat;

    protected override DType Type(Specs x) => To;

    protected override double Define(double x, double y, double z) => x;

    public override Grads Gradient(in GradCall g) => g[0].DType.IsFloat ? g.By.Cast(g[0].DType) : null;

    internal override unsafe void Run(in Tile t) => Conversion.Run(t.A, t.Type, t.Result, t.ResultType, t.Count);
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <inheritdoc cref="Ops.Cast"/>
        public Tensor Cast(DType to) => x.DType == to ? x : new Cast { To = to }.Apply(x);
    }
}
