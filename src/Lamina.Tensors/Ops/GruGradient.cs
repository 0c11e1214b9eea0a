using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// (recurrentWeight, h₀, y, gates, dy) → (da, db, dbias, drecurrentBias, previous, dh₀): of <see cref="Gru"/>, the gradients by
/// xₜ·W + b and by hₜ₋₁·U + c (batch, steps, 3 · hidden) and by the biases, the state before each step, with which the
/// weights' gradients are products, and what the first state gets past the product. Where a second gradient may be taken,
/// <see cref="Gru"/> uses tensor ops instead.
/// </summary>
public sealed record GruGradient : RecurrentOp
{
    public override string Name => "gru_gradient";

    public override bool IsDifferentiable => false;

    private protected override int Gates => 3;

    public override Specs Infer(Specs x)
    {
        RequireOperands(x, 5);
        (int batch, int steps, int hidden) = CheckGradient(x, 2);
        Require(x, 1, "h0", [batch, hidden]);
        Require(x, 3, "gates", [batch, steps, 4 * hidden]);
        Require(x, 4, "dy", x[2].Shape);
        Spec all = x[0] with { Shape = [batch, steps, 3 * hidden] }, bias = x[0] with { Shape = [3 * hidden] };
        return [all, all, bias, bias, x[2], x[1]];
    }

    public override Tensors Define(Tensors x) => Compose(x[0], x[1], [x[2], x[3]], x[4], null);

    internal static Tensors Compose(Tensor weight, Tensor h0, Tensors outputs, Tensor by, Tensor? byGates)
    {
        (Tensor y, Tensor gates) = (outputs[0], outputs[1]);
        int hidden = h0.Shape[1];
        List<Tensor> inputs = [], states = [];
        Tensor? carried = null;
        for (int step = y.Shape[1] - 1; step >= 0; step--)
        {
            Tensor dh = At(by, step), before = step > 0 ? At(y, step - 1) : h0, taken = At(gates, step);
            if (carried is not null) dh = dh + carried + states[0].MatMul(weight.T);
            Tensor r = GateOf(taken, 0, hidden), z = GateOf(taken, 1, hidden), n = GateOf(taken, 2, hidden), m = GateOf(taken, 3, hidden);
            Tensor dn = dh * (1 - z), dz = dh * (before - n);
            Tensor? extra = byGates is null ? null : At(byGates, step);
            if (extra is not null) (dn, dz) = (dn + GateOf(extra, 2, hidden), dz + GateOf(extra, 1, hidden));
            Tensor sum = dn * (1 - n * n), dr = sum * m, dm = sum * r;
            if (extra is not null) (dr, dm) = (dr + GateOf(extra, 0, hidden), dm + GateOf(extra, 3, hidden));
            (dr, dz) = (dr * r * (1 - r), dz * z * (1 - z));
            inputs.Insert(0, Tensor.Concat([dr, dz, sum], 1));
            states.Insert(0, Tensor.Concat([dr, dz, dm], 1));
            carried = dh * At(gates, step).Narrow(1, hidden, hidden);
        }
        (Tensor byInput, Tensor byState) = (Sequence(inputs), Sequence(states));
        return [byInput, byState, byInput.Sum([0, 1]), byState.Sum([0, 1]), Shifted(h0, y), carried!];
    }

    private static RecurrentShape Sizes(DType type, Shape y) => new(type, y[0], y[1], 0, y[2], 3 * y[2], 1);

    public override long Workspace(Specs x) => RecurrentBackward<Cell>.Workspace(Sizes(x[0].DType, x[2].Shape), 2 * x[0].Shape[1]) + 2 * x[0].Shape[1] * x[0].DType.Size;

    public override unsafe void Run(in CpuCall c)
    {
        var cell = new Cell { Gates = (byte*)c[3].Data, ByInput = (byte*)c.Outputs[0].Data, ByState = (byte*)c.Outputs[1].Data, Carried = (byte*)c.Outputs[5].Data };
        // Both biases' gradients side by side, then apart.
        int sums = 2 * c[0].Shape[1], bytes = c[0].Shape[1] * c[0].DType.Size;
        RecurrentShape shape = Sizes(c[0].DType, c[2].Shape);
        byte* biases = (byte*)c.Workspace + RecurrentBackward<Cell>.Workspace(shape, sums);
        RecurrentBackward<Cell>.Run(
            c.Pool, shape, cell, new RecurrentTrace(c[1].Data, c[2].Data, c[4].Data, c.Outputs[4].Data), (byte*)c[0].Data, sums, biases, (byte*)c.Workspace);
        Unsafe.CopyBlockUnaligned(c.Outputs[2].Data, biases, (uint)bytes);
        Unsafe.CopyBlockUnaligned(c.Outputs[3].Data, biases + bytes, (uint)bytes);
    }

    private unsafe struct Cell : IBackwardCell
    {
        public byte* Gates, ByInput, ByState, Carried;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Back<V>(V gradient, V before, in CellPlace place, byte* to, nint apart, byte* sums) where V : struct, ILanes<V>
        {
            int count = place.Count;
            nint hidden = apart, unit = (nint)place.Unit * V.Size;
            byte* gates = Gates + 4 * place.Place * hidden + unit, carried = Carried + place.Row * hidden + unit;
            V r = Lanes.Load<V>(gates, count), z = Lanes.Load<V>(gates + hidden, count), n = Lanes.Load<V>(gates + 2 * hidden, count), m = Lanes.Load<V>(gates + 3 * hidden, count);
            if (!place.IsLast) gradient += Lanes.Load<V>(carried, count);
            Lanes.Store(gradient * z, carried, count);
            V one = V.Of(1), sum = gradient * (one - z) * (one - n * n);
            nint at = 3 * place.Place * hidden + unit;
            Put(sum * m * (r * (one - r)), at, 0, to, hidden, sums, count);
            Put(gradient * (before - n) * (z * (one - z)), at, 1, to, hidden, sums, count);
            V state = sum * r;
            Lanes.Store(sum, ByInput + at + 2 * hidden, count);
            Lanes.Store(state, ByState + at + 2 * hidden, count);
            Lanes.Store(state, to + 2 * hidden, count);
            Lanes.Store(sum + Lanes.Load<V>(sums + 2 * hidden, count), sums + 2 * hidden, count);
            Lanes.Store(state + Lanes.Load<V>(sums + 5 * hidden, count), sums + 5 * hidden, count);
        }

        // A gate that takes the sum of both products.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Put<V>(V value, nint at, int gate, byte* to, nint hidden, byte* sums, int count) where V : struct, ILanes<V>
        {
            Lanes.Store(value, ByInput + at + gate * hidden, count);
            Lanes.Store(value, ByState + at + gate * hidden, count);
            Lanes.Store(value, to + gate * hidden, count);
            V sum = value + Lanes.Load<V>(sums + gate * hidden, count);
            Lanes.Store(sum, sums + gate * hidden, count);
            Lanes.Store(sum, sums + (3 + gate) * hidden, count);
        }
    }
}
