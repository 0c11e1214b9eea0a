using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Reductions;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>The base of <see cref="Softmax"/> and <see cref="LogSoftmax"/>, which work on the last axis.</summary>
public abstract record LastAxisOp : Op
{
    public sealed override Specs Infer(Specs x)
    {
        RequireOperands(x, 1);
        if (x[0].Shape.Rank == 0) Refuse("a scalar has no axis");
        if (!x[0].DType.IsFloat) Refuse($"takes float32 or float64, not {x[0].DType.Text}", "Cast(DType.Float32) first");
        return x[0];
    }

    /// <summary>The operand less the maximum of its row, which changes no result.</summary>
    private protected static Tensor Lowered(Tensor x) => x.Shape[^1] == 0 ? x : x - x.Max([-1], keepDims: true);

    /// <summary>Applies the op to any axis, by exchanging it with the last.</summary>
    internal Tensor ApplyTo(Tensor x, int axis)
    {
        axis = x.Rank == 0 ? 0 : x.Shape.Axis(axis, Name);
        if (axis >= x.Rank - 1) return Apply(x);
        Span<int> order = stackalloc int[x.Rank];
        for (int i = 0; i < order.Length; i++) order[i] = i;
        (order[axis], order[^1]) = (order[^1], order[axis]);
        var exchange = new Transpose { Axes = new(order) };
        return exchange.Apply(Apply(exchange.Apply(x)));
    }
}

/// <summary>e^x divided by its sum, over the last axis: numbers that can be read as probabilities (Bridle, 1990).</summary>
public sealed record Softmax : LastAxisOp
{
    public override string Name => "softmax";

    public override Tensors Define(Tensors x)
    {
        Tensor e = Lowered(x[0]).Exp();
        return e / e.Sum([-1], keepDims: true);
    }

    public override Grads Gradient(in GradCall g) =>
        Tracking.IsPaused ? new SoftmaxGradient().Apply(g.Output, g.By) : SoftmaxGradient.Compose(g.Output, g.By, logarithm: false);

    public override void Run(in CpuCall c) => SoftmaxKernel.Run(c, logarithm: false);
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <summary>e^x divided by its sum over an axis: numbers that can be read as probabilities (Bridle, 1990).</summary>
        public Tensor Softmax(int axis = -1) => new Softmax().ApplyTo(x, axis);
    }
}
