using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Conformance;

using Lamina.Tensors;

// Recurrent ops: cells that walk over whole sequences.
internal static partial class Table
{
    private static IEnumerable<Row> Recurrents() => [Rnn(), RnnGradient(), Lstm(), LstmGradient(), Gru(), GruGradient()];

    // A recurrent product of such weights changes the length of a state by about 1/√3: what was rounded at one step doesn't grow
    // over the next ones, and gates stay where they have a slope.
    private static Draw Weight(int hidden) => Draws.Uniform(-1 / Math.Sqrt(hidden), 1 / Math.Sqrt(hidden));

    // An activated gate.
    private static Draw Open { get; } = Draws.Uniform(0.1, 0.9);

    /// <summary>The sizes of sequences and layers: (batch, steps, features, hidden).</summary>
    private static readonly (int, int, int, int)[]
        s_sequences = [(2, 3, 2, 3), (1, 4, 3, 1), (3, 2, 1, 5)],
        s_edgeSequences = [(1, 1, 1, 1), (0, 2, 3, 2), (2, 1, 0, 2)],
        s_longSequences = [(9, 3, 20, 70), (33, 4, 13, 33), (40, 21, 5, 17), (1, 150, 2, 9), (1, 21, 7, 64), (1, 3, 5, 96), (1, 9, 0, 32)];

    private static Row Recurrent(string name, Func<(int Batch, int Steps, int Features, int Hidden), Case> of, Case[] more, Case[] refused, Bound bound, Recording[] recorded, Smoothness smoothness = Smoothness.Twice) => new(name)
    {
        Cases = [.. s_sequences.Select(of), .. more],
        Edges = [.. s_edgeSequences.Select(of)],
        Large = [.. s_longSequences.Select(of), of((32, 3, 64, 256))],
        Refused = refused,
        Bound = bound,
        Recorded = recorded,
        Smoothness = smoothness,
    };

    /// <summary>A case with one operand of another shape, for each operand and some shapes.</summary>
    private static IEnumerable<Case> Reshaped(Case right, params (int Operand, Shape Shape)[] wrong) =>
        wrong.Select(w => right with { Operands = [.. right.Operands.Select((o, i) => i == w.Operand ? o with { Shape = w.Shape } : o)] });

    // A state is a bounded function, to some roundings of its own, of a sum over inputs and states; a cell adds up two such
    // terms a step.
    private static Bound StateBound => Bound.ToLargest(3 * ExpRoundings + 8, (_, x) => x[1].Shape[0] + x[2].Shape[0]);

    private static Case CellCase(Op op, int gates, int biases, int states, (int Batch, int Steps, int Features, int Hidden) n) => new(op,
    [
        In([n.Batch, n.Steps, n.Features]), In([n.Features, gates * n.Hidden], Weight(n.Hidden)), In([n.Hidden, gates * n.Hidden], Weight(n.Hidden)),
        .. Enumerable.Repeat(In([gates * n.Hidden], Weight(n.Hidden)), biases), .. Enumerable.Repeat(In([n.Batch, n.Hidden], Weight(n.Hidden)), states),
    ]);

    private static Case[] WrongCells(Op op, int gates, int biases, int states) => [.. Reshaped(
        CellCase(op, gates, biases, states, (2, 3, 4, 5)),
        [(0, [2, 3]), (0, [2, 0, 4]), (0, [2, 3, 3]), (1, [4, 5 * gates + 1]), (2, [5]), (2, [4, 5 * gates]), (2, [0, 0]), .. Enumerable.Range(3, biases).Select(i => (i, new Shape(5 * gates, 1))), .. Enumerable.Range(3 + biases, states).Select(i => (i, new Shape(3, 5)))])];

    private static Row Rnn() => Recurrent("rnn", n => CellCase(new Rnn(), 1, 1, 1, n), [], WrongCells(new Rnn(), 1, 1, 1), StateBound,
        Libtorch("rnn", (_, x) => x[0].Rnn(x[1], x[2], x[3], x[4])));

    private static Row Lstm() => Recurrent("lstm", n => CellCase(new Lstm(), 4, 1, 2, n), [CellCase(new Lstm { KeepsGates = false }, 4, 1, 2, (2, 3, 3, 2))], WrongCells(new Lstm(), 4, 1, 2), StateBound,
        Libtorch("lstm", (_, x) =>
        {
            (Tensor states, Tensor cell) = x[0].Lstm(x[1], x[2], x[3], x[4], x[5]);
            return [states, states.Narrow(1, states.Shape[1] - 1, 1).Squeeze(1), cell];
        }));

    private static Row Gru() => Recurrent("gru", n => CellCase(new Gru(), 3, 2, 1, n), [CellCase(new Gru { KeepsGates = false }, 3, 2, 1, (2, 3, 3, 2))], WrongCells(new Gru(), 3, 2, 1), StateBound,
        Libtorch("gru", (_, x) => x[0].Gru(x[1], x[2], x[3], x[4], x[5])));

    // The gradients by the gates are rounded as the states are; those by the weights and biases are sums of them, times inputs
    // and states, over all positions.
    private static Bound BackBound => Bound.ToLargest(ExpRoundings + 16, (_, x) => x[1].Shape[1] + x[0].Shape[0] * x[0].Shape[1]);

    /// <summary>A gradient of a cell: with so many gates and kept pieces of each step, states before the first one, and gradients by last ones.</summary>
    private static Case Back(Op op, int gates, int pieces, int states, int lasts, (int Batch, int Steps, int Features, int Hidden) n)
    {
        Operand sequence = In([n.Batch, n.Steps, n.Hidden]), state = In([n.Batch, n.Hidden], Weight(n.Hidden));
        return new(op,
        [
            In([n.Batch, n.Steps, n.Features]), In([n.Hidden, gates * n.Hidden], Weight(n.Hidden)), .. Enumerable.Repeat(state, states), sequence with { Draw = Open },
            .. pieces > 0 ? [In([n.Steps, (n.Hidden + 31) / 32, pieces, n.Batch, 32], Open)] : Array.Empty<Operand>(), sequence, .. Enumerable.Repeat(state, lasts),
        ]);
    }

    private static Row BackRow(string name, Op op, Op andGates, int gates, int pieces, int states, int lasts)
    {
        Case right = Back(op, gates, pieces, states, lasts, (2, 3, 4, 5));
        int y = 2 + states;
        (int, Shape)[] wrong = [(0, [2, 3]), (0, [2, 0, 4]), (0, [3, 3, 4]), (1, [20]), (1, [5, 5 * gates + 1]), (2, [2, 4]), (y, [2, 5]), (y, [2, 3, 4]), (y + 1, [2, 3, 5, 1]), (right.Operands.Length - 1, [2, 4])];
        return Recurrent(name, n => Back(op, gates, pieces, states, lasts, n), [Back(andGates, gates, pieces, states, lasts, (2, 3, 3, 2))], [.. Reshaped(right, wrong)], BackBound, [], Smoothness.None)
            with { Large = [.. s_longSequences.Select(n => Back(andGates, gates, pieces, states, lasts, n)), Back(op, gates, pieces, states, lasts, (32, 3, 64, 256)), Back(op, gates, pieces, states, lasts, (150, 2, 5, 40))] };
    }

    private static Row RnnGradient() => BackRow("rnn_gradient", new RnnGradient(), new RnnGradient { GivesGates = true }, 1, 0, 1, 0);

    private static Row LstmGradient() => BackRow("lstm_gradient", new LstmGradient(), new LstmGradient { GivesGates = true }, 4, 5, 2, 1);

    private static Row GruGradient() => BackRow("gru_gradient", new GruGradient(), new GruGradient { GivesGates = true }, 3, 4, 1, 0);
}
