using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Attention;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// (queries, keys, values, dy, mask or nothing) → the gradients of <see cref="ScaledDotProductAttention"/> by queries, keys
/// and values. Where a second gradient may be taken, that op uses tensor ops instead.
/// </summary>
public sealed record ScaledDotProductAttentionGradient : AttentionOp
{
    public override string Name => "scaled_dot_product_attention_gradient";

    public override bool IsDifferentiable => false;

    public override Specs Infer(Specs x)
    {
        if (x.Count is < 4 or > 5) Refuse($"takes 4 operands, or 5 with a mask, not {x.Count}");
        Check(x[0], x[1], x[2], x.Count > 4 ? x[4] : null);
        Spec result = x[0] with { Shape = x[0].Shape.With(-1, x[2].Shape[^1]) };
        if (x[3] != result) Refuse($"dy is {x[3]}; with queries {x[0]} and values {x[2]} it must be {result}");
        return [x[0], x[1], x[2]];
    }

    public override Tensors Define(Tensors x) => Tensors.Create(Gradients(x[0], x[1], x[2], x[3], x.Count > 4 ? x[4] : null).AsSpan(0, 3));

    // Four products where the forward pass has two; scores that are computed again don't count.
    public override long MultiplyAdds(Specs x) => 2 * Products(x[0].Shape, x[1].Shape, x[2].Shape[^1], Causal);

    public override void Run(in CpuCall c) =>
        AttentionKernel.Backward(Call(c[0], c[1], c[2], c.Inputs[4..]), c[3], c.Outputs[0], c.Outputs[1], c.Outputs[2], c.Pool);
}
