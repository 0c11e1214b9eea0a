using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Convolutions;
using Lamina.Tensors.Engines.Cpu.Epilogues;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// The 2-D convolution (cross-correlation, as in all frameworks) of images (batch, height, width, channels) with kernels
/// (kernel height, kernel width, channels in / groups, channels out).
/// </summary>
public sealed record Conv2d : ConvolutionOp, ITakesEpilogue
{
    public override string Name => "conv2d";

    public override Specs Infer(Specs x)
    {
        Check(x, "image", "kernel");
        return x[0] with { Shape = Result(x[0].Shape, x[1].Shape) };
    }

    public override Tensors Define(Tensors x)
    {
        Shape to = Infer(x.Specs)[0].Shape;
        Tensor sum = Tensor.Zeros(to, x[0].DType);
        for (int row = 0; row < x[1].Shape[0]; row++)
            for (int column = 0; column < x[1].Shape[1]; column++)
            {
                Inside inside = InsideOf(x[0].Shape, row, column, to[1], to[2]);
                if (inside.IsEmpty) continue;
                Tensor part = (Seen(x[0], row, column, inside) * Tap(x[1], row, column)).Sum([-2]).Reshape(inside.Of(to[0], to[3]));
                sum = sum + new Unslice { Start = inside.Start, Step = new(1, 1, 1, 1), Shape = to }.Apply(part);
            }
        return sum;
    }

    public override Grads Gradient(in GradCall g)
    {
        if (g.Wants(0) && g.Wants(1) && Tracking.IsPaused)
        {
            Tensors both = Both().ApplyAll([g[0], g[1], g.By]);
            return [both[0], both[1]];
        }
        return [g.Wants(0) ? ByInput(g[0].Shape).Apply(g.By, g[1]) : null, g.Wants(1) ? ByWeight(g[1].Shape).Apply(g[0], g.By) : null];
    }

    public override long MultiplyAdds(Specs x) => Infer(x)[0].Shape.Count * ((long)x[1].Shape[0] * x[1].Shape[1] * x[1].Shape[2]);

    public override void Run(in CpuCall c) => Run(c, null);

    void ITakesEpilogue.Run(in CpuCall c, BlockEpilogue epilogue) => Run(c, epilogue);

    private unsafe void Run(in CpuCall c, BlockEpilogue? epilogue) =>
        Convolution.Forward(c.Pool, c[0].DType, Geometry(c[0].Shape, c[1].Shape), c[0].Data, c[1].Data, c.Output.Data, epilogue);
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <inheritdoc cref="Ops.Conv2d"/>
        /// <param name="weight">(kernel height, kernel width, channels in / groups, channels out).</param>
        /// <param name="stride">Rows and columns from one position of the kernel to the next; (1, 1) by default.</param>
        /// <param name="padding">Rows and columns of zeros put on: top, left, bottom, right.</param>
        /// <param name="dilation">Rows and columns of the image from one element of the kernel to the next; (1, 1) by default.</param>
        /// <param name="groups">Parts that channels are cut into, each convolved by itself.</param>
        public Tensor Conv2d(
            Tensor weight, (int Height, int Width)? stride = null, (int Top, int Left, int Bottom, int Right) padding = default,
            (int Height, int Width)? dilation = null, int groups = 1) => new Conv2d
            {
                StrideHeight = stride?.Height ?? 1, StrideWidth = stride?.Width ?? 1,
                PadTop = padding.Top, PadLeft = padding.Left, PadBottom = padding.Bottom, PadRight = padding.Right,
                DilationHeight = dilation?.Height ?? 1, DilationWidth = dilation?.Width ?? 1, Groups = groups,
            }.Apply(x, weight);
    }
}
