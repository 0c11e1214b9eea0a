using System.Text.Json.Serialization;
using Lamina.Learning.Data;
using Lamina.Learning.Initializers;
using Lamina.Learning.Layers;
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

    /// <summary>Whether each token has a number for each class, which are added up: what suits small data.</summary>
    [JsonRequired]
    public bool HasEvidence { get; init; } = true;

    /// <summary>Length of a vector for each token, whose mean goes through the hidden layers: what large data adds; 0 for none.</summary>
    [JsonRequired]
    public int Width { get; init; }

    /// <summary>Neurons of each hidden layer behind the vectors; none: the classes are linear in their mean.</summary>
    [JsonRequired]
    public IReadOnlyList<int> Hidden { get; init; } = [];

    /// <summary>The share of tokens that are dropped in training, 0 to below 1.</summary>
    [JsonRequired]
    public double TokenDropout { get; init; } = 0.5;

    /// <summary>The share of a mean vector's numbers and of hidden neurons that are dropped in training, 0 to below 1.</summary>
    [JsonRequired]
    public double Dropout { get; init; } = 0.5;
}

/// <summary>
/// A classifier of texts by their words. Each token has evidence for each class, which is added up: a linear model that starts from
/// naive Bayes log-count ratios (Wang and Manning, 2012: "Baselines and bigrams") and is hard to beat on a few thousand texts. Where there are
/// more, the mean of the tokens' vectors and hidden layers add to it (Joulin et al., 2016: "Bag of tricks for efficient text
/// classification"; Iyyer et al., 2015: "Deep unordered composition rivals syntactic methods"). Tokens are dropped in training, so that no
/// word decides alone. Tokens (batch, length), whole numbers with 0 for padding → logits (batch, classes). Padding doesn't count; a text
/// without tokens gets the bias, which training keeps near the classes' shares by texts that lose all of their tokens.
/// </summary>
public sealed partial class TextClassifier : Layer
{
    private const double LostTexts = 0.02;

    private readonly Dropout _dropTokens, _dropTexts = new(LostTexts), _dropFeatures;

    /// <summary>Builds the network.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public TextClassifier(TextClassifierOptions options)
    {
        Check(options);
        Options = options;
        _dropTokens = new(options.TokenDropout);
        _dropFeatures = new(options.Dropout);
        Bias = new(Constant.Zero, [options.Classes]);
        if (options.HasEvidence) Evidence = new Embedding(options.Vocabulary, options.Classes, Constant.Zero);
        if (options.Width == 0) return;
        Embedding = new Embedding(options.Vocabulary, options.Width, new Normal(Deviation: 0.01));
        Hidden = [.. options.Hidden.Select(neurons => new Linear(neurons))];
        Output = new Linear(options.Classes, bias: false);
    }

    /// <summary>Options that the network was built with.</summary>
    public TextClassifierOptions Options { get; }

    /// <summary>The logits of a text without tokens, (classes).</summary>
    public Parameter Bias { get; }

    /// <summary>What each token says for each class, (vocabulary, classes); null where tokens have vectors alone.</summary>
    public Embedding? Evidence { get; }

    /// <summary>A vector for each token, (vocabulary, width); null where tokens have evidence alone.</summary>
    public Embedding? Embedding { get; }

    /// <summary>The hidden layers behind the mean vector.</summary>
    public IReadOnlyList<Linear> Hidden { get; } = [];

    /// <summary>The layer behind them; null where tokens have evidence alone.</summary>
    public Linear? Output { get; }

    /// <summary>
    /// Sets the evidence to naive Bayes log-count ratios, ln((texts of the class with the token + 1) / tokens of the class), less their mean over
    /// the classes, and the bias to the logarithm of the classes' shares: a classifier already, from which training starts.
    /// </summary>
    /// <param name="texts">Tokens (length) with class indices, whole numbers.</param>
    /// <exception cref="TensorException">They are something else.</exception>
    public void StartFromCounts(Dataset texts)
    {
        const int AtOnce = 4_096;
        int classes = Options.Classes;
        var counts = new float[Options.HasEvidence ? checked(Options.Vocabulary * classes) : 0];
        var last = new int[Options.Vocabulary];
        double[] ofClass = new double[classes], tokensOfClass = new double[classes];
        for (int first = 0; first < texts.Count; first += AtOnce)
        {
            Batch part = texts.Take([.. Enumerable.Range(first, Math.Min(AtOnce, texts.Count - first))]);
            int length = part.Input.Shape[1];
            ReadOnlySpan<int> tokens = part.Input.Cast(DType.Int32).Read<int>(), labels = part.Target.Cast(DType.Int32).Read<int>();
            for (int i = 0; i < part.Count; i++)
            {
                ofClass[labels[i]]++;
                foreach (int token in tokens.Slice(i * length, length))
                {
                    if (token == 0 || counts.Length == 0 || last[token] == first + i + 1) continue; // once in a text
                    last[token] = first + i + 1;
                    counts[token * classes + labels[i]]++;
                    tokensOfClass[labels[i]]++;
                }
            }
        }
        Bias.Value = Tensor.From([.. ofClass.Select(n => (float)Math.Log((n + 1) / (texts.Count + classes)))]);
        if (Evidence is null) return;
        double[] all = [.. tokensOfClass.Select(n => Math.Log(n + Options.Vocabulary))];
        for (int token = 0; token < Options.Vocabulary; token++)
        {
            Span<float> row = counts.AsSpan(token * classes, classes);
            double mean = 0;
            for (int c = 0; c < classes; c++) mean += (row[c] = (float)(Math.Log(row[c] + 1) - all[c])) / classes;
            for (int c = 0; c < classes; c++) row[c] = last[token] == 0 ? 0 : (float)(row[c] - mean);
        }
        Evidence.Weight.Value = Tensor.From(counts, [Options.Vocabulary, classes]);
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        if (x.Rank != 2) throw new TensorException($"a TextClassifier takes tokens (batch, length), not {x.Shape}", "Unsqueeze(0) for a single text");
        Tensor present = Tensor.NotEqual(x, Tensor.ZerosLike(x)).Cast(DType.Float32); // (batch, length)
        Tensor count = present.Sum([1], keepDims: true).Maximum(1);
        // A part of the tokens, or none at all.
        Tensor kept = _dropTokens.Forward(present, pass) * _dropTexts.Forward(Tensor.OnesLike(count), pass);
        Tensor logits = Bias.Value;
        // Evidence grows with the length of a text, but not as fast: words of one text are not independent.
        if (Evidence is not null) logits = Sum(kept / count.Sqrt(), Evidence.Forward(x, pass)) + logits;
        if (Embedding is null) return logits;
        Tensor y = _dropFeatures.Forward(Sum(kept / count.Sqrt(), Embedding.Forward(x, pass)), pass);
        foreach (Linear layer in Hidden) y = _dropFeatures.Forward(layer.Forward(y, pass).Relu(), pass);
        return Output!.Forward(y, pass) + logits;
    }

    // (batch, length) weights of (batch, length, width) rows → (batch, width)
    private static Tensor Sum(Tensor weights, Tensor rows) => weights.Unsqueeze(1).MatMul(rows).Squeeze(1);

    /// <inheritdoc/>
    public override string ToString() =>
        $"TextClassifier({Options.Vocabulary} tokens{(Options.Width > 0 ? $"-{Options.Width}" : "")}{string.Concat(Options.Hidden.Select(h => $"-{h}"))}-{Options.Classes})";

    // Options may come from a file.
    private static void Check(TextClassifierOptions o)
    {
        if (o.Classes is < 2 or > 1_000_000) throw new ArgumentOutOfRangeException(nameof(o.Classes), o.Classes,
            "a TextClassifier has 2 to 1,000,000 classes");
        if (o.Vocabulary is < 2 or > 100_000_000) throw new ArgumentOutOfRangeException(nameof(o.Vocabulary), o.Vocabulary,
            "a TextClassifier knows 2 to 100,000,000 tokens");
        if (o.Width is < 0 or > 16_384) throw new ArgumentOutOfRangeException(nameof(o.Width), o.Width, "a vector has 0 to 16,384 numbers");
        if (o.Width == 0 && !o.HasEvidence) throw new ArgumentOutOfRangeException(nameof(o.Width), o.Width, "tokens have evidence, a vector, or both");
        if (o.Hidden.Count > 12 || o.Hidden.Count > 0 && o.Width == 0) throw new ArgumentOutOfRangeException(nameof(o.Hidden), o.Hidden.Count,
            "0 to 12 hidden layers, behind vectors of the tokens");
        foreach (int neurons in o.Hidden)
            if (neurons is < 1 or > 16_384) throw new ArgumentOutOfRangeException(nameof(o.Hidden), neurons, "a hidden layer has 1 to 16,384 neurons");
        if (!(o.TokenDropout is >= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(o.TokenDropout), o.TokenDropout,
            "dropout is a share from 0 to below 1");
        if (!(o.Dropout is >= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(o.Dropout), o.Dropout, "dropout is a share from 0 to below 1");
    }
}
