using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>The sum.</summary>
public sealed record Add : BinaryMap
{
    public override string Name => "add";

    protected override double Define(double x, double y) => x + y;

    public override Grads Gradient(in GradCall g) => [g.Fit(0, g.By), g.Fit(1, g.By)];

    internal override EpilogueStep EpilogueStep => EpilogueStep.Adds;

    internal override void Run(in Tile t)
    {
        if (t.Type.IsFloat) VectorLoops.Binary(t, new F());
        else ElementLoops.Binary<F>(t);
    }

    private readonly struct F : IBinary, IIntegerBinary
    {
        public V Apply<V>(V x, V y) where V : struct, ILanes<V> => x + y;

        static T IIntegerBinary.Apply<T>(T x, T y) => unchecked(x + y);
    }
}

public static partial class TensorOps
{
    extension(Tensor)
    {
        /// <inheritdoc cref="Add"/>
        public static Tensor operator +(Tensor x, Tensor y) => new Add().Apply(x, y);

        /// <inheritdoc cref="Add"/>
        public static Tensor operator +(Tensor x, Scalar y) => new Add().ApplyTo(x, y);

        /// <inheritdoc cref="Add"/>
        public static Tensor operator +(Scalar x, Tensor y) => new Add().ApplyTo(x, y);
    }
}
