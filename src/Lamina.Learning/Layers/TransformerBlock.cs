using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Layers;

/// <summary>
/// A block of an encoder or decoder (Vaswani et al., 2017), each part behind a norm and around a residual connection (pre-norm: Xiong et al.,
/// 2020): attention within the sequence, then, in a decoder's block, attention to another sequence, then two dense layers with gelu between.
/// (batch, steps, features) → the same shape.
/// </summary>
public sealed partial class TransformerBlock : Layer
{
    private readonly double _dropout;

    /// <summary>A block.</summary>
    /// <param name="features">Values in and out, for each step.</param>
    /// <param name="heads">Heads of attention, which share the features evenly.</param>
    /// <param name="hidden">Values between the two dense layers.</param>
    /// <param name="causal">Whether a step sees only itself and the steps before it.</param>
    /// <param name="cross">Whether it attends to another sequence too: a decoder's block.</param>
    /// <param name="dropout">The share of values that are dropped before they are added to the residual sum in training.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public TransformerBlock(int features, int heads, int hidden, bool causal = false, bool cross = false, double dropout = 0)
    {
        Causal = causal;
        Attention = new MultiHeadAttention(features, heads, causal);
        AttentionNorm = new LayerNorm(features: features);
        if (cross)
        {
            Other = new MultiHeadAttention(features, heads);
            OtherNorm = new LayerNorm(features: features);
        }
        DenseNorm = new LayerNorm(features: features);
        Expand = new Linear(features, hidden);
        Contract = new Linear(hidden, features);
        _dropout = Expect.Between(0, 1, dropout);
        Dropout = new Dropout(dropout);
    }

    private int Features => Attention.Features;

    private int Heads => Attention.Heads;

    private int Hidden => Expand.Outputs;

    private bool Causal { get; }

    private bool Cross => Other is not null;

    /// <summary>The norm before attention within the sequence.</summary>
    public LayerNorm AttentionNorm { get; }

    /// <summary>Attention within the sequence.</summary>
    public MultiHeadAttention Attention { get; }

    /// <summary>The norm before attention to the other sequence; null in an encoder's block.</summary>
    public LayerNorm? OtherNorm { get; }

    /// <summary>Attention to the other sequence; null in an encoder's block.</summary>
    public MultiHeadAttention? Other { get; }

    /// <summary>The norm before the dense layers.</summary>
    public LayerNorm DenseNorm { get; }

    /// <summary>To the hidden values.</summary>
    public Linear Expand { get; }

    /// <summary>And back.</summary>
    public Linear Contract { get; }

    /// <summary>Drops values of what is added in training.</summary>
    public Dropout Dropout { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => Run(x, null, null, null, pass);

    /// <summary>The block's result, with masks and another sequence.</summary>
    /// <param name="x">The sequences, (batch, steps, features).</param>
    /// <param name="mask">Which steps each step sees, as <see cref="MultiHeadAttention.Attend"/> takes it; null: all that it may.</param>
    /// <param name="other">The sequences that a decoder's block attends to, (batch, other steps, features); null in an encoder's.</param>
    /// <param name="otherMask">Which of their steps are seen; null: all.</param>
    /// <param name="pass">How the pass is meant.</param>
    /// <exception cref="TensorException">The inputs don't fit, or a decoder's block has no other sequence.</exception>
    public Tensor Run(Tensor x, Tensor? mask, Tensor? other, Tensor? otherMask, Pass pass)
    {
        x = x + Dropout.Forward(Attention.Attend(AttentionNorm.Forward(x, pass), mask, pass), pass);
        if (Other is not null)
        {
            if (other is null) throw new TensorException($"{this} attends to another sequence, and there is none", "Run with the encoder's result");
            x = x + Dropout.Forward(Other.AttendTo(OtherNorm!.Forward(x, pass), other, otherMask, pass), pass);
        }
        return x + Dropout.Forward(Contract.Forward(Expand.Forward(DenseNorm.Forward(x, pass), pass).Gelu(), pass), pass);
    }

    /// <summary>One more step of a causal decoder's block, (batch, 1, features), from keys and values that are known.</summary>
    /// <param name="x">The step.</param>
    /// <param name="memory">As in <see cref="MultiHeadAttention.Next"/>.</param>
    /// <param name="position">The step's position, an int64 scalar, which is its place in the memory.</param>
    /// <param name="seen">Which places have been written: bool, (places).</param>
    /// <param name="keys">The other sequence's keys, by <see cref="MultiHeadAttention.KeysAndValues"/>.</param>
    /// <param name="values">Its values.</param>
    /// <param name="otherMask">Which of its steps are seen; null: all.</param>
    public Tensor Next(Tensor x, Variable memory, Tensor position, Tensor seen, Tensor keys, Tensor values, Tensor? otherMask)
    {
        x = x + Attention.Next(AttentionNorm.Forward(x), memory, position, position, seen);
        x = x + Other!.AttendTo(OtherNorm!.Forward(x), keys, values, otherMask);
        return x + Contract.Forward(Expand.Forward(DenseNorm.Forward(x)).Gelu());
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"TransformerBlock({Features}, {Heads} heads, {Hidden} hidden{(Causal ? ", causal" : "")}{(Cross ? ", cross" : "")}{(_dropout > 0 ? $", dropout {_dropout}" : "")})";
}
