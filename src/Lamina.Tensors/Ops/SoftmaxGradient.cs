using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// (y, dy) → the gradient of <see cref="Softmax"/>, y · (dy − Σ y · dy), or of <see cref="LogSoftmax"/>, dy − e^y · Σ dy, from
/// their results. A dy of 0, or a sum of 0, takes part in no product, whatever y is. Where a second gradient may be taken, they use tensor ops instead.
/// </summary>
public sealed record SoftmaxGradient : Op
{
    private const int Grain = 8 * 1024;

    public override string Name => Logarithm ? "log_softmax_gradient" : "softmax_gradient";

    /// <summary>Whether it is that of the logarithm.</summary>
    public bool Logarithm { get; init; }

    public override bool IsDifferentiable => false;

    public override Specs Infer(Specs x)
    {
        RequireOperands(x, 2);
        if (x[0].Shape.Rank == 0) Refuse("a scalar has no axis");
        if (!x[0].DType.IsFloat) Refuse($"takes float32 or float64, not {x[0].DType.Text}", "Cast(DType.Float32) first");
        if (x[1] != x[0]) Refuse($"dy is {x[1]}; with y {x[0]} it must be the same");
        return x[0];
    }

    public override Tensors Define(Tensors x) => Compose(x[0], x[1], Logarithm);

    internal static Tensor Compose(Tensor y, Tensor by, bool logarithm)
    {
        if (logarithm) return by - by.Sum([-1], keepDims: true).Times(y.Exp());
        Tensor weighted = by.Times(y);
        return weighted - weighted.Sum([-1], keepDims: true).Times(y);
    }

    public override unsafe void Run(in CpuCall c)
    {
        int columns = c[0].Shape[^1];
        if (c[0].Count == 0) return;
        var rows = new Rows { Y = (byte*)c[0].Data, By = (byte*)c[1].Data, To = (byte*)c.Output.Data, Columns = columns, Logarithm = Logarithm,
            Streams = Lanes.Streams(c.Output, columns) };
        VectorRegion.For(c.Pool, c[0].DType, c[0].Count / columns, Grain / columns, rows);
    }

    private unsafe struct Rows : IVectorRegion
    {
        public byte* Y, By, To;
        public int Columns;
        public bool Logarithm, Streams;

        [MethodImpl(Jit.Kernel)]
        public readonly void Run<V>(int begin, int end) where V : struct, ILanes<V>
        {
            nint pitch = (nint)Columns * V.Size, step = V.Count * V.Size;
            for (int row = begin; row < end; row++)
            {
                byte* y = Y + row * pitch, by = By + row * pitch, to = To + row * pitch;
                V sum = V.Of(0);
                nint at = 0;
                // Past the last column both are zero.
                if (Logarithm)
                    for (int left = Columns; left > 0; left -= V.Count, at += step) sum += Lanes.Load<V>(by + at, left);
                else
                    for (int left = Columns; left > 0; left -= V.Count, at += step) sum = V.Fma(Lanes.Load<V>(by + at, left), Lanes.Load<V>(y + at, left), sum);
                sum = V.SumLanes(sum);
                at = 0;
                V none = V.Equal(sum, V.Of(0));
                if (Logarithm)
                    for (int left = Columns; left > 0; left -= V.Count, at += step)
                    {
                        V own = Lanes.Load<V>(by + at, left);
                        Lanes.Store(V.Select(none, own, own - V.Exp(Lanes.Load<V>(y + at, left)) * sum), to + at, left, Streams);
                    }
                else if (V.Any(V.Not(V.Equal(sum, sum)))) Carefully<V>(y, by, to);
                else
                    for (int left = Columns; left > 0; left -= V.Count,
                        at += step) Lanes.Store(Lanes.Load<V>(y + at, left) * (Lanes.Load<V>(by + at, left) - sum), to + at, left, Streams);
            }
        }

        // A row whose sum is no number, without the terms that are 0 · y.
        private readonly void Carefully<V>(byte* y, byte* by, byte* to) where V : struct, ILanes<V>
        {
            V zero = V.Of(0), sum = zero;
            nint at = 0, step = V.Count * V.Size;
            for (int left = Columns; left > 0; left -= V.Count, at += step) sum += Share(Lanes.Load<V>(by + at, left), Lanes.Load<V>(y + at, left));
            sum = V.SumLanes(sum);
            at = 0;
            for (int left = Columns; left > 0; left -= V.Count, at += step)
            {
                V own = Lanes.Load<V>(y + at, left);
                Lanes.Store(Share(Lanes.Load<V>(by + at, left), own) - Share(sum, own), to + at, left, Streams);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static V Share<V>(V by, V y) where V : struct, ILanes<V> => V.Select(V.Equal(by, V.Of(0)), V.Of(0), by * y);
    }
}
