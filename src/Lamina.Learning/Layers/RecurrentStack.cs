using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Layers;

/// <summary>The recurrent layers that <see cref="RecurrentStack"/> stacks.</summary>
public enum RecurrentCell
{
    /// <summary><see cref="Layers.Rnn"/>.</summary>
    Rnn,

    /// <summary><see cref="Layers.Lstm"/>.</summary>
    Lstm,

    /// <summary><see cref="Layers.Gru"/>.</summary>
    Gru,
}

/// <summary>Where the sequences of a batch have come to in a <see cref="RecurrentStack"/>: what the next part of them begins with.</summary>
/// <param name="Hidden">(layers · directions, batch, hidden): layer by layer, forwards before backwards.</param>
/// <param name="Cell">Of the same shape, with <see cref="RecurrentCell.Lstm"/>; null with others.</param>
public sealed record RecurrentState(Tensor Hidden, Tensor? Cell = null)
{
    /// <summary>The same values without history: gradients end here (truncated backpropagation through time).</summary>
    public RecurrentState Keep() => new(Hidden.Keep(), Cell?.Keep());
}

/// <summary>What a <see cref="RecurrentStack"/> makes of a batch of sequences.</summary>
/// <param name="States">The last layer's states, (batch, steps, directions · hidden); zeros behind a sequence's end.</param>
/// <param name="Last">The last layer's last valid states, (batch, directions · hidden): forwards that of the last step, backwards that of the first.</param>
/// <param name="State">Where each layer has come to.</param>
public sealed record RecurrentResult(Tensor States, Tensor Last, RecurrentState State);

/// <summary>
/// Recurrent layers on top of one another, each reading the states of the one below, in one direction or in both (Schuster and Paliwal,
/// 1997: "Bidirectional recurrent neural networks"; Graves, Mohamed and Hinton, 2013: "Speech recognition with deep recurrent neural
/// networks"): (batch, steps, features) → (batch, steps, directions · hidden). <see cref="Run"/> takes sequences of several lengths, and a
/// state to begin with.
/// </summary>
public sealed partial class RecurrentStack : Layer
{
    private readonly RecurrentCell _cell;
    private readonly double _dropout;

    /// <summary>A stack whose number of features is inferred from the first input.</summary>
    /// <param name="cell">Which recurrent layers it is made of.</param>
    /// <param name="hidden">Values of each layer's state, in each direction.</param>
    /// <param name="layers">Number of layers.</param>
    /// <param name="bidirectional">Whether each layer reads the sequences backwards too.</param>
    /// <param name="dropout">The share of states that are dropped between two layers in training.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public RecurrentStack(RecurrentCell cell, int hidden, int layers = 1, bool bidirectional = false, double dropout = 0)
    {
        _cell = Enum.IsDefined(cell) ? cell : throw new ArgumentOutOfRangeException(nameof(cell), cell, "there is no such recurrent layer");
        Hidden = Expect.AtLeast(1, hidden);
        Layers = Expect.AtLeast(1, layers);
        Bidirectional = bidirectional;
        _dropout = Expect.Between(0, 1, dropout);
        Parts = [.. Enumerable.Range(0, layers * Directions).Select(_ => (Layer)(cell switch
        {
            RecurrentCell.Rnn => new Rnn(hidden),
            RecurrentCell.Gru => new Gru(hidden),
            _ => new Lstm(hidden),
        }))];
    }

    /// <summary>Values of each layer's state, in each direction.</summary>
    public int Hidden { get; }

    /// <summary>Number of layers.</summary>
    public int Layers { get; }

    /// <summary>Whether each layer reads the sequences backwards too.</summary>
    public bool Bidirectional { get; }

    /// <summary>The recurrent layers: layer by layer, forwards before backwards.</summary>
    public IReadOnlyList<Layer> Parts { get; }

    private int Directions => Bidirectional ? 2 : 1;

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => Run(x, pass: pass).States;

    /// <summary>Sends sequences through the layers.</summary>
    /// <param name="x">(batch, steps, features).</param>
    /// <param name="lengths">How many steps of each sequence count, int64 or int32 (batch); what is behind them changes nothing. All of them where null.
    /// Of a mask (batch, steps) it is <c>mask.Sum([1]).Cast(DType.Int64)</c>.</param>
    /// <param name="state">What the sequences begin with, such as where their part before this one ended; zeros where null.</param>
    /// <param name="pass">How the pass is meant; evaluation where it is null.</param>
    /// <exception cref="TensorException">The input, the lengths or the state don't fit.</exception>
    public RecurrentResult Run(Tensor x, Tensor? lengths = null, RecurrentState? state = null, Pass? pass = null)
    {
        pass ??= Pass.Evaluation;
        Expect.Layout(this, x, Expect.Sequences);
        if (x.Shape[1] == 0) throw new TensorException($"{this}: the input {x.Shape} has no steps");
        CheckState(x, state);
        SequenceEnds? ends = lengths is null ? null : SequenceEnds.Of(this, x, lengths);
        if (t_depth == 0) Initializing.Prepare(this, x);
        List<Tensor> last = [], hidden = [], cells = [];
        for (int layer = 0; layer < Layers; layer++)
        {
            if (layer > 0 && pass.IsTraining && _dropout > 0) x = x.Dropout(_dropout, pass.Key, pass.NextStream());
            // What is behind the end may be anything; zeros keep it out of the gradients too.
            if (ends is not null) x = ends.Cut(x);
            var states = new Tensor[Directions];
            last.Clear();
            for (int direction = 0; direction < Directions; direction++)
            {
                int part = layer * Directions + direction;
                Tensor? first = state?.Hidden[part], firstCell = state?.Cell?[part];
                Tensor read = direction == 0 ? x : ends?.Reversed(x) ?? x.Flip(1);
                (Tensor y, Tensor? cell) = Through(Parts[part], read, first, firstCell, ends);
                last.Add(ends?.Last(y, first) ?? y.Narrow(1, y.Shape[1] - 1, 1).Squeeze(1));
                if (cell is not null) cells.Add(cell);
                states[direction] = direction == 0 ? y : ends?.Reversed(y) ?? y.Flip(1);
            }
            hidden.AddRange(last);
            x = Directions == 1 ? states[0] : Tensor.Concat(states, 2);
        }
        return new(ends?.Cut(x) ?? x, Directions == 1 ? last[0] : Tensor.Concat([.. last], 1),
            new(Tensor.Stack([.. hidden]), cells.Count > 0 ? Tensor.Stack([.. cells]) : null));
    }

    private static (Tensor States, Tensor? Cell) Through(Layer part, Tensor x, Tensor? first, Tensor? firstCell, SequenceEnds? ends) => part switch
    {
        Rnn rnn => (rnn.States(x, first), null),
        Gru gru => (gru.States(x, first), null),
        _ => ((Lstm)part).Run(x, first, firstCell, ends?.IsBehind.Cast(x.DType)),
    };

    private void CheckState(Tensor x, RecurrentState? state)
    {
        if (state is null) return;
        Spec expected = new(x.DType, (Parts.Count, x.Shape[0], Hidden));
        if (state.Hidden.Spec != expected)
            throw new TensorException(
                $"{this}: the state is {state.Hidden.Spec}; with the input {x.Spec} it must be {expected}: (layers · directions, batch, hidden)",
                "the State of the call before, for the same sequences in the same order");
        if (_cell == RecurrentCell.Lstm != state.Cell is not null)
            throw new TensorException(
                $"{this}: the state {(state.Cell is null ? "has no cell, which an Lstm begins with" : "has a cell, which only an Lstm begins with")}");
        if (state.Cell is { } cell && cell.Spec != expected)
            throw new TensorException($"{this}: the state's cell is {cell.Spec}; with the input {x.Spec} it must be {expected}");
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        string text = $"RecurrentStack({_cell}, {Hidden}";
        if (Layers > 1) text += $", {Layers} layers";
        if (Bidirectional) text += ", bidirectional";
        if (_dropout > 0) text += $", dropout {_dropout}";
        return text + ")";
    }
}
