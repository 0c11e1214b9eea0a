using Lamina.Learning.Initializers;
using Lamina.Learning.Modules;
using Lamina.Tensors;

namespace Lamina.Learning.Layers;

/// <summary>
/// A simple recurrent network: (batch, steps, features) to its states (batch, steps, hidden), hₜ = tanh(xₜ·W + hₜ₋₁·U + b) from
/// zeros on (Elman, 1990: "Finding structure in time"). It forgets within some ten steps; see <see cref="Lstm"/> and <see cref="Gru"/>.
/// <see cref="RecurrentStack"/> has several layers, both directions, lengths, and states in and out.
/// </summary>
public sealed partial class Rnn : Layer
{
    /// <summary>A network whose number of features is inferred from the first input.</summary>
    /// <param name="hidden">Values of the state.</param>
    /// <param name="inputInitializer">The input weight's first values; <see cref="GlorotUniform"/> by default.</param>
    /// <param name="recurrentInitializer">The recurrent weight's first values; <see cref="Orthogonal"/> by default. The bias starts at zero.</param>
    /// <exception cref="ArgumentOutOfRangeException">The state has no values.</exception>
    public Rnn(int hidden, Initializer? inputInitializer = null, Initializer? recurrentInitializer = null)
    {
        Hidden = Expect.AtLeast(1, hidden);
        InputWeight = new Parameter(inputInitializer ?? new GlorotUniform());
        RecurrentWeight = new Parameter(recurrentInitializer ?? new Orthogonal(), [hidden, hidden]);
        Bias = new Parameter(Constant.Zero, [hidden]);
    }

    /// <summary>Values of the state.</summary>
    public int Hidden { get; }

    /// <summary>(features, hidden).</summary>
    public Parameter InputWeight { get; }

    /// <summary>(hidden, hidden).</summary>
    public Parameter RecurrentWeight { get; }

    /// <summary>(hidden).</summary>
    public Parameter Bias { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => States(x, null);

    /// <summary>All states of sequences that begin with a state (batch, hidden), or with zeros.</summary>
    internal Tensor States(Tensor x, Tensor? state)
    {
        Expect.Sequence(this, x, InputWeight);
        InputWeight.Ensure([x.Shape[2], Hidden]);
        Expect.Type(this, x, InputWeight);
        return x.Rnn(InputWeight.Value, RecurrentWeight.Value, Bias.Value, state);
    }

    /// <inheritdoc/>
    public override string ToString() => $"Rnn({Hidden})";
}
