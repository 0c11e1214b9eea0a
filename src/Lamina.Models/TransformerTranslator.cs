using Lamina.Learning.Initializers;
using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Models;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>Options of <see cref="TransformerTranslator"/>; saved beside its weights.</summary>
public sealed record TranslatorOptions
{
    /// <summary>Number of tokens that both languages share, 0 for padding among them; from 3.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Blocks of the encoder.</summary>
    public int EncoderLayers { get; init; } = 3;

    /// <summary>Blocks of the decoder.</summary>
    public int DecoderLayers { get; init; } = 3;

    /// <summary>Heads of attention in each block.</summary>
    public int Heads { get; init; } = 4;

    /// <summary>Features of each step; a multiple of the heads.</summary>
    public int Width { get; init; } = 192;

    /// <summary>Values between the dense layers of a block.</summary>
    public int Hidden { get; init; } = 512;

    /// <summary>The share of values that are dropped in training, 0 to below 1.</summary>
    public double Dropout { get; init; } = 0.1;
}

/// <summary>
/// Translates: an encoder reads a sentence, a decoder writes another, each step from the steps before it and from all of the sentence (Vaswani et al.,
/// 2017: "Attention is all you need"). One table of vectors serves both languages and the head (Press and Wolf, 2017). Tokens of the source and of the
/// target so far, whole numbers (batch, steps) and (batch, target steps), 0 where there is padding → logits (batch, target steps, vocabulary).
/// </summary>
public sealed partial class TransformerTranslator : Network
{
    private static readonly string[] s_inputs = ["source", "target"], s_outputs = ["logits"];

    /// <summary>Builds the network.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public TransformerTranslator(TranslatorOptions options)
    {
        Check(options);
        Options = options;
        TransformerBlock Block(bool isDecoder) =>
            new(options.Width, options.Heads, options.Hidden, causal: isDecoder, cross: isDecoder, dropout: options.Dropout);
        Tokens = new Embedding(options.Vocabulary, options.Width, new Normal(Deviation: 1 / Math.Sqrt(options.Width)));
        Positions = new SinusoidalPositions();
        Dropout = new Dropout(options.Dropout);
        Encoder = [.. Enumerable.Range(0, options.EncoderLayers).Select(_ => Block(false))];
        EncoderNorm = new LayerNorm(features: options.Width);
        Decoder = [.. Enumerable.Range(0, options.DecoderLayers).Select(_ => Block(true))];
        DecoderNorm = new LayerNorm(features: options.Width);
    }

    /// <summary>Options that the network was built with.</summary>
    public TranslatorOptions Options { get; }

    /// <summary>A vector for each token, of the source, of the target and of the head.</summary>
    public Embedding Tokens { get; }

    /// <summary>Says where a step stands.</summary>
    public SinusoidalPositions Positions { get; }

    /// <summary>Drops values of the tokens' vectors in training.</summary>
    public Dropout Dropout { get; }

    /// <summary>The blocks that read.</summary>
    public IReadOnlyList<TransformerBlock> Encoder { get; }

    /// <summary>The encoder's last norm.</summary>
    public LayerNorm EncoderNorm { get; }

    /// <summary>The blocks that write.</summary>
    public IReadOnlyList<TransformerBlock> Decoder { get; }

    /// <summary>The decoder's last norm.</summary>
    public LayerNorm DecoderNorm { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> InputNames => s_inputs;

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => s_outputs;

    /// <inheritdoc/>
    protected override Tensors Compute(Tensors inputs, Pass pass)
    {
        (Tensor source, Tensor target) = (inputs[0], inputs[1]);
        if (source.Rank != 2 || target.Rank != 2 || source.Shape[0] != target.Shape[0])
            throw new TensorException($"a TransformerTranslator takes tokens (batch, steps) and (batch, target steps), not {source.Shape} and {target.Shape}");
        Tensor mask = MultiHeadAttention.Padding(source), read = Encode(source, mask, pass), y = Embedded(target, pass);
        foreach (TransformerBlock block in Decoder) y = block.Run(y, null, read, mask, pass);
        return Tokens.Logits(DecoderNorm.Forward(y, pass));
    }

    /// <summary>What the encoder makes of a sentence: (batch, steps) → (batch, steps, width).</summary>
    internal Tensor Encode(Tensor source, Tensor mask, Pass pass)
    {
        Tensor x = Embedded(source, pass);
        foreach (TransformerBlock block in Encoder) x = block.Run(x, mask, null, null, pass);
        return EncoderNorm.Forward(x, pass);
    }

    /// <summary>The logits of the token after this one, (batch, vocabulary), from tokens (batch, 1) and what is known.</summary>
    internal Tensor Next(Tensor tokens, TranslatorMemory memory)
    {
        Tensor position = memory.Position.Value, seen = memory.Seen(position);
        Tensor y = Positions.At(Tokens.Forward(tokens) * Math.Sqrt(Options.Width), position);
        for (int i = 0; i < Decoder.Count; i++)
            y = Decoder[i].Next(y, memory.Blocks[i], position, seen, memory.Keys[i].Value, memory.Values[i].Value, memory.Mask.Value);
        return Tokens.Logits(DecoderNorm.Forward(y)).Squeeze(1);
    }

    private Tensor Embedded(Tensor tokens, Pass pass) =>
        Dropout.Forward(Positions.Forward(Tokens.Forward(tokens, pass) * Math.Sqrt(Options.Width), pass), pass);

    /// <inheritdoc/>
    public override string ToString() =>
        $"TransformerTranslator({Options.EncoderLayers} + {Options.DecoderLayers} × {Options.Width}, {Options.Heads} heads, {Options.Vocabulary} tokens)";

    // Options may come from a file.
    private static void Check(TranslatorOptions o)
    {
        if (o.Vocabulary is < 3 or > 10_000_000) throw new ArgumentOutOfRangeException(nameof(o.Vocabulary), o.Vocabulary,
            "a translator knows 3 to 10,000,000 tokens");
        if (o.EncoderLayers is < 1 or > 1_000)
            throw new ArgumentOutOfRangeException(nameof(o.EncoderLayers), o.EncoderLayers, "an encoder has 1 to 1,000 blocks");
        if (o.DecoderLayers is < 1 or > 1_000)
            throw new ArgumentOutOfRangeException(nameof(o.DecoderLayers), o.DecoderLayers, "a decoder has 1 to 1,000 blocks");
        if (o.Heads is < 1 or > 1_024) throw new ArgumentOutOfRangeException(nameof(o.Heads), o.Heads, "a block has 1 to 1,024 heads");
        if (o.Width is < 2 or > 65_536 || o.Width % o.Heads != 0) throw new ArgumentOutOfRangeException(nameof(o.Width), o.Width,
            $"the width is 2 to 65,536 and a multiple of the {o.Heads} heads");
        if (o.Hidden is < 1 or > 1_048_576) throw new ArgumentOutOfRangeException(nameof(o.Hidden), o.Hidden, "a block has 1 to 1,048,576 hidden values");
        if (!(o.Dropout is >= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(o.Dropout), o.Dropout, "dropout is a share from 0 to below 1");
    }
}
