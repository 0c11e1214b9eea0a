using Lamina.Learning.Initializers;
using Lamina.Learning.Modules;
using Lamina.Tensors;

namespace Lamina.Learning.Layers;

/// <summary>
/// A gated recurrent unit: (batch, steps, features) to its states (batch, steps, hidden), from zeros on (Cho et al., 2014:
/// "Learning phrase representations using RNN encoder-decoder for statistical machine translation"), with the reset after the
/// recurrent product, as cuDNN and PyTorch have it. The weights' columns are the gates reset, update, new, one after the other.
/// <see cref="RecurrentStack"/> has several layers, both directions, lengths, and states in and out.
/// </summary>
public sealed partial class Gru : Layer
{
    /// <summary>A unit whose number of features is inferred from the first input.</summary>
    /// <param name="hidden">Values of the state.</param>
    /// <param name="inputInitializer">The input weight's first values; <see cref="GlorotUniform"/> by default.</param>
    /// <param name="recurrentInitializer">The recurrent weight's first values; <see cref="Orthogonal"/> by default. The biases start at zero.</param>
    /// <exception cref="ArgumentOutOfRangeException">The state has no values.</exception>
    public Gru(int hidden, Initializer? inputInitializer = null, Initializer? recurrentInitializer = null)
    {
        Hidden = Expect.AtLeast(1, hidden);
        InputWeight = new Parameter(inputInitializer ?? new GlorotUniform());
        RecurrentWeight = new Parameter(recurrentInitializer ?? new Orthogonal(), [hidden, 3 * hidden]);
        Bias = new Parameter(Constant.Zero, [3 * hidden]);
        RecurrentBias = new Parameter(Constant.Zero, [3 * hidden]);
    }

    /// <summary>Values of the state.</summary>
    public int Hidden { get; }

    /// <summary>(features, 3 · hidden).</summary>
    public Parameter InputWeight { get; }

    /// <summary>(hidden, 3 · hidden).</summary>
    public Parameter RecurrentWeight { get; }

    /// <summary>(3 · hidden), added to the input's product.</summary>
    public Parameter Bias { get; }

    /// <summary>(3 · hidden), added to the state's product, before the reset.</summary>
    public Parameter RecurrentBias { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => States(x, null);

    /// <summary>All states of sequences that begin with a state (batch, hidden), or with zeros.</summary>
    internal Tensor States(Tensor x, Tensor? state)
    {
        Expect.Sequence(this, x, InputWeight);
        InputWeight.Ensure([x.Shape[2], 3 * Hidden]);
        Expect.Type(this, x, InputWeight);
        return x.Gru(InputWeight.Value, RecurrentWeight.Value, Bias.Value, RecurrentBias.Value, state);
    }

    /// <inheritdoc/>
    public override string ToString() => $"Gru({Hidden})";
}
