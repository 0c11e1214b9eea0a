using Lamina.Learning.Initializers;
using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Models;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>Options of <see cref="TabularNet"/>; saved beside its weights. An input row holds numbers, then categories, then tokens of texts.</summary>
public sealed record TabularNetOptions
{
    /// <summary>The number of outputs: classes, or numbers to predict.</summary>
    public required int Outputs { get; init; }

    /// <summary>How many numbers a row has, about in standard units.</summary>
    public required int Numbers { get; init; }

    /// <summary>
    /// The edges of each number's bins, ascending, for their piecewise linear encoding; an empty list for a number that goes in as it is. Empty
    /// where no number has bins.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<float>> Edges { get; init; } = [];

    /// <summary>The size of each category: its values are whole numbers from 0, where 0 is an unknown one.</summary>
    public IReadOnlyList<int> Categories { get; init; } = [];

    /// <summary>The texts of a row.</summary>
    public IReadOnlyList<TokenColumn> Texts { get; init; } = [];

    /// <summary>Neurons of each hidden layer.</summary>
    public IReadOnlyList<int> Hidden { get; init; } = [128, 128];

    /// <summary>The share of hidden neurons that are dropped in training, 0 to below 1.</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>The number of members, from 1.</summary>
    public int Members { get; init; } = 8;
}

/// <summary>A text within a row: token numbers, 0 behind its end.</summary>
/// <param name="Tokens">The number of different tokens, with the 0.</param>
/// <param name="Length">How many tokens a row has for it.</param>
public sealed record TokenColumn(int Tokens, int Length);

/// <summary>
/// A network for the rows of a table: numbers by piecewise linear encoding (Gorishniy, Rubachev and Babenko, 2022: "On embeddings for numerical
/// features in tabular deep learning"), categories and tokens by embeddings, then dense layers that members of an ensemble share, each with scales of
/// its inputs and an output layer of its own (Gorishniy, Kotelnikov and Babenko, 2024: "TabM"). (batch, slots) → (batch, outputs), the members' mean.
/// </summary>
public sealed partial class TabularNet : Layer, IEnsemble
{
    private const int MostWidth = 32, TextWidth = 32;

    private readonly Tensor? _scale, _offset;
    private readonly int _encoded;

    /// <summary>Builds the network.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public TabularNet(TabularNetOptions options)
    {
        Check(options);
        Options = options;
        if (options.Edges.Any(e => e.Count > 1)) (_scale, _offset, _encoded) = Bins(options);
        Categories = [.. options.Categories.Select(size => new Embedding(size, Width(size), new Normal(Deviation: 0.3)))];
        Texts = [.. options.Texts.Select(text => new Embedding(text.Tokens, TextWidth, new Normal(Deviation: 0.1)))];
        int inputs = options.Numbers + _encoded + Categories.Sum(c => c.Width) + Texts.Count * TextWidth;
        Scales = new Parameter(new Normal(1, 0.5), [options.Members, inputs]);
        var hidden = new List<Linear>();
        int width = inputs;
        foreach (int neurons in options.Hidden)
        {
            hidden.Add(new Linear(width, neurons, initializer: new HeUniform()));
            width = neurons;
        }
        Hidden = hidden;
        Weight = new Parameter(new Uniform(-1 / Math.Sqrt(width), 1 / Math.Sqrt(width)), [options.Members, width, options.Outputs]);
        Bias = new Parameter(Constant.Zero, [options.Members, 1, options.Outputs]);
        _drop = new Dropout(options.Dropout);
    }

    private readonly Dropout _drop;

    /// <summary>Options that the network was built with.</summary>
    public TabularNetOptions Options { get; }

    /// <summary>A vector for each value of each category.</summary>
    public IReadOnlyList<Embedding> Categories { get; }

    /// <summary>A vector for each token of each text.</summary>
    public IReadOnlyList<Embedding> Texts { get; }

    /// <summary>Each member's scales of the inputs, (members, inputs).</summary>
    public Parameter Scales { get; }

    /// <summary>The layers that all members share.</summary>
    public IReadOnlyList<Linear> Hidden { get; }

    /// <summary>Each member's output layer, (members, neurons, outputs).</summary>
    public Parameter Weight { get; }

    /// <summary>Its bias, (members, 1, outputs).</summary>
    public Parameter Bias { get; }

    /// <inheritdoc/>
    public Tensor Members(Tensors inputs, Pass pass)
    {
        Tensor x = inputs[0];
        if (x.Rank != 2 || x.Shape[1] != Slots)
            throw new TensorException($"{this} takes rows (batch, {Slots}), not {x.Shape}", "rows that the table's encoding gives");
        int batch = x.Shape[0], members = Options.Members;
        Tensor y = (Features(x, pass).Unsqueeze(1) * Scales.Value).Reshape(new Shape(batch * members, Scales.Value.Shape[1]));
        foreach (Linear layer in Hidden) y = _drop.Forward(layer.Forward(y, pass).Relu(), pass);
        y = y.Reshape(new Shape(batch, members, y.Shape[1])).Transpose(1, 0, 2);
        return (y.MatMul(Weight.Value) + Bias.Value).Transpose(1, 0, 2);
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => Members(Tensors.Create([x]), pass).Mean([1]);

    /// <inheritdoc/>
    public override string ToString() =>
        $"TabularNet({Slots}-{string.Concat(Options.Hidden.Select(h => $"{h}-"))}{Options.Outputs}, {Options.Members} member{(Options.Members == 1 ? "" : "s")})";

    private int Slots => Options.Numbers + Options.Categories.Count + Options.Texts.Sum(t => t.Length);

    private Tensor Features(Tensor x, Pass pass)
    {
        int at = Options.Numbers;
        var parts = new List<Tensor>();
        Tensor numbers = x.Narrow(1, 0, at);
        if (at > 0) parts.Add(numbers);
        // (batch, numbers) · (numbers, bins): the share of each bin that lies below its number's value.
        if (_scale is not null) parts.Add((numbers.MatMul(_scale) + _offset!).Clamp(0, 1));
        foreach (Embedding category in Categories) parts.Add(category.Forward(x.Narrow(1, at++, 1).Squeeze(1).Cast(DType.Int32), pass));
        for (int i = 0; i < Texts.Count; i++)
        {
            Tensor tokens = x.Narrow(1, at, Options.Texts[i].Length);
            at += Options.Texts[i].Length;
            Tensor isToken = (tokens > 0).Cast(DType.Float32); // (batch, length)
            Tensor sum = (Texts[i].Forward(tokens.Cast(DType.Int32), pass) * isToken.Unsqueeze(2)).Sum([1]);
            parts.Add(sum / isToken.Sum([1], keepDims: true).Maximum(1).Sqrt());
        }
        return Tensor.Concat([.. parts], 1);
    }

    // Each bin takes one number: scale · value + offset.
    private static (Tensor Scale, Tensor Offset, int Encoded) Bins(TabularNetOptions options)
    {
        int bins = options.Edges.Sum(e => Math.Max(0, e.Count - 1)), at = 0;
        float[] scale = new float[options.Numbers * bins], offset = new float[bins];
        for (int n = 0; n < options.Edges.Count; n++)
        {
            IReadOnlyList<float> edges = options.Edges[n];
            for (int b = 0; b + 1 < edges.Count; b++, at++)
            {
                scale[n * bins + at] = 1 / (edges[b + 1] - edges[b]);
                offset[at] = -edges[b] / (edges[b + 1] - edges[b]);
            }
        }
        return (Tensor.From(scale, new Shape(options.Numbers, bins)), Tensor.From(offset), bins);
    }

    private static int Width(int size) => Math.Clamp((int)Math.Round(1.6 * Math.Pow(size, 0.56)), 2, MostWidth);

    // Options may come from a file.
    private static void Check(TabularNetOptions o)
    {
        Range(o.Outputs, 1, 1_000_000, nameof(o.Outputs), "outputs");
        Range(o.Numbers, 0, 1_000_000, nameof(o.Numbers), "numbers");
        Range(o.Members, 1, 1_024, nameof(o.Members), "members");
        if (o.Numbers + o.Categories.Count + o.Texts.Count == 0)
            throw new ArgumentOutOfRangeException(nameof(o.Numbers), "a row has at least one number, category or text");
        if (o.Edges.Count != 0 && o.Edges.Count != o.Numbers)
            throw new ArgumentOutOfRangeException(nameof(o.Edges), o.Edges.Count, $"there are edges for each of the {o.Numbers} numbers, or none");
        foreach (IReadOnlyList<float> edges in o.Edges)
        {
            Range(edges.Count, 0, 4_096, nameof(o.Edges), "edges of a number");
            for (int i = 0; i < edges.Count; i++)
                if (!float.IsFinite(edges[i]) || i > 0 && edges[i] <= edges[i - 1])
                    throw new ArgumentOutOfRangeException(nameof(o.Edges), edges[i], "edges are finite numbers in ascending order");
        }
        foreach (int size in o.Categories) Range(size, 1, 10_000_000, nameof(o.Categories), "values of a category");
        foreach (TokenColumn text in o.Texts)
        {
            Range(text.Tokens, 1, 10_000_000, nameof(o.Texts), "tokens");
            Range(text.Length, 1, 100_000, nameof(o.Texts), "tokens of a text");
        }
        Range(o.Hidden.Count, 0, 12, nameof(o.Hidden), "hidden layers");
        foreach (int neurons in o.Hidden) Range(neurons, 1, 16_384, nameof(o.Hidden), "neurons of a hidden layer");
        if (!(o.Dropout is >= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(o.Dropout), o.Dropout, "dropout is a share from 0 to below 1");
    }

    private static void Range(int value, int least, int most, string name, string what)
    {
        if (value < least || value > most) throw new ArgumentOutOfRangeException(name, value, $"there are {least:N0} to {most:N0} {what}");
    }
}
