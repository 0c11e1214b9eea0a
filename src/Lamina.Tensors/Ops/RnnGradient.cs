using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// (recurrentWeight, h₀, y, dy) → (dz, dbias, previous): of <see cref="Rnn"/>, the gradients by what tanh is taken of
/// (batch, steps, hidden) and by the bias, and the state before each step, with which the weights' gradients are products.
/// Where a second gradient may be taken, <see cref="Rnn"/> uses tensor ops instead.
/// </summary>
public sealed record RnnGradient : RecurrentOp
{
    public override string Name => "rnn_gradient";

    public override bool IsDifferentiable => false;

    private protected override int Gates => 1;

    public override Specs Infer(Specs x)
    {
        RequireOperands(x, 4);
        (int batch, _, int hidden) = CheckGradient(x, 2);
        Require(x, 1, "h0", [batch, hidden]);
        Require(x, 3, "dy", x[2].Shape);
        return [x[2], x[0] with { Shape = [hidden] }, x[2]];
    }

    public override Tensors Define(Tensors x)
    {
        (Tensor weight, Tensor y, Tensor by) = (x[0], x[2], x[3]);
        var gates = new List<Tensor>();
        for (int step = y.Shape[1] - 1; step >= 0; step--)
        {
            Tensor h = At(y, step), dh = At(by, step);
            if (gates.Count > 0) dh = dh + gates[0].MatMul(weight.T);
            gates.Insert(0, dh * (1 - h * h));
        }
        Tensor all = Sequence(gates);
        return [all, all.Sum([0, 1]), Shifted(x[1], y)];
    }

    private static RecurrentShape Sizes(DType type, Shape y) => new(type, y[0], y[1], 0, y[2], y[2], 1);

    public override long Workspace(Specs x) => RecurrentBackward<Cell>.Workspace(Sizes(x[0].DType, x[2].Shape), x[2].Shape[2]);

    public override unsafe void Run(in CpuCall c) => RecurrentBackward<Cell>.Run(
        c.Pool, Sizes(c[0].DType, c[2].Shape), new Cell { Y = (byte*)c[2].Data, To = (byte*)c.Output.Data, Hidden = c[2].Shape[2] },
        new RecurrentTrace(c[1].Data, c[2].Data, c[3].Data, c.Outputs[2].Data), (byte*)c[0].Data, c[2].Shape[2], (byte*)c.Outputs[1].Data, (byte*)c.Workspace);

    private unsafe struct Cell : IBackwardCell
    {
        public byte* Y, To;
        public int Hidden;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Back<V>(V gradient, V before, in CellPlace place, byte* to, nint apart, byte* sums) where V : struct, ILanes<V>
        {
            nint at = (place.Place * Hidden + place.Unit) * V.Size;
            V h = Lanes.Load<V>(Y + at, place.Count), dz = gradient * (V.Of(1) - h * h);
            Lanes.Store(dz, To + at, place.Count);
            Lanes.Store(dz, to, place.Count);
            Lanes.Store(dz + Lanes.Load<V>(sums, place.Count), sums, place.Count);
        }
    }
}
