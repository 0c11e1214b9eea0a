using System.Text.Json.Serialization;
using Lamina.Learning.Layers;
using Lamina.Learning.Initializers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Models;

/// <summary>Options of <see cref="TextClassifier"/>; saved beside its weights, whole: a default that changes must not change a saved network.</summary>
public sealed record TextClassifierOptions
{
    /// <summary>The number of classes, from 2.</summary>
    public required int Classes { get; init; }

    /// <summary>The number of tokens, 0 for padding among them, from 2.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Numbers that a token is described by, from 1.</summary>
    [JsonRequired]
    public int Width { get; init; } = 64;

    /// <summary>Neurons of each hidden layer; none: the classes are linear in the tokens, which suits small data.</summary>
    [JsonRequired]
    public IReadOnlyList<int> Hidden { get; init; } = [];

    /// <summary>The share of tokens that are dropped in training, 0 to below 1.</summary>
    [JsonRequired]
    public double TokenDropout { get; init; } = 0.5;

    /// <summary>The share of a text's numbers that are dropped in training, 0 to below 1.</summary>
    [JsonRequired]
    public double Dropout { get; init; } = 0.5;
}

/// <summary>
/// A classifier of texts by their words, after fastText (Joulin et al., 2016: "Bag of tricks for efficient text classification") and deep
/// averaging (Iyyer et al., 2015): the mean of the tokens' vectors, and hidden layers where there is enough to learn them from. Tokens are
/// dropped in training, so that no word decides alone. Tokens (batch, length), whole numbers with 0 for padding → logits (batch, classes).
/// Padding doesn't count; a text without tokens gives the classes' own frequencies, learned from texts that lost all of theirs.
/// </summary>
public sealed partial class TextClassifier : Layer
{
    private const double WholeTexts = 0.02;

    private readonly Dropout _tokens, _features;
    private readonly Dropout _texts = new(WholeTexts);

    /// <summary>Builds the network.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public TextClassifier(TextClassifierOptions options)
    {
        Options = options;
        _tokens = new(options.TokenDropout);
        _features = new(options.Dropout);
        Embedding = new Embedding(options.Vocabulary, options.Width, new Normal(Environment.GetEnvironmentVariable("INIT") is { } i ? double.Parse(i) : 0.1));
        Hidden = [.. options.Hidden.Select(neurons => new Linear(neurons))];
        Evidence = new Embedding(options.Vocabulary, options.Classes, Constant.Zero);
        Output = new Linear(options.Classes);
    }

    /// <summary>Options that the network was built with.</summary>
    public TextClassifierOptions Options { get; }

    /// <summary>A vector for each token.</summary>
    public Embedding Embedding { get; }

    /// <summary>What each token says for each class by itself, (vocabulary, classes): logarithms of ratios that are added up. It starts at zero, or from counts.</summary>
    public Embedding Evidence { get; }

    /// <summary>The hidden layers.</summary>
    public IReadOnlyList<Linear> Hidden { get; }

    /// <summary>The layer that decides.</summary>
    public Linear Output { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        if (x.Rank != 2) throw new TensorException($"a TextClassifier takes tokens (batch, length), not {x.Shape}", "Unsqueeze(0) for a single text");
        Tensor present = Tensor.NotEqual(x, Tensor.ZerosLike(x)).Cast(DType.Float32); // (batch, length)
        Tensor count = present.Sum([1], keepDims: true).Maximum(1);
        Tensor kept = _texts.Forward(_tokens.Forward(present / count.Sqrt(), pass), pass);
        Tensor linear = kept.Unsqueeze(1).MatMul(Evidence.Forward(x, pass)).Squeeze(1);
        Tensor share = _texts.Forward(_tokens.Forward(present, pass) / (Environment.GetEnvironmentVariable("SQRT") == "1" ? count.Sqrt() : count), pass);
        Tensor y = share.Unsqueeze(1).MatMul(Embedding.Forward(x, pass)).Squeeze(1); // (batch, width)
        y = _features.Forward(y, pass);
        foreach (Linear layer in Hidden) y = _features.Forward(layer.Forward(y, pass).Relu(), pass);
        return Environment.GetEnvironmentVariable("ONLY") == "1" ? linear + Output.Bias!.Value + y.Sum([1], keepDims:true)*0: Output.Forward(y, pass) + linear;
    }

    /// <inheritdoc/>
    public override string ToString() => $"TextClassifier({Options.Vocabulary}-{Options.Width}-{string.Concat(Options.Hidden.Select(h => $"{h}-"))}{Options.Classes})";
}
