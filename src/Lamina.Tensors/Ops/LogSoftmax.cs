using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Reductions;

namespace Lamina.Tensors.Ops;

/// <summary>x less the logarithm of the sum of e^x, over the last axis: the logarithm of <see cref="Softmax"/>, without its rounding to 0.</summary>
public sealed record LogSoftmax : LastAxisOp
{
    public override string Name => "log_softmax";

    public override Tensors Define(Tensors x)
    {
        Tensor lowered = Lowered(x[0]);
        return lowered - lowered.Exp().Sum([-1], keepDims: true).Log();
    }

    public override Grads Gradient(in GradCall g) =>
        Tracking.IsPaused ? new SoftmaxGradient { Logarithm = true }.Apply(g.Output, g.By) : SoftmaxGradient.Compose(g.Output, g.By, logarithm: true);

    public override void Run(in CpuCall c) => SoftmaxKernel.Run(c, logarithm: true);
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <summary>The logarithm of <see cref="Softmax(Tensor, int)"/> over an axis, without its rounding to 0.</summary>
        public Tensor LogSoftmax(int axis = -1) => new LogSoftmax().ApplyTo(x, axis);
    }
}
