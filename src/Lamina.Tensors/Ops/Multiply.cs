using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>The product, element by element.</summary>
public sealed record Multiply : BinaryMap
{
    public override string Name => "multiply";

    protected override double Define(double x, double y) => x * y;

    public override Grads Gradient(in GradCall g) => [g.Wants(0) ? g.Fit(0, g.Times(g[1])) : null, g.Wants(1) ? g.Fit(1, g.Times(g[0])) : null];

    internal override EpilogueStep EpilogueStep => EpilogueStep.Multiplies;

    internal override void Run(in Tile t)
    {
        if (t.Type.IsFloat) VectorLoops.Binary(t, new F());
        else ElementLoops.Binary<F>(t);
    }

    private readonly struct F : IBinary, IIntegerBinary
    {
        public V Apply<V>(V x, V y) where V : struct, ILanes<V> => x * y;

        static T IIntegerBinary.Apply<T>(T x, T y) => unchecked(x * y);
    }
}

public static partial class TensorOps
{
    extension(Tensor)
    {
        /// <inheritdoc cref="Multiply"/>
        public static Tensor operator *(Tensor x, Tensor y) => new Multiply().Apply(x, y);

        /// <inheritdoc cref="Multiply"/>
        public static Tensor operator *(Tensor x, Scalar y) => new Multiply().ApplyTo(x, y);

        /// <inheritdoc cref="Multiply"/>
        public static Tensor operator *(Scalar x, Tensor y) => new Multiply().ApplyTo(x, y);
    }
}
