using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Attention;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// The base of attention within a sequence and its gradient: queries, keys and values come side by side from one
/// projection (batch, steps, 3 · features), each of them heads · width features, and are read where they lie.
/// </summary>
public abstract record SelfAttentionOp : AttentionOp
{
    /// <summary>Number of attention heads, each with its share of the features.</summary>
    public required int Heads { get; init; }

    /// <summary>The shape of the result; refuses a projection that can't be cut into so many heads.</summary>
    private protected Spec Check(Spec x, Spec? mask)
    {
        if (x.Shape.Rank != 3) Refuse($"x {x.Shape} is not (batch, steps, 3 · features)", "one Linear for queries, keys and values together");
        if (Heads < 1) Refuse($"{Heads} heads: there must be one or more");
        if (x.Shape[2] % (3 * Heads) != 0) Refuse($"x {x.Shape} has {x.Shape[2]} features, which are not queries, keys and values of {Heads} heads each",
            $"a multiple of {3 * Heads}");
        int features = x.Shape[2] / 3;
        Spec part = x with { Shape = [x.Shape[0], x.Shape[1], Heads, features / Heads] };
        Check(part, part, part, mask);
        return x with { Shape = x.Shape.With(-1, features) };
    }

    /// <summary>Multiply-adds of the two products of attention over a projection.</summary>
    private protected long Products(Shape projection)
    {
        Shape part = [projection[0], projection[1], Heads, projection[2] / 3 / Heads];
        return Products(part, part, part[3], Causal);
    }

    /// <summary>Queries (0), keys (1) or values (2) of a packed projection, or (of 1) of a result, by head.</summary>
    private protected unsafe View Part(in View x, int part, int of)
    {
        int features = x.Shape[2] / of, width = features / Heads, step = x.Strides[2];
        return new((byte*)x.Data + (nint)part * features * step * x.DType.Size, x.DType, [x.Shape[0], x.Shape[1], Heads, width],
            new(x.Strides[0], x.Strides[1], width * step, step));
    }

    private protected AttentionCall Call(in View x, ReadOnlySpan<View> mask) => Call(Part(x, 0, 3), Part(x, 1, 3), Part(x, 2, 3), mask);

    private protected Tensor Part(Tensor x, int part)
    {
        int features = x.Shape[2] / 3;
        return ByHeads(x.Narrow(-1, part * features, features));
    }

    private protected Tensor ByHeads(Tensor x) => x.Reshape(new Shape(x.Shape[0], x.Shape[1], Heads, x.Shape[2] / Heads));

    private protected static Tensor Flat(Tensor x) => x.Reshape(new Shape(x.Shape[0], x.Shape[1], x.Shape[2] * x.Shape[3]));

    /// <summary>The gradients of the projection and, where there is one, of the mask.</summary>
    private protected Tensor[] Compose(Tensor x, Tensor by, Tensor? mask)
    {
        Tensor[] all = Gradients(Part(x, 0), Part(x, 1), Part(x, 2), ByHeads(by), mask);
        return [Tensor.Concat([Flat(all[0]), Flat(all[1]), Flat(all[2])], -1), .. all[3..]];
    }
}

/// <summary>
/// Attention of the steps of a sequence to one another: a projection (batch, steps, 3 · features), queries, keys and values
/// side by side → (batch, steps, features), the heads side by side. A second operand, a float mask that broadcasts to (batch,
/// heads, steps, steps), is added to the scores. It is <see cref="ScaledDotProductAttention"/> without the copies that cutting
/// up the projection, and putting its gradient together, would take.
/// </summary>
public sealed record SelfAttention : SelfAttentionOp
{
    public override string Name => "self_attention";

    public override Specs Infer(Specs x)
    {
        if (x.Count is < 1 or > 2) Refuse($"takes 1 operand, or 2 with a mask, not {x.Count}");
        return Check(x[0], x.Count > 1 ? x[1] : null);
    }

    public override Tensors Define(Tensors x) => Flat(Attend(Part(x[0], 0), Part(x[0], 1), Part(x[0], 2), x.Count > 1 ? x[1] : null));

    public override Grads Gradient(in GradCall g)
    {
        Tensor? mask = g.Inputs.Count > 1 ? g[1] : null;
        if (!Tracking.IsPaused || mask is not null && g.Wants(1)) return Grads.Create(Compose(g[0], g.By, mask));
        Tensor dx = new SelfAttentionGradient { Heads = Heads, Causal = Causal, Scale = Scale }.Apply(mask is null ? [g[0], g.By] : [g[0], g.By, mask]);
        return mask is null ? dx : [dx, null];
    }

    public override long MultiplyAdds(Specs x) => Products(x[0].Shape);

    public override void Run(in CpuCall c) => AttentionKernel.Forward(Call(c[0], c.Inputs[1..]), Part(c.Output, 0, 1), c.Pool);
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <summary>
        /// Attention of the steps of a sequence to one another (Vaswani et al., 2017), from queries, keys and values side by side,
        /// (batch, steps, 3 · features) → (batch, steps, features).
        /// </summary>
        /// <param name="heads">How many times it is done, each with its share of the features.</param>
        /// <param name="mask">Broadcasts to (batch, heads, steps, steps): bool, true where a step sees another, or a float that is added to scores.</param>
        /// <param name="causal">Whether a step sees only itself and the steps before it.</param>
        /// <param name="scale">What query · key is multiplied by; one by the root of a head's width where it is null.</param>
        public Tensor SelfAttention(int heads, Tensor? mask = null, bool causal = false, double? scale = null)
        {
            var op = new SelfAttention { Heads = heads, Causal = causal, Scale = scale };
            return mask is null ? op.Apply(x) : op.Apply(x, AttentionOp.Added(mask, x.DType));
        }
    }
}
