using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Attention;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// (x, dy, mask or nothing) → the gradient of <see cref="SelfAttention"/> by the projection, those of queries, keys and values
/// side by side. Where a second gradient may be taken, that op uses tensor ops instead.
/// </summary>
public sealed record SelfAttentionGradient : SelfAttentionOp
{
    public override string Name => "self_attention_gradient";

    public override bool IsDifferentiable => false;

    public override Specs Infer(Specs x)
    {
        if (x.Count is < 2 or > 3) Refuse($"takes 2 operands, or 3 with a mask, not {x.Count}");
        Spec result = Check(x[0], x.Count > 2 ? x[2] : null);
        if (x[1] != result) Refuse($"dy is {x[1]}; with x {x[0]} it must be {result}");
        return x[0];
    }

    public override Tensors Define(Tensors x) => Compose(x[0], x[1], x.Count > 2 ? x[2] : null)[0];

    // Four products where the forward pass has two; scores that are computed again don't count.
    public override long MultiplyAdds(Specs x) => 2 * Products(x[0].Shape);

    public override void Run(in CpuCall c) =>
        AttentionKernel.Backward(Call(c[0], c.Inputs[2..]), Part(c[1], 0, 1), Part(c.Output, 0, 3), Part(c.Output, 1, 3), Part(c.Output, 2, 3), c.Pool);
}
