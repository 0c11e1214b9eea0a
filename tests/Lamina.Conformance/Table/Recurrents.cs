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
        s_longSequences = [(9, 3, 20, 70), (33, 4, 13, 33), (40, 5, 40, 17)];

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
    private static Bound StateBound => Bound.ToGreatest(3 * ExpRoundings + 8, (_, x) => x[1].Shape[0] + x[2].Shape[0]);

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
            (Tensor states, Tensor cells) = x[0].Lstm(x[1], x[2], x[3], x[4], x[5]);
            return [states, states.Narrow(1, states.Shape[1] - 1, 1).Squeeze(1), cells.Narrow(1, states.Shape[1] - 1, 1).Squeeze(1)];
        }));

    private static Row Gru() => Recurrent("gru", n => CellCase(new Gru(), 3, 2, 1, n), [CellCase(new Gru { KeepsGates = false }, 3, 2, 1, (2, 3, 3, 2))], WrongCells(new Gru(), 3, 2, 1), StateBound,
        Libtorch("gru", (_, x) => x[0].Gru(x[1], x[2], x[3], x[4], x[5])));

    // As forward; the biases' gradients are sums over all positions.
    private static Bound BackBound(int y) => Bound.ToGreatest(ExpRoundings + 16, (_, x) => x[0].Shape[1] + x[y].Shape[0] * x[y].Shape[1]);

    private static Row RnnGradient()
    {
        static Case Of((int Batch, int Steps, int Features, int Hidden) n) => new(new RnnGradient(),
            In([n.Hidden, n.Hidden], Weight(n.Hidden)), In([n.Batch, n.Hidden], Weight(n.Hidden)), In([n.Batch, n.Steps, n.Hidden], Open), In([n.Batch, n.Steps, n.Hidden]));
        return Recurrent("rnn_gradient", Of, [], [.. Reshaped(Of((2, 3, 4, 5)), (0, [5, 4]), (0, [5]), (1, [2, 4]), (2, [2, 5]), (2, [2, 0, 5]), (2, [2, 3, 4]), (3, [2, 3, 4]))],
            BackBound(2), [], Smoothness.None);
    }

    private static Row LstmGradient()
    {
        static Case Of((int Batch, int Steps, int Features, int Hidden) n)
        {
            Operand sequence = In([n.Batch, n.Steps, n.Hidden]), first = In([n.Batch, n.Hidden], Weight(n.Hidden));
            return new(new LstmGradient(), In([n.Hidden, 4 * n.Hidden], Weight(n.Hidden)), first, first, sequence with { Draw = Open }, sequence, In([n.Batch, n.Steps, 4 * n.Hidden], Open), sequence);
        }
        static Case AndCells((int, int, int, int) n) => Of(n) with { Operands = [.. Of(n).Operands, Of(n).Operands[6]] };
        Row row = Recurrent("lstm_gradient", Of, [AndCells((2, 3, 1, 3)), AndCells((1, 2, 1, 5))],
            [.. Reshaped(AndCells((2, 3, 4, 5)), (0, [5, 5]), (0, [20]), (1, [2, 4]), (2, [3, 5]), (3, [2, 5]), (3, [2, 0, 5]), (3, [2, 3, 4]), (4, [2, 3, 4]), (5, [2, 3, 5]), (6, [2, 3, 4]), (7, [2, 3, 4]))],
            BackBound(3), [], Smoothness.None);
        return row with { Large = [.. row.Large, AndCells((33, 4, 1, 33))] };
    }

    private static Row GruGradient()
    {
        static Case Of((int Batch, int Steps, int Features, int Hidden) n) => new(new GruGradient(),
            In([n.Hidden, 3 * n.Hidden], Weight(n.Hidden)), In([n.Batch, n.Hidden], Weight(n.Hidden)), In([n.Batch, n.Steps, n.Hidden], Open), In([n.Batch, n.Steps, 4 * n.Hidden], Open), In([n.Batch, n.Steps, n.Hidden]));
        return Recurrent("gru_gradient", Of, [], [.. Reshaped(Of((2, 3, 4, 5)), (0, [5, 5]), (1, [2, 4]), (2, [2, 5]), (2, [2, 0, 5]), (2, [2, 3, 4]), (3, [2, 3, 15]), (4, [2, 3, 4]))],
            BackBound(2), [], Smoothness.None);
    }
}
