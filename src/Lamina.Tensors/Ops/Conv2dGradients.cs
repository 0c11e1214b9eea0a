using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Convolutions;
using Lamina.Tensors.Engines.Cpu.Epilogues;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// (x, w, dy) → (dx, dw): both gradients of <see cref="Conv2d"/>, which its kernel finds in one walk over dy. Where a second
/// gradient may be taken, <see cref="Conv2d"/> uses <see cref="Conv2dInputGradient"/> and <see cref="Conv2dWeightGradient"/>.
/// </summary>
public sealed record Conv2dGradients : ConvolutionOp, ITakesEpilogue
{
    public override string Name => "conv2d_gradients";

    public override bool IsDifferentiable => false;

    public override Specs Infer(Specs x)
    {
        RequireOperands(x, 3);
        Check([x[0], x[1]], "image", "kernel");
        Shape expected = Result(x[0].Shape, x[1].Shape);
        if (x[2] != x[0] with { Shape = expected }) Refuse($"an image {x[0]} and a kernel {x[1]} give {expected}, not {x[2]}");
        return [x[0], x[1]];
    }

    public override Tensors Define(Tensors x) => [ByInput(x[0].Shape).Define([x[2], x[1]])[0], ByWeight(x[1].Shape).Define([x[0], x[2]])[0]];

    public override long MultiplyAdds(Specs x) => ByInput(x[0].Shape).MultiplyAdds([x[2], x[1]]) + ByWeight(x[1].Shape).MultiplyAdds([x[0], x[2]]);

    public override void Run(in CpuCall c) => Run(c, null);

    void ITakesEpilogue.Run(in CpuCall c, BlockEpilogue epilogue) => Run(c, epilogue);

    private unsafe void Run(in CpuCall c, BlockEpilogue? epilogue) => Convolution.Gradients(
        c.Pool, c[0].DType, Geometry(c[0].Shape, c[1].Shape), c[0].Data, c[1].Data, c[2].Data, c.Outputs[0].Data, c.Outputs[1].Data, epilogue);
}
