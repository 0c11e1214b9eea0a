using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Recurrent;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// (x, inputWeight, recurrentWeight, bias, h₀, c₀) → (y, c[, gates]): a long short-term memory over sequences (batch, steps,
/// features) (Hochreiter and Schmidhuber, 1997; forget gate: Gers, Schmidhuber and Cummins, 2000). With
/// (i, f, g, o) = (σ, σ, tanh, σ)(xₜ·W + hₜ₋₁·U + b), cₜ = f ∘ cₜ₋₁ + i ∘ g and hₜ = o ∘ tanh(cₜ). y is all h (batch, steps,
/// hidden), c the last one; gates are the i, f, g, o and c of every step as <see cref="GateBlocks"/> lays them, for the gradient.
/// </summary>
public sealed record Lstm : RecurrentOp
{
    public override string Name => "lstm";

    /// <summary>Whether the gates are a result. The gradient needs them, and runs the sequence again where they weren't kept.</summary>
    public bool KeepsGates { get; init; } = true;

    private protected override int Gates => 4;

    public override Specs Infer(Specs x)
    {
        Check(x, ["bias"], ["h0", "c0"]);
        int hidden = x[2].Shape[0];
        Spec y = x[0] with { Shape = x[0].Shape.With(2, hidden) };
        return KeepsGates ? [y, x[5], y with { Shape = new GateBlocks(y.Shape[0], hidden, 5).Over(y.Shape[1]) }] : [y, x[5]];
    }

    public override Tensors Define(Tensors x)
    {
        int hidden = x[2].Shape[0];
        Tensor z = x[0].MatMul(x[1]) + x[3], h = x[4], c = x[5];
        List<Tensor> y = [], gates = [];
        for (int step = 0; step < x[0].Shape[1]; step++)
        {
            Tensor all = At(z, step) + h.MatMul(x[2]);
            Tensor i = GateOf(all, 0, hidden).Sigmoid(), f = GateOf(all, 1, hidden).Sigmoid(), g = GateOf(all, 2, hidden).Tanh(),
                o = GateOf(all, 3, hidden).Sigmoid();
            c = f * c + i * g;
            gates.Add(Tensor.Concat([i, f, g, o, c], 1));
            y.Add(h = o * c.Tanh());
        }
        return KeepsGates ? [Sequence(y), c, Blocked(Sequence(gates), 5)] : [Sequence(y), c];
    }

    public override Grads Gradient(in GradCall g)
    {
        Tensors outputs = KeepsGates ? g.Outputs : new Lstm().ApplyAll(g.Inputs);
        Tensor? byGates = !KeepsGates || IsUnused(g.Upstream[2]) ? null : g.Upstream[2];
        var op = new LstmGradient { GivesGates = g.Wants(0) };
        Tensors operands = [g[0], g[2], g[4], g[5], outputs[0], outputs[2], g.By, g.Upstream[1]];
        Tensors all = Tracking.IsPaused && byGates is null ? op.ApplyAll(operands) : op.Compose(operands, byGates);
        return [g.Wants(0) ? ThroughWeight(all[5], g[1], g[0].Shape) : null, all[0], all[1], all[2], all[3], all[4]];
    }

    public override long MultiplyAdds(Specs x) => (long)x[0].Shape[0] * x[0].Shape[1] * (x[1].Shape.Count + x[2].Shape.Count);

    private static RecurrentShape Sizes(DType type, Shape x, Shape weight) => new(type, x[0], x[1], x[2], weight[0], x[2] + weight[0], Cell.Products);

    public override long Workspace(Specs x) => RecurrentForward<Cell>.Workspace(Sizes(x[0].DType, x[0].Shape, x[2].Shape));

    public override unsafe void Run(in CpuCall c)
    {
        RecurrentShape shape = Sizes(c[0].DType, c[0].Shape, c[2].Shape);
        var cell = new Cell { Initial = (byte*)c[5].Data, Last = (byte*)c.Outputs[1].Data, Gates = KeepsGates ? (byte*)c.Outputs[2].Data
            : null, Blocks = new GateBlocks(shape.Batch, shape.Hidden, 5), Hidden = shape.Hidden };
        if (KeepsGates) cell.Blocks.ClearMargin(cell.Gates, shape.Steps, shape.Type.Size);
        RecurrentForward<Cell>.Run(
            c.Pool, shape, cell, (byte*)c[0].Data, new RecurrentWeights(c[1].Data, c[2].Data, c[3].Data, null, 4), (byte*)c[4].Data, (byte*)c.Output.Data,
                (byte*)c.Workspace);
    }

    private unsafe struct Cell : IForwardCell
    {
        public byte* Initial, Last, Gates;
        public GateBlocks Blocks;
        public int Hidden;

        public static int Products => 4;

        // i, f, o and then g: what goes through the same function lies together.
        public static CellProduct Product(int index) => new(index switch { 2 => 3, 3 => 2, _ => index }, true, true);

        public static void Activate<V>(byte* tile, int count) where V : struct, ILanes<V>
        {
            RecurrentTile.Sigmoid<V>(tile, 3 * count);
            RecurrentTile.Tanh<V>(tile + 3 * (nint)count * V.Size, count);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly V Next<V>(byte* tile, nint apart, V state, int row, int step, int unit, int count) where V : struct, ILanes<V>
        {
            V i = V.Load(tile), f = V.Load(tile + apart), o = V.Load(tile + 2 * apart), g = V.Load(tile + 3 * apart);
            nint at = ((nint)row * Hidden + unit) * V.Size;
            V c = V.Fma(f, Lanes.Load<V>((step > 0 ? Last : Initial) + at, count), i * g);
            Lanes.Store(c, Last + at, count);
            if (Gates != null)
            {
                byte* gates = Gates + Blocks.At(row, step, unit) * V.Size;
                nint piece = Blocks.Piece * V.Size;
                Lanes.Store(i, gates, count);
                Lanes.Store(f, gates + piece, count);
                Lanes.Store(g, gates + 2 * piece, count);
                Lanes.Store(o, gates + 3 * piece, count);
                Lanes.Store(c, gates + 4 * piece, count);
            }
            return o * V.Tanh(c);
        }
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <summary>
        /// A long short-term memory on sequences (batch, steps, features): all states (batch, steps, hidden) and the last cell
        /// (batch, hidden), with which, and the last state, a sequence goes on. Weights are (features, 4 · hidden) and (hidden,
        /// 4 · hidden), the bias (4 · hidden), gates in the order input, forget, cell, output. The first state and cell are
        /// (batch, hidden), or zeros.
        /// </summary>
        public (Tensor States, Tensor Cell) Lstm(Tensor inputWeight, Tensor recurrentWeight, Tensor bias, Tensor? state = null, Tensor? cell = null)
        {
            Tensors operands = [x, inputWeight, recurrentWeight, bias, state ?? InitialState(x, recurrentWeight), cell ?? InitialState(x, recurrentWeight)];
            Tensors results = new Lstm { KeepsGates = Tracking.Applies(operands) }.ApplyAll(operands);
            return (results[0], results[1]);
        }
    }
}
