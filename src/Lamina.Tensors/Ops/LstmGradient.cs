using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// (recurrentWeight, h₀, c₀, y, cells, gates, dy[, dcells]) → (dz, dbias, previous, dc₀): of <see cref="Lstm"/>, the
/// gradients by what the gates' functions are taken of (batch, steps, 4 · hidden), by the bias and by the first cell, and the
/// state before each step, with which the weights' gradients are products. Where a second gradient may be taken,
/// <see cref="Lstm"/> uses tensor ops instead.
/// </summary>
public sealed record LstmGradient : RecurrentOp
{
    public override string Name => "lstm_gradient";

    public override bool IsDifferentiable => false;

    private protected override int Gates => 4;

    public override Specs Infer(Specs x)
    {
        if (x.Count != 8) RequireOperands(x, 7);
        (int batch, int steps, int hidden) = CheckGradient(x, 3);
        Require(x, 1, "h0", [batch, hidden]);
        Require(x, 2, "c0", [batch, hidden]);
        Require(x, 4, "cells", x[3].Shape);
        Require(x, 5, "gates", [batch, steps, 4 * hidden]);
        Require(x, 6, "dy", x[3].Shape);
        if (x.Count == 8) Require(x, 7, "dcells", x[3].Shape);
        return [x[5], x[0] with { Shape = [4 * hidden] }, x[3], x[2]];
    }

    public override Tensors Define(Tensors x) => Compose(x[0], x[1], x[2], [x[3], x[4], x[5]], x[6], x.Count > 7 ? x[7] : null, null);

    internal static Tensors Compose(Tensor weight, Tensor h0, Tensor c0, Tensors outputs, Tensor by, Tensor? byCells, Tensor? byGates)
    {
        (Tensor y, Tensor cells, Tensor gates) = (outputs[0], outputs[1], outputs[2]);
        int hidden = c0.Shape[1];
        var all = new List<Tensor>();
        Tensor? carried = null;
        for (int step = y.Shape[1] - 1; step >= 0; step--)
        {
            Tensor dh = At(by, step), tanh = At(cells, step).Tanh(), before = step > 0 ? At(cells, step - 1) : c0, taken = At(gates, step);
            if (all.Count > 0) dh = dh + all[0].MatMul(weight.T);
            Tensor i = GateOf(taken, 0, hidden), f = GateOf(taken, 1, hidden), g = GateOf(taken, 2, hidden), o = GateOf(taken, 3, hidden);
            Tensor dc = dh * o * (1 - tanh * tanh);
            if (carried is not null) dc = dc + carried;
            if (byCells is not null) dc = dc + At(byCells, step);
            Tensor taking = Tensor.Concat([dc * g, dc * before, dc * i, dh * tanh], 1);
            if (byGates is not null) taking = taking + At(byGates, step);
            all.Insert(0, taking * Tensor.Concat([i * (1 - i), f * (1 - f), 1 - g * g, o * (1 - o)], 1));
            carried = dc * f;
        }
        Tensor dz = Sequence(all);
        return [dz, dz.Sum([0, 1]), Shifted(h0, y), carried!];
    }

    private static RecurrentShape Sizes(DType type, Shape y) => new(type, y[0], y[1], 0, y[2], 4 * y[2], 1);

    public override long Workspace(Specs x) => RecurrentBackward<Cell>.Workspace(Sizes(x[0].DType, x[3].Shape), x[0].Shape[1]);

    public override unsafe void Run(in CpuCall c)
    {
        var cell = new Cell
        {
            Initial = (byte*)c[2].Data, Cells = (byte*)c[4].Data, Gates = (byte*)c[5].Data, ByCells = c.Inputs.Length > 7 ? (byte*)c[7].Data : null,
            To = (byte*)c.Output.Data, Carried = (byte*)c.Outputs[3].Data, Hidden = c[0].Shape[0],
        };
        RecurrentBackward<Cell>.Run(
            c.Pool, Sizes(c[0].DType, c[3].Shape), cell, new RecurrentTrace(c[1].Data, c[3].Data, c[6].Data, c.Outputs[2].Data),
            (byte*)c[0].Data, c[0].Shape[1], (byte*)c.Outputs[1].Data, (byte*)c.Workspace);
    }

    private unsafe struct Cell : IBackwardCell
    {
        public byte* Initial, Cells, Gates, ByCells, To, Carried;
        public int Hidden;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Back<V>(V gradient, V before, in CellPlace place, byte* to, nint apart, byte* sums) where V : struct, ILanes<V>
        {
            int count = place.Count;
            nint hidden = apart, unit = (nint)place.Unit * V.Size;
            byte* cell = Cells + place.Place * hidden + unit, gates = Gates + 4 * place.Place * hidden + unit, carried = Carried + place.Row * hidden + unit;
            V tanh = V.Tanh(Lanes.Load<V>(cell, count)), c = Lanes.Load<V>(place.IsFirst ? Initial + place.Row * hidden + unit : cell - hidden, count);
            V i = Lanes.Load<V>(gates, count), f = Lanes.Load<V>(gates + hidden, count), g = Lanes.Load<V>(gates + 2 * hidden, count), o = Lanes.Load<V>(gates + 3 * hidden, count);
            V one = V.Of(1), dc = gradient * o * (one - tanh * tanh);
            if (!place.IsLast) dc += Lanes.Load<V>(carried, count);
            if (ByCells != null) dc += Lanes.Load<V>(ByCells + place.Place * hidden + unit, count);
            Lanes.Store(dc * f, carried, count);
            byte* result = To + 4 * place.Place * hidden + unit;
            Put(dc * g * (i * (one - i)), result, to, sums, count);
            Put(dc * c * (f * (one - f)), result + hidden, to + hidden, sums + hidden, count);
            Put(dc * i * (one - g * g), result + 2 * hidden, to + 2 * hidden, sums + 2 * hidden, count);
            Put(gradient * tanh * (o * (one - o)), result + 3 * hidden, to + 3 * hidden, sums + 3 * hidden, count);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Put<V>(V value, byte* result, byte* to, byte* sums, int count) where V : struct, ILanes<V>
        {
            Lanes.Store(value, result, count);
            Lanes.Store(value, to, count);
            Lanes.Store(value + Lanes.Load<V>(sums, count), sums, count);
        }
    }
}
