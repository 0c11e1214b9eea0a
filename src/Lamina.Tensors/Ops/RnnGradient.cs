using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Recurrent;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// (x, recurrentWeight, h₀, y, dy) → (dinputWeight, drecurrentWeight, dbias, dh₀[, dz]): the gradients of <see cref="Rnn"/>; dz
/// (batch, steps, hidden) is that by what tanh is taken of, from which x's follows. Where a second gradient may be taken,
/// <see cref="Rnn"/> uses tensor ops instead.
/// </summary>
public sealed record RnnGradient : RecurrentOp
{
    public override string Name => "rnn_gradient";

    /// <summary>Whether dz is a result.</summary>
    public bool GivesGates { get; init; }

    public override bool IsDifferentiable => false;

    private protected override int Gates => 1;

    public override Specs Infer(Specs x)
    {
        (Spec input, Spec recurrent) = CheckGradient(x, 0, ["h0"], []);
        Spec bias = x[0] with { Shape = [recurrent.Shape[1]] };
        return GivesGates ? [input, recurrent, bias, x[2], x[3]] : [input, recurrent, bias, x[2]];
    }

    public override Tensors Define(Tensors t)
    {
        (Tensor x, Tensor weight, Tensor h0, Tensor y, Tensor by) = (t[0], t[1], t[2], t[3], t[4]);
        var gates = new List<Tensor>();
        for (int step = y.Shape[1] - 1; step >= 0; step--)
        {
            Tensor h = At(y, step), dh = At(by, step);
            if (gates.Count > 0) dh = dh + gates[0].MatMul(weight.T);
            gates.Insert(0, dh * (1 - h * h));
        }
        Tensor all = Sequence(gates), first = gates[0].MatMul(weight.T);
        return GivesGates
            ? [ByWeight(x, all), ByWeight(Shifted(h0, y), all), all.Sum([0, 1]), first, all]
            : [ByWeight(x, all), ByWeight(Shifted(h0, y), all), all.Sum([0, 1]), first];
    }

    public override long MultiplyAdds(Specs x) => GradientWork(x);

    private static RecurrentShape Sizes(DType type, Shape x, int hidden) => new(type, x[0], x[1], x[2], hidden, hidden, 1);

    public override long Workspace(Specs x) => RecurrentBackward<Cell>.Workspace(Sizes(x[0].DType, x[0].Shape, x[1].Shape[0]), x[1].Shape[1]);

    public override unsafe void Run(in CpuCall c) => RecurrentBackward<Cell>.Run(
        c.Pool, Sizes(c[0].DType, c[0].Shape, c[1].Shape[0]),
            new Cell { Y = (byte*)c[3].Data, Plain = GivesGates ? (byte*)c.Outputs[4].Data : null, Steps = c[0].Shape[1] },
        new RecurrentTrace
        {
            X = (byte*)c[0].Data, RecurrentWeight = (byte*)c[1].Data, Initial = (byte*)c[2].Data, Y = (byte*)c[3].Data, By = (byte*)c[4].Data,
            ByInputWeight = (byte*)c.Outputs[0].Data, ByRecurrentWeight = (byte*)c.Outputs[1].Data, ByBias = (byte*)c.Outputs[2].Data,
                ByInitial = (byte*)c.Outputs[3].Data,
            Biases = c[1].Shape[1],
        }, (byte*)c.Workspace);

    private unsafe struct Cell : IBackwardCell
    {
        public byte* Y, Plain;
        public int Steps;

        public static int Products => 1;

        public static CellProduct Product(int index) => new(0, true, true);

        public readonly byte* Carried => null;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Back<V>(V gradient, V before, int row, int step, int unit, int count, bool last, byte* pieces, nint apart, nint hidden,
            byte* sums) where V : struct, ILanes<V>
        {
            nint at = ((nint)row * Steps + step) * hidden + (nint)unit * V.Size;
            V h = Lanes.Load<V>(Y + at, count), dz = gradient * (V.Of(1) - h * h);
            Lanes.Store(dz, pieces, count);
            Lanes.Store(dz + Lanes.Load<V>(sums, count), sums, count);
            if (Plain != null) Lanes.Store(dz, Plain + at, count);
        }
    }
}
