using Lamina.Learning.Initializers;
using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Models;

/// <summary>Options of <see cref="Gpt"/>; saved beside its weights.</summary>
public sealed record GptOptions
{
    /// <summary>Size of the vocabulary, from 2.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>The most steps that it looks back on.</summary>
    public int Context { get; init; } = 128;

    /// <summary>Number of blocks.</summary>
    public int Layers { get; init; } = 4;

    /// <summary>Heads of attention in each block.</summary>
    public int Heads { get; init; } = 4;

    /// <summary>Features of each step; a multiple of the heads.</summary>
    public int Width { get; init; } = 128;

    /// <summary>The share of values that are dropped before they are added to the residual sum in training, 0 to below 1.</summary>
    public double Dropout { get; init; }

    /// <summary>Whether the head's weights are those of the token vectors (Press and Wolf, 2017).</summary>
    public bool Tied { get; init; }
}

/// <summary>
/// A language model that foretells the next token at each step from the steps before (Radford et al., 2018 and 2019:
/// "Language models are unsupervised multitask learners"): a transformer of causal attention and dense layers, each behind
/// a norm and around a residual connection. Tokens (batch, steps), whole numbers → logits (batch, steps, vocabulary).
/// </summary>
public sealed partial class Gpt : Layer, ILanguageModel
{
    /// <summary>Builds the network.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public Gpt(GptOptions options)
    {
        Check(options);
        Options = options;
        var initializer = new Normal(Deviation: GptBlock.Deviation);
        Tokens = new Embedding(options.Vocabulary, options.Width, initializer);
        Positions = new Parameter(initializer, [options.Context, options.Width]);
        Blocks = [.. Enumerable.Range(0, options.Layers).Select(_ => new GptBlock(options))];
        Norm = new LayerNorm(features: options.Width);
        if (!options.Tied) Head = new Linear(options.Width, options.Vocabulary, bias: false, initializer);
        Dropout = new Dropout(options.Dropout);
    }

    /// <summary>Options that the network was built with.</summary>
    public GptOptions Options { get; }

    /// <summary>A vector for each token.</summary>
    public Embedding Tokens { get; }

    /// <summary>A vector for each position, (context, width), that is added to the token's.</summary>
    public Parameter Positions { get; }

    /// <summary>The blocks, from the tokens up.</summary>
    public IReadOnlyList<GptBlock> Blocks { get; }

    /// <summary>The last norm.</summary>
    public LayerNorm Norm { get; }

    /// <summary>To a logit for each token; null where the tokens' vectors do it.</summary>
    public Linear? Head { get; }

    /// <summary>Drops values of the tokens' vectors in training.</summary>
    public Dropout Dropout { get; }

    int ILanguageModel.Vocabulary => Options.Vocabulary;

    int? ILanguageModel.Context => Options.Context;

    /// <inheritdoc/>
    public TokenMemory CreateMemory(int batch = 1) => new KeyValueMemory(this, batch);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        if (x.Rank != 2) throw new TensorException($"a Gpt takes tokens (batch, steps), not {x.Shape}", "Unsqueeze(0) for a single sequence");
        int steps = x.Shape[1];
        if (steps > Options.Context) throw new TensorException($"{steps} steps are more than the context of {Options.Context}",
            "the last steps alone, or a Gpt with a longer context");
        Tensor y = Dropout.Forward(Tokens.Forward(x, pass) + Positions.Value.Narrow(0, 0, steps), pass);
        foreach (GptBlock block in Blocks) y = block.Forward(y, pass);
        y = Norm.Forward(y, pass);
        return Head is null ? Tokens.Logits(y) : Head.Forward(y, pass);
    }

    /// <summary>The logits of the token after this one, (batch, vocabulary), from tokens (batch, 1) and the cached keys and values.</summary>
    internal Tensor Next(Tensor tokens, KeyValueMemory memory)
    {
        Tensor position = memory.Position.Value, seen = memory.Seen(position), y = Tokens.Forward(tokens) + Positions.Value.Rows(position);
        for (int i = 0; i < Blocks.Count; i++) y = Blocks[i].Next(y, memory.Blocks[i], position, seen);
        y = Norm.Forward(y);
        return (Head is null ? Tokens.Logits(y) : Head.Forward(y)).Squeeze(1);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"Gpt({Options.Layers} × {Options.Width}, {Options.Heads} heads, context {Options.Context}, {Options.Vocabulary} tokens)";

    // Options may come from a file.
    private static void Check(GptOptions o)
    {
        if (o.Vocabulary is < 2 or > 10_000_000) throw new ArgumentOutOfRangeException(nameof(o.Vocabulary), o.Vocabulary,
            "a Gpt knows 2 to 10,000,000 tokens");
        if (o.Context is < 1 or > 1_000_000) throw new ArgumentOutOfRangeException(nameof(o.Context), o.Context, "the context is 1 to 1,000,000 steps");
        if (o.Layers is < 1 or > 1_000) throw new ArgumentOutOfRangeException(nameof(o.Layers), o.Layers, "a Gpt has 1 to 1,000 blocks");
        if (o.Heads is < 1 or > 1_024) throw new ArgumentOutOfRangeException(nameof(o.Heads), o.Heads, "a block has 1 to 1,024 heads");
        if (!(o.Dropout is >= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(o.Dropout), o.Dropout, "dropout is a share from 0 to below 1");
        if (o.Width is < 1 or > 65_536 || o.Width % o.Heads != 0) throw new ArgumentOutOfRangeException(nameof(o.Width), o.Width,
            $"the width is 1 to 65,536 and a multiple of the {o.Heads} heads");
    }
}

/// <summary>A block: x + attention(norm(x)), then x + dense(norm(x)). (batch, steps, width) → the same shape.</summary>
public sealed partial class GptBlock : Layer
{
    /// <summary>The deviation of first weights in GPT-2.</summary>
    internal const double Deviation = 0.02;

    /// <summary>A block of a network of these options.</summary>
    public GptBlock(GptOptions options)
    {
        Options = options;
        // What goes into the residual sum starts smaller, so that its size doesn't grow with depth (Radford et al., 2019).
        Normal initializer = new(Deviation: Deviation), residual = new(Deviation: Deviation / Math.Sqrt(2 * options.Layers));
        Attention = new MultiHeadAttention(options.Width, options.Heads, causal: true, initializer: initializer, outputInitializer: residual);
        AttentionNorm = new LayerNorm(features: options.Width);
        DenseNorm = new LayerNorm(features: options.Width);
        Expand = new Linear(options.Width, 4 * options.Width, initializer: initializer);
        Contract = new Linear(4 * options.Width, options.Width, initializer: residual);
        Dropout = new Dropout(options.Dropout);
    }

    /// <summary>The options of the network that it belongs to.</summary>
    public GptOptions Options { get; }

    /// <summary>The norm before attention.</summary>
    public LayerNorm AttentionNorm { get; }

    /// <summary>Keys and values of earlier steps, as a step reads them.</summary>
    public MultiHeadAttention Attention { get; }

    /// <summary>The norm before the dense layers.</summary>
    public LayerNorm DenseNorm { get; }

    /// <summary>To four times the width.</summary>
    public Linear Expand { get; }

    /// <summary>And back.</summary>
    public Linear Contract { get; }

    /// <summary>Drops values of what is added in training.</summary>
    public Dropout Dropout { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        x = x + Dropout.Forward(Attention.Forward(AttentionNorm.Forward(x, pass), pass), pass);
        return x + Dropout.Forward(Contract.Forward(Expand.Forward(DenseNorm.Forward(x, pass), pass).Gelu(), pass), pass);
    }

    /// <summary>One more step, (batch, 1, width), from what the block remembers of the steps before.</summary>
    internal Tensor Next(Tensor x, Variable memory, Tensor position, Tensor seen)
    {
        x = x + Attention.Next(AttentionNorm.Forward(x), memory, position, position, seen);
        return x + Contract.Forward(Expand.Forward(DenseNorm.Forward(x)).Gelu());
    }

    /// <inheritdoc/>
    public override string ToString() => "GptBlock";
}
