using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Convolutions;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// The gradient of <see cref="Conv2d"/> by the kernel, from the image and the gradient by the result, both
/// (batch, height, width, channels).
/// </summary>
public sealed record Conv2dWeightGradient : ConvolutionOp
{
    public override string Name => "conv2d_weight_gradient";

    /// <summary>The kernel's height.</summary>
    public required int KernelHeight { get; init; }

    /// <summary>The kernel's width.</summary>
    public required int KernelWidth { get; init; }

    public override Specs Infer(Specs x)
    {
        Check(x, "image", "gradient");
        Shape image = x[0].Shape, by = x[1].Shape, kernel = new(KernelHeight, KernelWidth, image[3] / Groups, by[3]);
        Shape expected = Result(image, kernel);
        if (expected != by) Refuse($"an image {image} and a kernel {kernel} give {expected}, not {by}");
        return x[0] with { Shape = kernel };
    }

    public override Tensors Define(Tensors x)
    {
        Shape kernel = Infer(x.Specs)[0].Shape, by = x[1].Shape;
        var taps = new Tensor[KernelHeight * KernelWidth];
        for (int i = 0; i < taps.Length; i++)
        {
            // (groups, channels in of a group, channels out of a group), put back as the kernel has them
            Inside inside = InsideOf(x[0].Shape, i / KernelWidth, i % KernelWidth, by[1], by[2]);
            if (inside.IsEmpty)
            {
                taps[i] = Tensor.Zeros([kernel[2], kernel[3]], x[0].DType);
                continue;
            }
            Tensor part = new Slice { Start = inside.Start, Step = new(1, 1, 1, 1), Size = inside.Of(by[0], by[3]) }.Apply(x[1]);
            Tensor result = part.Reshape(by[0], inside.Rows, inside.Columns, Groups, 1, by[3] / Groups);
            Tensor tap = (Seen(x[0], i / KernelWidth, i % KernelWidth, inside) * result).Sum([0, 1, 2]);
            taps[i] = tap.Transpose(1, 0, 2).Reshape(kernel[2], kernel[3]);
        }
        return Tensor.Stack(taps).Reshape(kernel);
    }

    public override Grads Gradient(in GradCall g) =>
    [
        g.Wants(0) ? ByInput(g[0].Shape).Apply(g[1], g.By) : null,
        g.Wants(1) ? Forward().Apply(g[0], g.By) : null,
    ];

    public override long MultiplyAdds(Specs x) => x[1].Shape.Count * ((long)KernelHeight * KernelWidth * (x[0].Shape[3] / Groups));

    public override unsafe void Run(in CpuCall c) =>
        Convolution.WeightGradient(c.Pool, c[0].DType, Geometry(c[0].Shape, c.Output.Shape), c[0].Data, c[1].Data, c.Output.Data);
}
