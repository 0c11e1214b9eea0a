using System.Text.Json.Serialization;
using Lamina.Learning.Initializers;
using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Tensors;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Models;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>Options of <see cref="SequenceTagger"/>; saved beside its weights, whole: a default that changes must not change a saved
/// network.</summary>
public sealed record SequenceTaggerOptions
{
    /// <summary>The number of labels, from 2.</summary>
    public required int Labels { get; init; }

    /// <summary>The number of numbers that symbols have, 0 for padding among them, from 2.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>How many numbers a symbol has, from 1.</summary>
    [JsonRequired]
    public int Features { get; init; } = 1;

    /// <summary>Length of the vector of a symbol, from 1.</summary>
    [JsonRequired]
    public int Width { get; init; } = 16;

    /// <summary>Neurons of both hidden layers, from 1.</summary>
    [JsonRequired]
    public int Hidden { get; init; } = 64;

    /// <summary>How many symbols around a position the first stage looks at, an odd number.</summary>
    [JsonRequired]
    public int Window { get; init; } = 13;

    /// <summary>How many results of the first stage around a position the second stage looks at, an odd number; 0: there is no second
    /// stage.</summary>
    [JsonRequired]
    public int SecondWindow { get; init; } = 9;

    /// <summary>The number of members, from 1: networks that are trained side by side, and whose mean is the answer.</summary>
    [JsonRequired]
    public int Members { get; init; } = 4;

    /// <summary>The share of the numbers in front of each layer that are dropped in training, 0 to below 1.</summary>
    [JsonRequired]
    public double Dropout { get; init; } = 0.3;
}

/// <summary>
/// A label for each position of a sequence, from a window of symbols around it, in two stages: the second looks at what the first says of the
/// positions around (Qian and Sejnowski, 1988: "Predicting the secondary structure of globular proteins using neural network models"; for words,
/// Collobert et al., 2011: "Natural language processing (almost) from scratch"). Several members are trained side by side and averaged.
/// Symbols (batch, steps, features), whole numbers with 0 for padding → logits (batch, steps, labels). What stands behind a sequence's end
/// doesn't change its results.
/// </summary>
public sealed partial class SequenceTagger : Layer, IEnsemble
{
    /// <summary>Builds the network.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public SequenceTagger(SequenceTaggerOptions options)
    {
        Check(options);
        Options = options;
        Each = [.. Enumerable.Range(0, options.Members).Select(_ => new TaggerMember(options))];
    }

    /// <summary>Options that the network was built with.</summary>
    public SequenceTaggerOptions Options { get; }

    /// <summary>The members.</summary>
    public IReadOnlyList<TaggerMember> Each { get; }

    /// <inheritdoc/>
    public Tensor Members(Tensors inputs, Pass pass)
    {
        Tensor x = inputs[0];
        if (x.Rank != 3 || x.Shape[2] != Options.Features)
            throw new TensorException($"{this} takes symbols (batch, steps, {Options.Features}), not {x.Shape}",
                "symbols that SymbolVocabulary gives");
        return Tensor.Concat([.. Each.Select(member => member.Forward(x, pass).Unsqueeze(1))], 1); // (batch, members, steps, labels)
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => Members(Tensors.Create([x]), pass).Mean([1]);

    /// <inheritdoc/>
    public override string ToString() =>
        $"SequenceTagger({Options.Vocabulary} symbols, windows of {Options.Window}{(Options.SecondWindow > 0 ? $" and {Options.SecondWindow}" : "")}, {Options.Labels} labels, {Options.Members} member{(Options.Members == 1 ? "" : "s")})";

    // Options may come from a file.
    private static void Check(SequenceTaggerOptions o)
    {
        Range(o.Labels, 2, 1_000_000, nameof(o.Labels), "labels");
        Range(o.Vocabulary, 2, 100_000_000, nameof(o.Vocabulary), "numbers of symbols");
        Range(o.Features, 1, 64, nameof(o.Features), "numbers of a symbol");
        Range(o.Width, 1, 16_384, nameof(o.Width), "numbers of a vector");
        Range(o.Hidden, 1, 16_384, nameof(o.Hidden), "neurons of a hidden layer");
        Range(o.Window, 1, 1_023, nameof(o.Window), "positions of a window");
        Range(o.SecondWindow, 0, 1_023, nameof(o.SecondWindow), "positions of the second window");
        Range(o.Members, 1, 256, nameof(o.Members), "members");
        if (o.Window % 2 == 0) throw new ArgumentOutOfRangeException(nameof(o.Window), o.Window, "a window has a middle: an odd number of positions");
        if (o.SecondWindow % 2 == 0 && o.SecondWindow > 0)
            throw new ArgumentOutOfRangeException(nameof(o.SecondWindow), o.SecondWindow, "a window has a middle: an odd number of positions");
        if (!(o.Dropout is >= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(o.Dropout), o.Dropout, "dropout is a share from 0 to below 1");
    }

    private static void Range(int value, int least, int most, string name, string what)
    {
        if (value < least || value > most) throw new ArgumentOutOfRangeException(name, value, $"there are {least:N0} to {most:N0} {what}");
    }
}

/// <summary>One member of a <see cref="SequenceTagger"/>: symbols (batch, steps, features) → logits (batch, steps, labels).</summary>
public sealed partial class TaggerMember : Layer
{
    private readonly Dropout _dropSymbols, _drop;

    /// <summary>Builds a member.</summary>
    /// <param name="options">Options of the whole network.</param>
    public TaggerMember(SequenceTaggerOptions options)
    {
        Options = options;
        Symbols = new Embedding(options.Vocabulary, options.Width, new Normal(Deviation: 1 / Math.Sqrt(options.Features)));
        First = new Conv1d(options.Hidden, options.Window, padding: Padding.Same);
        if (options.SecondWindow > 0) Second = new Conv1d(options.Hidden, options.SecondWindow, padding: Padding.Same);
        Head = new Linear(options.Labels);
        (_dropSymbols, _drop) = (new(options.Dropout / 2), new(options.Dropout));
    }

    /// <summary>Options of the whole network.</summary>
    public SequenceTaggerOptions Options { get; }

    /// <summary>A vector for each number of a symbol, (vocabulary, width).</summary>
    public Embedding Symbols { get; }

    /// <summary>The first stage.</summary>
    public Conv1d First { get; }

    /// <summary>The second stage; null where there is none.</summary>
    public Conv1d? Second { get; }

    /// <summary>The layer that makes the logits.</summary>
    public Linear Head { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        Tensor isStep = (x.Narrow(2, 0, 1) > 0).Cast(DType.Float32); // (batch, steps, 1)
        Tensor y = Symbols.Forward(x, pass).Sum([2]) * isStep; // (batch, steps, width)
        y = First.Forward(_dropSymbols.Forward(y, pass), pass).Relu() * isStep;
        if (Second is not null) y = Second.Forward(_drop.Forward(y, pass), pass).Relu();
        return Head.Forward(_drop.Forward(y, pass), pass);
    }
}
