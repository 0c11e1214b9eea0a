using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Models;

/// <summary>Options of <see cref="RecurrentLanguageModel"/>; saved beside its weights.</summary>
public sealed record RecurrentLanguageModelOptions
{
    /// <summary>Size of the vocabulary, from 2.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Which recurrent layers it is made of.</summary>
    public RecurrentCell Cell { get; init; } = RecurrentCell.Lstm;

    /// <summary>Number of recurrent layers.</summary>
    public int Layers { get; init; } = 2;

    /// <summary>Values of a token's vector and of each layer's state.</summary>
    public int Width { get; init; } = 256;

    /// <summary>The share of values that are dropped between the layers in training, 0 to below 1.</summary>
    public double Dropout { get; init; }
}

/// <summary>
/// A language model with a memory: it reads a text token by token and keeps what matters in the states of recurrent layers (Mikolov et al.,
/// 2010: "Recurrent neural network based language model"; with LSTM: Sundermeyer, Schlüter and Ney, 2012). Tokens (batch, steps), whole numbers →
/// logits (batch, steps, vocabulary). The text may be of any length.
/// </summary>
public sealed partial class RecurrentLanguageModel : Layer, ILanguageModel
{
    /// <summary>Builds the network.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public RecurrentLanguageModel(RecurrentLanguageModelOptions options)
    {
        Check(options);
        Options = options;
        Tokens = new Embedding(options.Vocabulary, options.Width);
        Layers = new RecurrentStack(options.Cell, options.Width, options.Layers, dropout: options.Dropout);
        Dropout = new Dropout(options.Dropout);
        Head = new Linear(options.Width, options.Vocabulary);
    }

    /// <summary>Options that the network was built with.</summary>
    public RecurrentLanguageModelOptions Options { get; }

    /// <summary>A vector for each token.</summary>
    public Embedding Tokens { get; }

    /// <summary>The recurrent layers.</summary>
    public RecurrentStack Layers { get; }

    /// <summary>Drops values of the last layer in training.</summary>
    public Dropout Dropout { get; }

    /// <summary>To a logit for each token.</summary>
    public Linear Head { get; }

    int ILanguageModel.Vocabulary => Options.Vocabulary;

    int? ILanguageModel.Context => null;

    /// <inheritdoc/>
    public TokenMemory CreateMemory(int batch = 1) => new RecurrentMemory(this, batch);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        if (x.Rank != 2) throw new TensorException($"a RecurrentLanguageModel takes tokens (batch, steps), not {x.Shape}",
            "Unsqueeze(0) for a single sequence");
        return Head.Forward(Dropout.Forward(Layers.Forward(Tokens.Forward(x, pass), pass), pass), pass);
    }

    /// <summary>The logits of the token after this one, (batch, vocabulary), from tokens (batch, 1) and the state before it; and the state after it.</summary>
    internal (Tensor Logits, RecurrentState State) Next(Tensor tokens, RecurrentState state)
    {
        RecurrentResult result = Layers.Run(Tokens.Forward(tokens), state: state);
        return (Head.Forward(result.Last), result.State);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"RecurrentLanguageModel({Options.Layers} × {Options.Width}, {Options.Cell}, {Options.Vocabulary} tokens)";

    // Options may come from a file.
    private static void Check(RecurrentLanguageModelOptions o)
    {
        if (o.Vocabulary is < 2 or > 10_000_000) throw new ArgumentOutOfRangeException(nameof(o.Vocabulary), o.Vocabulary, "it knows 2 to 10,000,000 tokens");
        if (o.Layers is < 1 or > 1_000) throw new ArgumentOutOfRangeException(nameof(o.Layers), o.Layers, "it has 1 to 1,000 recurrent layers");
        if (o.Width is < 1 or > 65_536) throw new ArgumentOutOfRangeException(nameof(o.Width), o.Width, "the width is 1 to 65,536");
        if (!(o.Dropout is >= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(o.Dropout), o.Dropout, "dropout is a share from 0 to below 1");
    }
}
