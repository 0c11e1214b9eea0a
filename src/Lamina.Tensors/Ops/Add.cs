using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>The sum.</summary>
public sealed record Add : BinaryMap
{
    public override string Name => "add";

    protected override double Define(double x, double y) => x + y;

    public override Grads Gradient(in GradCall g) => [g.Fit(0, g.By), g.Fit(1, g.By)];

    internal override Touch Touch => Touch.Adds;

    internal override void Run(in Tile t)
    {
        if (t.Type.IsFloat) Lanes.Binary(t, new F());
        else Wholes.Binary<F>(t);
    }

    private readonly struct F : IBinary, IWholeBinary
    {
        public V Apply<V>(V x, V y) where V : struct, ILanes<V> => x + y;

        static T IWholeBinary.Apply<T>(T x, T y) => unchecked(x + y);
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
