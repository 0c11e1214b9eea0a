using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Attention;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// Attention of queries (batch, queries, heads, width) to keys (batch, keys, heads, width) and values (batch, keys, heads,
/// width of a value) → (batch, queries, heads, width of a value). A fourth operand, a float mask that broadcasts to
/// (batch, heads, queries, keys), is added to the scores.
/// </summary>
public sealed record ScaledDotProductAttention : AttentionOp
{
    public override string Name => "scaled_dot_product_attention";

    public override Specs Infer(Specs x)
    {
        if (x.Count is < 3 or > 4) Refuse($"takes 3 operands, or 4 with a mask, not {x.Count}");
        Check(x[0], x[1], x[2], x.Count > 3 ? x[3] : null);
        return x[0] with { Shape = x[0].Shape.With(-1, x[2].Shape[^1]) };
    }

    public override Tensors Define(Tensors x) => Attend(x[0], x[1], x[2], x.Count > 3 ? x[3] : null);

    public override Grads Gradient(in GradCall g)
    {
        Tensor? mask = g.Inputs.Count > 3 ? g[3] : null;
        if (!Tracking.IsPaused || mask is not null && g.Wants(3)) return Grads.Create(Gradients(g[0], g[1], g[2], g.By, mask));
        Tensors all = new ScaledDotProductAttentionGradient { Causal = Causal, Scale = Scale }.ApplyAll(mask is null ? [g[0], g[1], g[2], g.By]
            : [g[0], g[1], g[2], g.By, mask]);
        return mask is null ? [all[0], all[1], all[2]] : [all[0], all[1], all[2], null];
    }

    public override long MultiplyAdds(Specs x) => Products(x[0].Shape, x[1].Shape, x[2].Shape[^1], Causal);

    public override void Run(in CpuCall c) => AttentionKernel.Forward(Call(c[0], c[1], c[2], c.Inputs[3..]), c.Output, c.Pool);
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <summary>
        /// Scaled dot-product attention (Vaswani et al., 2017) of these queries (batch, queries, heads, width) to keys (batch,
        /// keys, heads, width) and values (batch, keys, heads, width of a value). What is hidden from a query, by false or −∞ in the mask or as a step
        /// to come, has no influence, whatever it holds; a query that sees no key gives zeros.
        /// </summary>
        /// <param name="keys">What queries are compared with.</param>
        /// <param name="values">What is averaged.</param>
        /// <param name="mask">Broadcasts to (batch, heads, queries, keys): bool, true where a query sees a key, or a float that is added to scores.</param>
        /// <param name="causal">Whether a step sees only itself and the steps before it.</param>
        /// <param name="scale">What query · key is multiplied by; one by the root of their width where it is null.</param>
        public Tensor ScaledDotProductAttention(Tensor keys, Tensor values, Tensor? mask = null, bool causal = false, double? scale = null)
        {
            var op = new ScaledDotProductAttention { Causal = causal, Scale = scale };
            return mask is null ? op.Apply(x, keys, values) : op.Apply(x, keys, values, AttentionOp.Added(mask, x.DType));
        }
    }
}
