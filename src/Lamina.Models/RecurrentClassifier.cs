using System.Text.Json.Serialization;
using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Models;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>Options of <see cref="RecurrentClassifier"/>; saved beside its weights, whole: a default that changes must not change a saved
/// network.</summary>
public sealed record RecurrentClassifierOptions
{
    /// <summary>The number of classes, from 2.</summary>
    public required int Classes { get; init; }

    /// <summary>The recurrent layers.</summary>
    [JsonRequired]
    public RecurrentCell Cell { get; init; } = RecurrentCell.Gru;

    /// <summary>Values of each layer's state, in each direction.</summary>
    [JsonRequired]
    public int Hidden { get; init; } = 64;

    /// <summary>Number of layers.</summary>
    [JsonRequired]
    public int Layers { get; init; } = 2;

    /// <summary>Whether each layer reads the series backwards too.</summary>
    [JsonRequired]
    public bool Bidirectional { get; init; } = true;

    /// <summary>The share of values that are dropped in training between layers, 0 to below 1.</summary>
    [JsonRequired]
    public double Dropout { get; init; } = 0.2;
}

/// <summary>
/// A recurrent network for classifying series of different lengths: layers of GRU, LSTM or plain units, in both directions (Graves, Mohamed and
/// Hinton, 2013:
/// "Speech recognition with deep recurrent neural networks"), whose last valid states and mean over all valid states decide. Series (batch, steps,
/// channels) and a mask (batch, steps) of ones where there is a step, all of them before the padding → logits (batch, classes).
/// </summary>
public sealed partial class RecurrentClassifier : Network
{
    private readonly Dropout _dropout;

    /// <summary>Builds the network; the number of channels is inferred from the first input.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public RecurrentClassifier(RecurrentClassifierOptions options)
    {
        Check(options);
        Options = options;
        Stack = new(options.Cell, options.Hidden, options.Layers, options.Bidirectional, options.Dropout);
        Output = new Linear(options.Classes);
        _dropout = new(options.Dropout);
    }

    /// <summary>Options that the network was built with.</summary>
    public RecurrentClassifierOptions Options { get; }

    /// <summary>The recurrent layers.</summary>
    public RecurrentStack Stack { get; }

    /// <summary>The layer that decides.</summary>
    public Linear Output { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> InputNames { get; } = ["series", "mask"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames { get; } = ["logits"];

    /// <inheritdoc/>
    protected override Tensors Compute(Tensors inputs, Pass pass)
    {
        (Tensor x, Tensor mask) = (inputs[0], inputs[1]);
        Tensor count = mask.Sum([1]);
        RecurrentResult run = Stack.Run(x, count.Cast(DType.Int64), pass: pass);
        // States behind the end are zeros.
        Tensor mean = run.States.Sum([1]) / count.Maximum(1).Unsqueeze(1);
        return [Output.Forward(_dropout.Forward(Tensor.Concat([run.Last, mean], 1), pass), pass)];
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"RecurrentClassifier({Options.Cell}, {Options.Layers}×{Options.Hidden}{(Options.Bidirectional ? " in both directions" : "")}, "
        + $"{Options.Classes})";

    // Options may come from a file.
    private static void Check(RecurrentClassifierOptions o)
    {
        if (o.Classes is < 2 or > 1_000_000) throw new ArgumentOutOfRangeException(nameof(o.Classes), o.Classes,
            "a RecurrentClassifier has 2 to 1,000,000 classes");
        if (o.Hidden is < 1 or > 16_384) throw new ArgumentOutOfRangeException(nameof(o.Hidden), o.Hidden, "a state has 1 to 16,384 values");
        if (o.Layers is < 1 or > 24) throw new ArgumentOutOfRangeException(nameof(o.Layers), o.Layers, "there are 1 to 24 layers");
        if (!(o.Dropout is >= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(o.Dropout), o.Dropout, "dropout is a share from 0 to below 1");
    }
}
