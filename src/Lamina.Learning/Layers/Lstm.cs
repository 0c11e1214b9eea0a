using Lamina.Learning.Initializers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Layers;

/// <summary>
/// A long short-term memory: (batch, steps, features) to its states (batch, steps, hidden), from zeros on (Hochreiter and
/// Schmidhuber, 1997: "Long short-term memory"; forget gate: Gers, Schmidhuber and Cummins, 2000: "Learning to forget"). The
/// weights' columns are the gates input, forget, cell, output, one after the other.
/// <see cref="RecurrentStack"/> has several layers, both directions, lengths, and states in and out.
/// </summary>
public sealed partial class Lstm : Layer
{
    private readonly double _forgetBias;

    /// <summary>A memory whose number of features is inferred from the first input.</summary>
    /// <param name="hidden">Values of the state, and of the cell.</param>
    /// <param name="inputInitializer">The input weight's first values; <see cref="GlorotUniform"/> by default.</param>
    /// <param name="recurrentInitializer">The recurrent weight's first values; <see cref="Orthogonal"/> by default.</param>
    /// <param name="forgetBias">The forget gate's bias at first; the other biases start at zero. 1 lets the memory remember from the start
    /// (Józefowicz, Zaremba and Sutskever, 2015).</param>
    /// <exception cref="ArgumentOutOfRangeException">The state has no values.</exception>
    public Lstm(int hidden, Initializer? inputInitializer = null, Initializer? recurrentInitializer = null, double forgetBias = 1)
    {
        Hidden = Expect.AtLeast(1, hidden);
        _forgetBias = forgetBias;
        InputWeight = new Parameter(inputInitializer ?? new GlorotUniform());
        RecurrentWeight = new Parameter(recurrentInitializer ?? new Orthogonal(), [hidden, 4 * hidden]);
        Bias = new Parameter(new ForgetBias(forgetBias), [4 * hidden]);
    }

    /// <summary>Values of the state, and of the cell.</summary>
    public int Hidden { get; }

    /// <summary>(features, 4 · hidden).</summary>
    public Parameter InputWeight { get; }

    /// <summary>(hidden, 4 · hidden).</summary>
    public Parameter RecurrentWeight { get; }

    /// <summary>(4 · hidden).</summary>
    public Parameter Bias { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => Run(x, null, null, null).States;

    /// <summary>All states and the last cell of sequences that begin with a state and a cell (batch, hidden), or with zeros.</summary>
    /// <param name="x">The sequences.</param>
    /// <param name="state">Their first state, or zeros.</param>
    /// <param name="cell">Their first cell, or zeros.</param>
    /// <param name="isBehind">(batch, steps), 1 at steps behind a sequence's end, which leave the cell as it is, and 0 elsewhere; null where
    /// there are none.</param>
    internal (Tensor States, Tensor Cell) Run(Tensor x, Tensor? state, Tensor? cell, Tensor? isBehind)
    {
        Expect.Sequence(this, x, InputWeight);
        InputWeight.Ensure([x.Shape[2], 4 * Hidden]);
        Expect.Type(this, x, InputWeight);
        Tensor weight = InputWeight.Value;
        if (isBehind is not null)
        {
            // One more feature that shuts the input gate and opens the forget gate: the cell's next value is exactly the one before.
            const float Shut = 1e6f;
            Tensor gates = Tensor.Create<float>((1, 4 * Hidden), values =>
            {
                values.Clear();
                values[..Hidden].Fill(-Shut);
                values.Slice(Hidden, Hidden).Fill(Shut);
            });
            x = Tensor.Concat([x, isBehind.Unsqueeze(-1)], 2);
            weight = Tensor.Concat([weight, gates.Cast(weight.DType)], 0);
        }
        return x.Lstm(weight, RecurrentWeight.Value, Bias.Value, state, cell);
    }

    /// <inheritdoc/>
    public override string ToString() => $"Lstm({Hidden})";

    /// <summary>Zeros, but for the second quarter.</summary>
    private sealed record ForgetBias(double Value) : Initializer
    {
        public override Tensor Create(Shape shape, RandomStream random) =>
            Tensor.Create<float>(shape, values =>
            {
                values.Clear();
                values.Slice(values.Length / 4, values.Length / 4).Fill((float)Value);
            });
    }
}
