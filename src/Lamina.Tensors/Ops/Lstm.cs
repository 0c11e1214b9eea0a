using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// (x, inputWeight, recurrentWeight, bias, h₀, c₀) → (y, cells, gates): a long short-term memory over sequences (batch,
/// steps, features) (Hochreiter and Schmidhuber, 1997; forget gate: Gers, Schmidhuber and Cummins, 2000). With
/// (i, f, g, o) = (σ, σ, tanh, σ)(xₜ·W + hₜ₋₁·U + b), cₜ = f ∘ cₜ₋₁ + i ∘ g and hₜ = o ∘ tanh(cₜ). y and cells are all h
/// and c (batch, steps, hidden); gates are i, f, g, o side by side, (batch, steps, 4 · hidden), which the gradient takes.
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
        return KeepsGates ? [y, y, y with { Shape = y.Shape.With(2, 4 * hidden) }] : [y, y];
    }

    public override Tensors Define(Tensors x)
    {
        int hidden = x[2].Shape[0];
        Tensor z = x[0].MatMul(x[1]) + x[3], h = x[4], c = x[5];
        List<Tensor> y = [], cells = [], gates = [];
        for (int step = 0; step < x[0].Shape[1]; step++)
        {
            Tensor all = At(z, step) + h.MatMul(x[2]);
            Tensor i = GateOf(all, 0, hidden).Sigmoid(), f = GateOf(all, 1, hidden).Sigmoid(), g = GateOf(all, 2, hidden).Tanh(), o = GateOf(all, 3, hidden).Sigmoid();
            gates.Add(Tensor.Concat([i, f, g, o], 1));
            cells.Add(c = f * c + i * g);
            y.Add(h = o * c.Tanh());
        }
        return KeepsGates ? [Sequence(y), Sequence(cells), Sequence(gates)] : [Sequence(y), Sequence(cells)];
    }

    public override Grads Gradient(in GradCall g)
    {
        Tensors outputs = KeepsGates ? g.Outputs : new Lstm().ApplyAll(g.Inputs);
        Tensor? byCells = IsUnused(g.Upstream[1]) ? null : g.Upstream[1], byGates = !KeepsGates || IsUnused(g.Upstream[2]) ? null : g.Upstream[2];
        Tensors all = Tracking.IsPaused && byGates is null
            ? new LstmGradient().ApplyAll(byCells is null
                ? [g[2], g[4], g[5], outputs[0], outputs[1], outputs[2], g.By] : [g[2], g[4], g[5], outputs[0], outputs[1], outputs[2], g.By, byCells])
            : LstmGradient.Compose(g[2], g[4], g[5], outputs, g.By, byCells, byGates);
        Tensor gates = all[0];
        return
        [
            g.Wants(0) ? ThroughWeight(gates, g[1], g[0].Shape) : null,
            g.Wants(1) ? ByWeight(g[0], gates) : null,
            g.Wants(2) ? ByWeight(all[2], gates) : null,
            all[1],
            g.Wants(4) ? At(gates, 0).MatMul(g[2].T) : null,
            all[3],
        ];
    }

    public override long MultiplyAdds(Specs x) => (long)x[0].Shape[0] * x[0].Shape[1] * (x[1].Shape.Count + x[2].Shape.Count);

    private static RecurrentShape Sizes(DType type, Shape x, Shape weight) => new(type, x[0], x[1], x[2], weight[0], x[2] + weight[0], Cell.Products);

    public override long Workspace(Specs x) => RecurrentForward<Cell>.Workspace(Sizes(x[0].DType, x[0].Shape, x[2].Shape));

    public override unsafe void Run(in CpuCall c)
    {
        var cell = new Cell { Initial = (byte*)c[5].Data, Cells = (byte*)c.Outputs[1].Data, Gates = KeepsGates ? (byte*)c.Outputs[2].Data : null, Hidden = c[2].Shape[0] };
        RecurrentForward<Cell>.Run(
            c.Pool, Sizes(c[0].DType, c[0].Shape, c[2].Shape), cell, (byte*)c[0].Data,
            new RecurrentWeights(c[1].Data, c[2].Data, c[3].Data, null, 4), (byte*)c[4].Data, (byte*)c.Output.Data, (byte*)c.Workspace);
    }

    private unsafe struct Cell : IForwardCell
    {
        public byte* Initial, Cells, Gates;
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
        public readonly V Next<V>(byte* tile, nint apart, V state, int row, int step, nint place, int unit, int count) where V : struct, ILanes<V>
        {
            nint hidden = (nint)Hidden * V.Size, at = (nint)unit * V.Size;
            V i = V.Load(tile), f = V.Load(tile + apart), o = V.Load(tile + 2 * apart), g = V.Load(tile + 3 * apart);
            byte* cell = Cells + place * hidden + at;
            V before = Lanes.Load<V>(step > 0 ? cell - hidden : Initial + row * hidden + at, count), c = V.Fma(f, before, i * g);
            Lanes.Store(c, cell, count);
            if (Gates != null)
            {
                byte* gates = Gates + 4 * place * hidden + at;
                Lanes.Store(i, gates, count);
                Lanes.Store(f, gates + hidden, count);
                Lanes.Store(g, gates + 2 * hidden, count);
                Lanes.Store(o, gates + 3 * hidden, count);
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
        /// A long short-term memory on sequences (batch, steps, features): all states and all cells (batch, steps, hidden);
        /// the last of each is what a sequence that goes on begins with. Weights are (features, 4 · hidden) and (hidden,
        /// 4 · hidden), the bias (4 · hidden), gates in the order input, forget, cell, output. The first state and cell are
        /// (batch, hidden), or zeros.
        /// </summary>
        public (Tensor States, Tensor Cells) Lstm(Tensor inputWeight, Tensor recurrentWeight, Tensor bias, Tensor? state = null, Tensor? cell = null)
        {
            Tensors operands = [x, inputWeight, recurrentWeight, bias, state ?? InitialState(x, recurrentWeight), cell ?? InitialState(x, recurrentWeight)];
            Tensors results = new Lstm { KeepsGates = Tracking.Applies(operands) }.ApplyAll(operands);
            return (results[0], results[1]);
        }
    }
}
