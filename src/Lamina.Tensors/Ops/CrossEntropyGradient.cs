using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Engines.Cpu.Reductions;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// (logits, labels, dy, weights or nothing) → the gradient of <see cref="CrossEntropy"/> by the logits:
/// dy · (softmax · Σ t − t), 0 where dy is 0. Where a second gradient may be taken, <see cref="CrossEntropy"/> uses tensor ops instead.
/// </summary>
public sealed record CrossEntropyGradient : CrossEntropyOp
{
    private const int Grain = 4 * 1024;

    public override string Name => "cross_entropy_gradient";

    public override bool IsDifferentiable => false;

    public override Specs Infer(Specs x)
    {
        Check(x, 3);
        if (x[2] != x[0] with { Shape = [x[0].Shape[0]] }) Refuse($"dy {x[2]} for logits {x[0]}: there must be one of the same type for each row");
        return x[0];
    }

    public override Tensors Define(Tensors x) => Compose(Targets(x[0], x[1], x.Count > 3 ? x[3] : null), x[0], x[2].Unsqueeze(-1));

    internal static Tensor Compose(Tensor targets, Tensor logits, Tensor by) =>
        by.Times(Limited(logits).Softmax() * targets.Sum([-1], keepDims: true) - targets);

    public override unsafe void Run(in CpuCall c)
    {
        int classes = c[0].Shape[1];
        VectorRegion.For(c.Pool, c[0].DType, c[0].Shape[0], Grain / classes, new Rows
        {
            X = (byte*)c[0].Data, By = (byte*)c[2].Data, To = (byte*)c.Output.Data, Weights = c.Inputs.Length > 3 ? (byte*)c[3].Data : null,
            Labels = Labels(c), Classes = classes, Smoothing = LabelSmoothing, Streams = Lanes.Streams(c.Output, classes),
        });
    }

    private unsafe struct Rows : IVectorRegion
    {
        public byte* X, By, To, Weights;
        public Indices Labels;
        public int Classes;
        public double Smoothing;
        public bool Streams;

        [MethodImpl(Jit.Kernel)]
        public readonly void Run<V>(int begin, int end) where V : struct, ILanes<V>
        {
            V lead = RowSums.Lead<V>(Classes % V.Count), even = V.Of(Smoothing / Classes);
            nint pitch = (nint)Classes * V.Size, step = V.Count * V.Size;
            // A row that is to be stored past the caches is made beside them.
            byte* room = Streams ? (byte*)Scratch.Get(SoftmaxKernel.Slot, 2 * pitch) : null;
            V allWeights = Weights == null ? V.Of(Classes) : RowSums.Row(new Values<V>(Weights), 0, Classes, lead);
            SoftmaxRows<V> sums = default;
            for (int row = begin; row < end; row++)
            {
                bool isFirst = (row - begin) % 2 == 0;
                nint next = row + 1 < end ? pitch : 0;
                byte* x = X + row * pitch, to = !Streams ? To + row * pitch : isFirst ? room : room + pitch;
                nint label = (nint)Labels[row] * V.Size;
                V by = V.LoadOne(By + (nint)row * V.Size), own = V.Of(1 - Smoothing) * (Weights == null ? V.Of(1) : V.LoadOne(Weights + label));
                if (isFirst) SoftmaxKernel.Measure(x, next, Classes, lead, to, Streams ? pitch : next, ref sums);
                V sum = isFirst ? sums.Sum : sums.OtherSum;
                if (V.Any(V.Equal(isFirst ? sums.Maximum : sums.OtherMaximum, V.Of(double.PositiveInfinity)))) sum = SoftmaxKernel.SumAtLimit(x, Classes,
                    lead, to);
                V scale = (own + even * allWeights) * by / sum, less = even * by, unused = V.Equal(by, V.Of(0));
                for (nint at = 0, left = Classes; left > 0; left -= V.Count, at += step)
                {
                    V spread = Weights == null ? less : less * Lanes.Load<V>(Weights + at, (int)left);
                    Lanes.Store(V.Select(unused, V.Of(0), Lanes.Load<V>(to + at, (int)left) * scale - spread), to + at, (int)left);
                }
                V.StorePart(V.LoadOne(to + label) - V.Select(unused, V.Of(0), own * by), to + label, 1);
                if (!Streams) continue;
                for (nint at = 0; at < pitch; at += step) V.StoreStream(V.Load(to + at), To + row * pitch + at);
            }
        }
    }
}
