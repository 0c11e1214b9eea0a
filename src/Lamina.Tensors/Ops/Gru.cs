using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Recurrent;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// (x, inputWeight, recurrentWeight, bias, recurrentBias, h₀) → y[, gates]: a gated recurrent unit over sequences (batch,
/// steps, features) (Cho et al., 2014), with the reset after the product as cuDNN and PyTorch have it: of
/// xₜ·W + b and hₜ₋₁·U + c, r and z are σ of the sum, n = tanh(xₜ·Wₙ + bₙ + r ∘ m) with m = hₜ₋₁·Uₙ + cₙ, and
/// hₜ = (1 − z) ∘ n + z ∘ hₜ₋₁. y is all h (batch, steps, hidden); gates are the r, z, n and m of every step as
/// <see cref="GateBlocks"/> lays them, for the gradient.
/// </summary>
public sealed record Gru : RecurrentOp
{
    public override string Name => "gru";

    /// <summary>Whether the gates are a result. The gradient needs them, and runs the sequence again where they weren't kept.</summary>
    public bool KeepsGates { get; init; } = true;

    private protected override int Gates => 3;

    public override Specs Infer(Specs x)
    {
        Check(x, ["bias", "recurrentBias"], ["h0"]);
        int hidden = x[2].Shape[0];
        Spec y = x[0] with { Shape = x[0].Shape.With(2, hidden) };
        return KeepsGates ? [y, y with { Shape = new GateBlocks(y.Shape[0], hidden, 4).Over(y.Shape[1]) }] : y;
    }

    public override Tensors Define(Tensors x)
    {
        int hidden = x[2].Shape[0];
        Tensor inputs = x[0].MatMul(x[1]) + x[3], h = x[5];
        List<Tensor> y = [], gates = [];
        for (int step = 0; step < x[0].Shape[1]; step++)
        {
            Tensor a = At(inputs, step), b = h.MatMul(x[2]) + x[4], m = GateOf(b, 2, hidden);
            Tensor r = (GateOf(a, 0, hidden) + GateOf(b, 0, hidden)).Sigmoid(), z = (GateOf(a, 1, hidden) + GateOf(b, 1, hidden)).Sigmoid();
            Tensor n = (GateOf(a, 2, hidden) + r * m).Tanh();
            gates.Add(Tensor.Concat([r, z, n, m], 1));
            y.Add(h = (1 - z) * n + z * h);
        }
        return KeepsGates ? [Sequence(y), Blocked(Sequence(gates), 4)] : Sequence(y);
    }

    public override Grads Gradient(in GradCall g)
    {
        Tensors outputs = KeepsGates ? g.Outputs : new Gru().ApplyAll(g.Inputs);
        Tensor? byGates = !KeepsGates || IsUnused(g.Upstream[1]) ? null : g.Upstream[1];
        var op = new GruGradient { GivesGates = g.Wants(0) };
        Tensors operands = [g[0], g[2], g[5], outputs[0], outputs[1], g.By];
        Tensors all = Tracking.IsPaused && byGates is null ? op.ApplyAll(operands) : op.Compose(operands, byGates);
        return [g.Wants(0) ? ThroughWeight(all[5], g[1], g[0].Shape) : null, all[0], all[1], all[2], all[3], all[4]];
    }

    public override long MultiplyAdds(Specs x) => (long)x[0].Shape[0] * x[0].Shape[1] * (x[1].Shape.Count + x[2].Shape.Count);

    private static RecurrentShape Sizes(DType type, Shape x, Shape weight) => new(type, x[0], x[1], x[2], weight[0], x[2] + weight[0], Cell.Products);

    public override long Workspace(Specs x) => RecurrentForward<Cell>.Workspace(Sizes(x[0].DType, x[0].Shape, x[2].Shape));

    public override unsafe void Run(in CpuCall c)
    {
        RecurrentShape shape = Sizes(c[0].DType, c[0].Shape, c[2].Shape);
        var cell = new Cell { Gates = KeepsGates ? (byte*)c.Outputs[1].Data : null, Blocks = new GateBlocks(shape.Batch, shape.Hidden, 4) };
        if (KeepsGates) cell.Blocks.ClearMargin(cell.Gates, shape.Steps, shape.Type.Size);
        RecurrentForward<Cell>.Run(
            c.Pool, shape, cell, (byte*)c[0].Data, new RecurrentWeights(c[1].Data, c[2].Data, c[3].Data, c[4].Data, 3), (byte*)c[5].Data,
                (byte*)c.Output.Data, (byte*)c.Workspace);
    }

    private unsafe struct Cell : IForwardCell
    {
        public byte* Gates;
        public GateBlocks Blocks;

        public static int Products => 4;

        // r, z, m and then what n takes of the input.
        public static CellProduct Product(int index) => new(Math.Min(index, 2), index < 3, index != 2);

        public static void Activate<V>(byte* tile, int count) where V : struct, ILanes<V> => RecurrentTile.Sigmoid<V>(tile, 2 * count);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly V Next<V>(byte* tile, nint apart, V state, int row, int step, int unit, int count) where V : struct, ILanes<V>
        {
            V r = V.Load(tile), z = V.Load(tile + apart), m = V.Load(tile + 2 * apart), n = V.Tanh(V.Fma(r, m, V.Load(tile + 3 * apart)));
            if (Gates != null)
            {
                byte* gates = Gates + Blocks.At(row, step, unit) * V.Size;
                nint piece = Blocks.Piece * V.Size;
                Lanes.Store(r, gates, count);
                Lanes.Store(z, gates + piece, count);
                Lanes.Store(n, gates + 2 * piece, count);
                Lanes.Store(m, gates + 3 * piece, count);
            }
            return V.Fma(z, state - n, n);
        }
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <summary>
        /// All states (batch, steps, hidden) of a gated recurrent unit on sequences (batch, steps, features), from
        /// <paramref name="initial"/> (batch, hidden) on, or from zeros. Weights are (features, 3 · hidden) and (hidden,
        /// 3 · hidden), biases (3 · hidden), gates in the order reset, update, new.
        /// </summary>
        public Tensor Gru(Tensor inputWeight, Tensor recurrentWeight, Tensor bias, Tensor recurrentBias, Tensor? initial = null)
        {
            Tensors operands = [x, inputWeight, recurrentWeight, bias, recurrentBias, initial ?? InitialState(x, recurrentWeight)];
            return new Gru { KeepsGates = Tracking.Applies(operands) }.ApplyAll(operands)[0];
        }
    }
}
