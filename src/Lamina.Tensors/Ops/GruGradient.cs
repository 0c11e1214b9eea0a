using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Recurrent;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// (x, recurrentWeight, h₀, y, gates, dy) → (dinputWeight, drecurrentWeight, dbias, drecurrentBias, dh₀[, da]): the gradients of
/// <see cref="Gru"/>; da (batch, steps, 3 · hidden) is that by xₜ·W + b, from which x's follows. Where a second gradient may
/// be taken, <see cref="Gru"/> uses tensor ops instead.
/// </summary>
public sealed record GruGradient : RecurrentOp
{
    public override string Name => "gru_gradient";

    /// <summary>Whether da is a result.</summary>
    public bool GivesGates { get; init; }

    public override bool IsDifferentiable => false;

    private protected override int Gates => 3;

    public override Specs Infer(Specs x)
    {
        (Spec input, Spec recurrent) = CheckGradient(x, 4, ["h0"], []);
        Spec bias = x[0] with { Shape = [recurrent.Shape[1]] };
        return GivesGates ? [input, recurrent, bias, bias, x[2], x[0] with { Shape = x[0].Shape.With(2, recurrent.Shape[1]) }]
            : [input, recurrent, bias, bias, x[2]];
    }

    public override Tensors Define(Tensors x) => Compose(x, null);

    /// <summary>The gradients in tensor ops, also where the gates were used, as a second gradient does.</summary>
    internal Tensors Compose(Tensors x, Tensor? byGates)
    {
        (Tensor weight, Tensor h0, Tensor y, Tensor by) = (x[1], x[2], x[3], x[5]);
        int hidden = h0.Shape[1];
        Tensor kept = Unblocked(x[4], hidden);
        Tensor? byKept = byGates is null ? null : Unblocked(byGates, hidden);
        List<Tensor> inputs = [], states = [];
        Tensor? carried = null;
        for (int step = y.Shape[1] - 1; step >= 0; step--)
        {
            Tensor dh = At(by, step), before = step > 0 ? At(y, step - 1) : h0, now = At(kept, step);
            if (carried is not null) dh = dh + carried;
            Tensor r = GateOf(now, 0, hidden), z = GateOf(now, 1, hidden), n = GateOf(now, 2, hidden), m = GateOf(now, 3, hidden);
            Tensor dn = dh * (1 - z), dz = dh * (before - n);
            Tensor? extra = byKept is null ? null : At(byKept, step);
            if (extra is not null) (dn, dz) = (dn + GateOf(extra, 2, hidden), dz + GateOf(extra, 1, hidden));
            Tensor sum = dn * (1 - n * n), dr = sum * m, dm = sum * r;
            if (extra is not null) (dr, dm) = (dr + GateOf(extra, 0, hidden), dm + GateOf(extra, 3, hidden));
            (dr, dz) = (dr * r * (1 - r), dz * z * (1 - z));
            inputs.Insert(0, Tensor.Concat([dr, dz, sum], 1));
            states.Insert(0, Tensor.Concat([dr, dz, dm], 1));
            carried = dh * z + states[0].MatMul(weight.T);
        }
        (Tensor byInput, Tensor byState) = (Sequence(inputs), Sequence(states));
        return GivesGates
            ? [ByWeight(x[0], byInput), ByWeight(Shifted(h0, y), byState), byInput.Sum([0, 1]), byState.Sum([0, 1]), carried!, byInput]
            : [ByWeight(x[0], byInput), ByWeight(Shifted(h0, y), byState), byInput.Sum([0, 1]), byState.Sum([0, 1]), carried!];
    }

    public override long MultiplyAdds(Specs x) => GradientWork(x);

    private static RecurrentShape Sizes(DType type, Shape x, int hidden) => new(type, x[0], x[1], x[2], hidden, 3 * hidden, 1);

    public override long Workspace(Specs x) =>
        RecurrentBackward<Cell>.Workspace(Sizes(x[0].DType, x[0].Shape, x[1].Shape[0]), 2 * x[1].Shape[1]) + 2L * x[1].Shape[1] * x[1].DType.Size;

    public override unsafe void Run(in CpuCall c)
    {
        RecurrentShape shape = Sizes(c[0].DType, c[0].Shape, c[1].Shape[0]);
        var cell = new Cell
        {
            Gates = (byte*)c[4].Data, States = (byte*)c.Outputs[4].Data, Plain = GivesGates ? (byte*)c.Outputs[5].Data : null,
            Blocks = new GateBlocks(shape.Batch, shape.Hidden, 4), Steps = shape.Steps,
        };
        // Both biases' gradients side by side, then apart.
        int sums = 2 * shape.Inner, bytes = shape.Inner * shape.Type.Size;
        byte* biases = (byte*)c.Workspace + RecurrentBackward<Cell>.Workspace(shape, sums);
        RecurrentBackward<Cell>.Run(c.Pool, shape, cell, new RecurrentTrace
        {
            X = (byte*)c[0].Data, RecurrentWeight = (byte*)c[1].Data, Initial = (byte*)c[2].Data, Y = (byte*)c[3].Data, By = (byte*)c[5].Data,
            ByInputWeight = (byte*)c.Outputs[0].Data, ByRecurrentWeight = (byte*)c.Outputs[1].Data, ByBias = biases, ByInitial = (byte*)c.Outputs[4].Data,
                Biases = sums,
        }, (byte*)c.Workspace);
        Unsafe.CopyBlockUnaligned(c.Outputs[2].Data, biases, (uint)bytes);
        Unsafe.CopyBlockUnaligned(c.Outputs[3].Data, biases + bytes, (uint)bytes);
    }

    private unsafe struct Cell : IBackwardCell
    {
        public byte* Gates, States, Plain;
        public GateBlocks Blocks;
        public int Steps;

        public static int Products => 4;

        // r and z, then what n takes of the state, and of the input.
        public static CellProduct Product(int index) => new(Math.Min(index, 2), index != 3, index != 2);

        public readonly byte* Carried => States;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Back<V>(V gradient, V before, int row, int step, int unit, int count, bool last, byte* pieces, nint apart, nint hidden,
            byte* sums) where V : struct, ILanes<V>
        {
            nint kept = Blocks.Piece * V.Size;
            byte* carried = States + row * hidden + (nint)unit * V.Size, gates = Gates + Blocks.At(row, step, unit) * V.Size;
            V r = Lanes.Load<V>(gates, count), z = Lanes.Load<V>(gates + kept, count), n = Lanes.Load<V>(gates + 2 * kept, count),
                m = Lanes.Load<V>(gates + 3 * kept, count);
            if (!last) gradient += Lanes.Load<V>(carried, count);
            Lanes.Store(gradient * z, carried, count);
            V one = V.Of(1), sum = gradient * (one - z) * (one - n * n), state = sum * r;
            V reset = sum * m * (r * (one - r)), update = gradient * (before - n) * (z * (one - z));
            Lanes.Store(reset, pieces, count);
            Lanes.Store(update, pieces + apart, count);
            Lanes.Store(state, pieces + 2 * apart, count);
            Lanes.Store(sum, pieces + 3 * apart, count);
            Add(reset, sums, sums + 3 * hidden, count);
            Add(update, sums + hidden, sums + 4 * hidden, count);
            Lanes.Store(sum + Lanes.Load<V>(sums + 2 * hidden, count), sums + 2 * hidden, count);
            Lanes.Store(state + Lanes.Load<V>(sums + 5 * hidden, count), sums + 5 * hidden, count);
            if (Plain == null) return;
            byte* plain = Plain + 3 * ((nint)row * Steps + step) * hidden + (nint)unit * V.Size;
            Lanes.Store(reset, plain, count);
            Lanes.Store(update, plain + hidden, count);
            Lanes.Store(sum, plain + 2 * hidden, count);
        }

        // A gate that takes the sum of both products.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Add<V>(V value, byte* first, byte* second, int count) where V : struct, ILanes<V>
        {
            V sum = value + Lanes.Load<V>(first, count);
            Lanes.Store(sum, first, count);
            Lanes.Store(sum, second, count);
        }
    }
}
