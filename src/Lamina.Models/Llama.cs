using Lamina.Learning.Initializers;
using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Models;

/// <summary>Options of <see cref="Llama"/>; saved beside its weights.</summary>
public sealed record LlamaOptions
{
    /// <summary>Size of the vocabulary, from 2.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>The most steps that it looks back on.</summary>
    public int Context { get; init; } = 128;

    /// <summary>Number of blocks.</summary>
    public int Layers { get; init; } = 4;

    /// <summary>Heads of attention in each block.</summary>
    public int Heads { get; init; } = 4;

    /// <summary>Heads of keys and values in each block, a divisor of the heads.</summary>
    public int KeyValueHeads { get; init; } = 4;

    /// <summary>Features of each step; an even multiple of the heads.</summary>
    public int Width { get; init; } = 128;

    /// <summary>Values between the two linear layers of a block's dense part.</summary>
    public int Hidden { get; init; } = 344;

    /// <summary>A step sees itself and so many steps before it, less one (a sliding window, as in Mistral); null: the whole context.</summary>
    public int? Window { get; init; }

    /// <summary>The base of the rotary embedding.</summary>
    public double RotaryBase { get; init; } = 10_000;

    /// <summary>Whether the head's weights are those of the token vectors.</summary>
    public bool Tied { get; init; }

    /// <summary>The share of values that are dropped before they are added to the residual sum in training, 0 to below 1.</summary>
    public double Dropout { get; init; }
}

/// <summary>
/// A language model that foretells the next token at each step from the steps before (Touvron et al., 2023: "LLaMA: open and efficient
/// foundation language models"): blocks of causal attention with rotary positions and grouped heads, and gated dense layers, each behind an RMS
/// norm and around a residual connection. Tokens (batch, steps), whole numbers → logits (batch, steps, vocabulary).
/// </summary>
public sealed partial class Llama : Layer, ILanguageModel
{
    /// <summary>Builds the network.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public Llama(LlamaOptions options)
    {
        Check(options);
        Options = options;
        var initializer = new Normal(Deviation: LlamaBlock.Deviation);
        Tokens = new Embedding(options.Vocabulary, options.Width, initializer);
        Dropout = new Dropout(options.Dropout);
        Blocks = [.. Enumerable.Range(0, options.Layers).Select(_ => new LlamaBlock(options))];
        Norm = new RmsNorm(features: options.Width);
        if (!options.Tied) Head = new Linear(options.Width, options.Vocabulary, bias: false, initializer);
    }

    /// <summary>Options that the network was built with.</summary>
    public LlamaOptions Options { get; }

    /// <summary>A vector for each token.</summary>
    public Embedding Tokens { get; }

    /// <summary>Drops values of the tokens' vectors in training.</summary>
    public Dropout Dropout { get; }

    /// <summary>The blocks, from the tokens up.</summary>
    public IReadOnlyList<LlamaBlock> Blocks { get; }

    /// <summary>The last norm.</summary>
    public RmsNorm Norm { get; }

    /// <summary>To a logit for each token; null where the tokens' vectors do it.</summary>
    public Linear? Head { get; }

    int ILanguageModel.Vocabulary => Options.Vocabulary;

    int? ILanguageModel.Context => Options.Context;

    /// <inheritdoc/>
    public TokenMemory CreateMemory(int batch = 1) => new KeyValueMemory(this, batch);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        if (x.Rank != 2) throw new TensorException($"a Llama takes tokens (batch, steps), not {x.Shape}", "Unsqueeze(0) for a single sequence");
        if (x.Shape[1] > Options.Context) throw new TensorException($"{x.Shape[1]} steps are more than the context of {Options.Context}",
            "the last steps alone, or a Llama with a longer context");
        Tensor y = Dropout.Forward(Tokens.Forward(x, pass), pass);
        foreach (LlamaBlock block in Blocks) y = block.Forward(y, pass);
        y = Norm.Forward(y, pass);
        return Head is null ? Tokens.Logits(y) : Head.Forward(y, pass);
    }

    /// <summary>The logits of the token after this one, (batch, vocabulary), from tokens (batch, 1) and the cached keys and values.</summary>
    internal Tensor Next(Tensor tokens, KeyValueMemory memory)
    {
        Tensor position = memory.Position.Value, place = memory.Place(position), seen = memory.Seen(position), y = Tokens.Forward(tokens);
        for (int i = 0; i < Blocks.Count; i++) y = Blocks[i].Next(y, memory.Blocks[i], position, place, seen);
        y = Norm.Forward(y);
        return (Head is null ? Tokens.Logits(y) : Head.Forward(y)).Squeeze(1);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"Llama({Options.Layers} × {Options.Width}, {Options.Heads} heads, context {Options.Context}, {Options.Vocabulary} tokens)";

    // Options may come from a file.
    private static void Check(LlamaOptions o)
    {
        if (o.Vocabulary is < 2 or > 10_000_000) throw new ArgumentOutOfRangeException(nameof(o.Vocabulary), o.Vocabulary,
            "a Llama knows 2 to 10,000,000 tokens");
        if (o.Context is < 1 or > 1_000_000) throw new ArgumentOutOfRangeException(nameof(o.Context), o.Context, "the context is 1 to 1,000,000 steps");
        if (o.Layers is < 1 or > 1_000) throw new ArgumentOutOfRangeException(nameof(o.Layers), o.Layers, "a Llama has 1 to 1,000 blocks");
        if (o.Heads is < 1 or > 1_024) throw new ArgumentOutOfRangeException(nameof(o.Heads), o.Heads, "a block has 1 to 1,024 heads");
        if (o.KeyValueHeads < 1 || o.Heads % o.KeyValueHeads != 0) throw new ArgumentOutOfRangeException(nameof(o.KeyValueHeads), o.KeyValueHeads,
            $"the heads of keys and values divide the {o.Heads} heads");
        if (o.Width is < 1 or > 65_536 || o.Width % (2 * o.Heads) != 0) throw new ArgumentOutOfRangeException(nameof(o.Width), o.Width,
            $"the width is 1 to 65,536 and an even multiple of the {o.Heads} heads");
        if (o.Hidden is < 1 or > 1_048_576) throw new ArgumentOutOfRangeException(nameof(o.Hidden), o.Hidden, "a dense part has 1 to 1,048,576 hidden values");
        if (o.Window is < 1) throw new ArgumentOutOfRangeException(nameof(o.Window), o.Window, "a window is 1 step or more");
        if (!(o.Dropout is >= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(o.Dropout), o.Dropout, "dropout is a share from 0 to below 1");
    }
}

/// <summary>A block: x + attention(norm(x)), then x + gated dense layers(norm(x)). (batch, steps, width) → the same shape.</summary>
public sealed partial class LlamaBlock : Layer
{
    /// <summary>The deviation of first weights.</summary>
    internal const double Deviation = 0.02;

    /// <summary>A block of a network of these options.</summary>
    public LlamaBlock(LlamaOptions options)
    {
        Options = options;
        // What goes into the residual sum starts smaller, so that its size doesn't grow with depth (Radford et al., 2019).
        Normal initializer = new(Deviation: Deviation), residual = new(Deviation: Deviation / Math.Sqrt(2 * options.Layers));
        AttentionNorm = new RmsNorm(features: options.Width);
        Attention = new MultiHeadAttention(options.Width, options.Heads, causal: true, bias: false, initializer, residual, options.KeyValueHeads,
            options.Window, rotary: new RotaryEmbedding(options.RotaryBase));
        DenseNorm = new RmsNorm(features: options.Width);
        Dense = new SwiGlu(options.Width, options.Hidden, bias: false, initializer, residual);
        Dropout = new Dropout(options.Dropout);
    }

    /// <summary>The options of the network that it belongs to.</summary>
    public LlamaOptions Options { get; }

    /// <summary>The norm before attention.</summary>
    public RmsNorm AttentionNorm { get; }

    /// <summary>Each step reads the steps before it.</summary>
    public MultiHeadAttention Attention { get; }

    /// <summary>The norm before the dense layers.</summary>
    public RmsNorm DenseNorm { get; }

    /// <summary>The dense layers.</summary>
    public SwiGlu Dense { get; }

    /// <summary>Drops values of what is added in training.</summary>
    public Dropout Dropout { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        x = x + Dropout.Forward(Attention.Forward(AttentionNorm.Forward(x, pass), pass), pass);
        return x + Dropout.Forward(Dense.Forward(DenseNorm.Forward(x, pass), pass), pass);
    }

    /// <summary>One more step, (batch, 1, width), from what the block remembers of the steps before.</summary>
    internal Tensor Next(Tensor x, Variable memory, Tensor position, Tensor place, Tensor seen)
    {
        x = x + Attention.Next(AttentionNorm.Forward(x), memory, position, place, seen);
        return x + Dense.Forward(DenseNorm.Forward(x));
    }

    /// <inheritdoc/>
    public override string ToString() => "LlamaBlock";
}
