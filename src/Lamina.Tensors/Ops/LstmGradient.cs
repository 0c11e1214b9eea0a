using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Recurrent;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// (x, recurrentWeight, h₀, c₀, y, gates, dy, dc) → (dinputWeight, drecurrentWeight, dbias, dh₀, dc₀[, dz]): the gradients of
/// <see cref="Lstm"/>; dz (batch, steps, 4 · hidden) is that by what the gates' functions are taken of, from which x's
/// follows. Where a second gradient may be taken, <see cref="Lstm"/> uses tensor ops instead.
/// </summary>
public sealed record LstmGradient : RecurrentOp
{
    public override string Name => "lstm_gradient";

    /// <summary>Whether dz is a result.</summary>
    public bool GivesGates { get; init; }

    public override bool IsDifferentiable => false;

    private protected override int Gates => 4;

    public override Specs Infer(Specs x)
    {
        (Spec input, Spec recurrent) = CheckGradient(x, 5, ["h0", "c0"], ["dc"]);
        Spec bias = x[0] with { Shape = [recurrent.Shape[1]] };
        return GivesGates ? [input, recurrent, bias, x[2], x[3], x[0] with { Shape = x[0].Shape.With(2, recurrent.Shape[1]) }]
            : [input, recurrent, bias, x[2], x[3]];
    }

    public override Tensors Define(Tensors x) => Compose(x, null);

    /// <summary>The gradients in tensor ops, also where the gates were used, as a second gradient does.</summary>
    internal Tensors Compose(Tensors x, Tensor? byGates)
    {
        (Tensor weight, Tensor h0, Tensor c0, Tensor y, Tensor by, Tensor carried) = (x[1], x[2], x[3], x[4], x[6], x[7]);
        int hidden = c0.Shape[1];
        Tensor kept = Unblocked(x[5], hidden);
        Tensor? byKept = byGates is null ? null : Unblocked(byGates, hidden);
        var all = new List<Tensor>();
        for (int step = y.Shape[1] - 1; step >= 0; step--)
        {
            Tensor now = At(kept, step), dh = At(by, step), before = step > 0 ? GateOf(At(kept, step - 1), 4, hidden) : c0;
            if (all.Count > 0) dh = dh + all[0].MatMul(weight.T);
            Tensor i = GateOf(now, 0, hidden), f = GateOf(now, 1, hidden), g = GateOf(now, 2, hidden), o = GateOf(now, 3, hidden),
                tanh = GateOf(now, 4, hidden).Tanh();
            Tensor dc = dh * o * (1 - tanh * tanh) + carried;
            if (byKept is not null) dc = dc + GateOf(At(byKept, step), 4, hidden);
            Tensor opened = Tensor.Concat([dc * g, dc * before, dc * i, dh * tanh], 1);
            if (byKept is not null) opened = opened + At(byKept, step).Narrow(1, 0, 4 * hidden);
            all.Insert(0, opened * Tensor.Concat([i * (1 - i), f * (1 - f), 1 - g * g, o * (1 - o)], 1));
            carried = dc * f;
        }
        Tensor dz = Sequence(all), first = all[0].MatMul(weight.T);
        return GivesGates
            ? [ByWeight(x[0], dz), ByWeight(Shifted(h0, y), dz), dz.Sum([0, 1]), first, carried, dz]
            : [ByWeight(x[0], dz), ByWeight(Shifted(h0, y), dz), dz.Sum([0, 1]), first, carried];
    }

    public override long MultiplyAdds(Specs x) => GradientWork(x);

    private static RecurrentShape Sizes(DType type, Shape x, int hidden) => new(type, x[0], x[1], x[2], hidden, 4 * hidden, 1);

    public override long Workspace(Specs x) => RecurrentBackward<Cell>.Workspace(Sizes(x[0].DType, x[0].Shape, x[1].Shape[0]), x[1].Shape[1]);

    public override unsafe void Run(in CpuCall c)
    {
        RecurrentShape shape = Sizes(c[0].DType, c[0].Shape, c[1].Shape[0]);
        var cell = new Cell
        {
            Initial = (byte*)c[3].Data, Gates = (byte*)c[5].Data, Last = (byte*)c[7].Data, Cells = (byte*)c.Outputs[4].Data, Plain = GivesGates
                ? (byte*)c.Outputs[5].Data : null,
            Blocks = new GateBlocks(shape.Batch, shape.Hidden, 5), Steps = shape.Steps,
        };
        RecurrentBackward<Cell>.Run(c.Pool, shape, cell, new RecurrentTrace
        {
            X = (byte*)c[0].Data, RecurrentWeight = (byte*)c[1].Data, Initial = (byte*)c[2].Data, Y = (byte*)c[4].Data, By = (byte*)c[6].Data,
            ByInputWeight = (byte*)c.Outputs[0].Data, ByRecurrentWeight = (byte*)c.Outputs[1].Data, ByBias = (byte*)c.Outputs[2].Data,
                ByInitial = (byte*)c.Outputs[3].Data,
            Biases = c[1].Shape[1],
        }, (byte*)c.Workspace);
    }

    private unsafe struct Cell : IBackwardCell
    {
        public byte* Initial, Gates, Last, Cells, Plain;
        public GateBlocks Blocks;
        public int Steps;

        public static int Products => 4;

        public static CellProduct Product(int index) => new(index, true, true);

        public readonly byte* Carried => null;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Back<V>(V gradient, V before, int row, int step, int unit, int count, bool last, byte* pieces, nint apart, nint hidden,
            byte* sums) where V : struct, ILanes<V>
        {
            nint at = row * hidden + (nint)unit * V.Size, kept = Blocks.Piece * V.Size;
            byte* gates = Gates + Blocks.At(row, step, unit) * V.Size;
            V tanh = V.Tanh(Lanes.Load<V>(gates + 4 * kept, count)),
                c = Lanes.Load<V>(step > 0 ? gates + 4 * kept - Blocks.Step * V.Size : Initial + at, count);
            V i = Lanes.Load<V>(gates, count), f = Lanes.Load<V>(gates + kept, count), g = Lanes.Load<V>(gates + 2 * kept, count),
                o = Lanes.Load<V>(gates + 3 * kept, count);
            V one = V.Of(1), dc = V.Fma(gradient * o, one - tanh * tanh, Lanes.Load<V>((last ? Last : Cells) + at, count));
            Lanes.Store(dc * f, Cells + at, count);
            byte* plain = Plain == null ? null : Plain + 4 * ((nint)row * Steps + step) * hidden + (nint)unit * V.Size;
            Put(dc * g * (i * (one - i)), pieces, sums, plain, count);
            Put(dc * c * (f * (one - f)), pieces + apart, sums + hidden, plain == null ? null : plain + hidden, count);
            Put(dc * i * (one - g * g), pieces + 2 * apart, sums + 2 * hidden, plain == null ? null : plain + 2 * hidden, count);
            Put(gradient * tanh * (o * (one - o)), pieces + 3 * apart, sums + 3 * hidden, plain == null ? null : plain + 3 * hidden, count);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Put<V>(V value, byte* piece, byte* sums, byte* plain, int count) where V : struct, ILanes<V>
        {
            Lanes.Store(value, piece, count);
            Lanes.Store(value + Lanes.Load<V>(sums, count), sums, count);
            if (plain != null) Lanes.Store(value, plain, count);
        }
    }
}
