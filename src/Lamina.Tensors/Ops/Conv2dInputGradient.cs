using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Convolutions;
using Lamina.Tensors.Engines.Cpu.Epilogues;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// The gradient of <see cref="Conv2d"/> by the image, from the gradient by its result (batch, height, width, channels out)
/// and the kernel; by itself it is the transposed convolution.
/// </summary>
public sealed record Conv2dInputGradient : ConvolutionOp, ITakesEpilogue
{
    public override string Name => "conv2d_input_gradient";

    /// <summary>The image's height.</summary>
    public required int InputHeight { get; init; }

    /// <summary>The image's width.</summary>
    public required int InputWidth { get; init; }

    public override Specs Infer(Specs x)
    {
        Check(x, "gradient", "kernel");
        Shape by = x[0].Shape, kernel = x[1].Shape;
        Shape image = new(by[0], InputHeight, InputWidth, kernel[2] * Groups), expected = Result(image, kernel);
        if (expected != by) Refuse($"an image {image} and a kernel {kernel} give {expected}, not {by}");
        return x[0] with { Shape = image };
    }

    public override Tensors Define(Tensors x)
    {
        Shape image = Infer(x.Specs)[0].Shape, by = x[0].Shape, padded = Padded(image);
        Tensor sum = Tensor.Zeros(padded, x[0].DType), result = x[0].Reshape(by[0], by[1], by[2], Groups, 1, by[3] / Groups);
        for (int row = 0; row < x[1].Shape[0]; row++)
            for (int column = 0; column < x[1].Shape[1]; column++)
            {
                Tensor part = (result * Tap(x[1], row, column)).Sum([-1]).Reshape(by.With(3, image[3]));
                sum = sum + new Unslice { Start = Corner(row, column), Step = Steps, Shape = padded }.Apply(part);
            }
        return new Slice { Start = new(0, PadTop, PadLeft, 0), Step = new(1, 1, 1, 1), Size = image }.Apply(sum);
    }

    public override Grads Gradient(in GradCall g) =>
    [
        g.Wants(0) ? Forward().Apply(g.By, g[1]) : null,
        g.Wants(1) ? ByWeight(g[1].Shape).Apply(g.By, g[0]) : null,
    ];

    public override long MultiplyAdds(Specs x) => x[0].Shape.Count * ((long)x[1].Shape[0] * x[1].Shape[1] * x[1].Shape[2]);

    public override void Run(in CpuCall c) => Run(c, null);

    void ITakesEpilogue.Run(in CpuCall c, BlockEpilogue epilogue) => Run(c, epilogue);

    private unsafe void Run(in CpuCall c, BlockEpilogue? epilogue) =>
        Convolution.InputGradient(c.Pool, c[0].DType, Geometry(c.Output.Shape, c[1].Shape), c[0].Data, c[1].Data, c.Output.Data, epilogue);
}
