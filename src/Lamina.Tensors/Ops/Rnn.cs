using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Recurrent;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// (x, inputWeight, recurrentWeight, bias, h₀) → y: the simple recurrent network over sequences (batch, steps, features),
/// hₜ = tanh(xₜ·W + hₜ₋₁·U + b), y (batch, steps, hidden) being all h (Elman, 1990).
/// </summary>
public sealed record Rnn : RecurrentOp
{
    public override string Name => "rnn";

    private protected override int Gates => 1;

    public override Specs Infer(Specs x)
    {
        Check(x, ["bias"], ["h0"]);
        return x[0] with { Shape = x[0].Shape.With(2, x[2].Shape[0]) };
    }

    public override Tensors Define(Tensors x)
    {
        Tensor z = x[0].MatMul(x[1]) + x[3], h = x[4];
        var y = new List<Tensor>();
        for (int step = 0; step < x[0].Shape[1]; step++) y.Add(h = (At(z, step) + h.MatMul(x[2])).Tanh());
        return Sequence(y);
    }

    public override Grads Gradient(in GradCall g)
    {
        var op = new RnnGradient { GivesGates = g.Wants(0) };
        Tensors operands = [g[0], g[2], g[4], g.Output, g.By], all = Tracking.IsPaused ? op.ApplyAll(operands) : op.Define(operands);
        return [g.Wants(0) ? ThroughWeight(all[4], g[1], g[0].Shape) : null, all[0], all[1], all[2], all[3]];
    }

    public override long MultiplyAdds(Specs x) => (long)x[0].Shape[0] * x[0].Shape[1] * (x[1].Shape.Count + x[2].Shape.Count);

    private static RecurrentShape Sizes(DType type, Shape x, Shape weight) => new(type, x[0], x[1], x[2], weight[0], x[2] + weight[0], Cell.Products);

    public override long Workspace(Specs x) => RecurrentForward<Cell>.Workspace(Sizes(x[0].DType, x[0].Shape, x[2].Shape));

    public override unsafe void Run(in CpuCall c) => RecurrentForward<Cell>.Run(
        c.Pool, Sizes(c[0].DType, c[0].Shape, c[2].Shape), new Cell(), (byte*)c[0].Data,
        new RecurrentWeights(c[1].Data, c[2].Data, c[3].Data, null, 1), (byte*)c[4].Data, (byte*)c.Output.Data, (byte*)c.Workspace);

    private readonly unsafe struct Cell : IForwardCell
    {
        public static int Products => 1;

        public static CellProduct Product(int index) => new(0, true, true);

        public static void Activate<V>(byte* tile, int count) where V : struct, ILanes<V> => RecurrentTile.Tanh<V>(tile, count);

        public V Next<V>(byte* tile, nint apart, V state, int row, int step, int unit, int count) where V : struct, ILanes<V> => V.Load(tile);
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <summary>
        /// All states (batch, steps, hidden) of a simple recurrent network on sequences (batch, steps, features), from
        /// <paramref name="initial"/> (batch, hidden) on, or from zeros (Elman, 1990). Weights are (features, hidden) and
        /// (hidden, hidden), the bias (hidden).
        /// </summary>
        public Tensor Rnn(Tensor inputWeight, Tensor recurrentWeight, Tensor bias, Tensor? initial = null) =>
            new Rnn().Apply(x, inputWeight, recurrentWeight, bias, initial ?? InitialState(x, recurrentWeight));
    }

    private static Tensor InitialState(Tensor x, Tensor recurrentWeight) =>
        Tensor.Zeros([x.Rank > 0 ? x.Shape[0] : 1, recurrentWeight.Rank > 0 ? recurrentWeight.Shape[0] : 1], x.DType);
}
