using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Engines.Cpu.Reductions;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// (x, gamma, beta) → each row of x (…, features) brought to mean 0 and variance 1, times gamma, plus beta (Ba, Kiros
/// and Hinton, 2016).
/// </summary>
public sealed record LayerNorm : Normalization
{
    private const int Grain = 16 * 1024;

    public override string Name => "layer_norm";

    public override Specs Infer(Specs x)
    {
        RequireOperands(x, 3);
        Check(x, ["gamma", "beta"]);
        return x[0];
    }

    public override Tensors Define(Tensors x) => Standardised(x[0], Epsilon, out _) * x[1] + x[2];

    internal static Tensor Standardised(Tensor x, double epsilon, out Tensor scale)
    {
        Tensor distance = TensorOps.Centred(x, [-1]);
        scale = 1 / ((distance * distance).Mean([-1], keepDims: true) + epsilon).Sqrt();
        return distance * scale;
    }

    public override Grads Gradient(in GradCall g)
    {
        Tensors all = Tracking.IsPaused ? new LayerNormGradient { Epsilon = Epsilon }.ApplyAll([g[0], g[1], g.By])
            : LayerNormGradient.Compose(g[0], g[1], g.By, Epsilon);
        return [all[0], all[1], all[2]];
    }

    public override unsafe void Run(in CpuCall c)
    {
        (int rows, int columns) = Matrix(c[0].Shape);
        VectorRegion.For(c.Pool, c[0].DType, rows, Grain / Math.Max(columns, 1), new Body
        {
            X = (byte*)c[0].Data, Gamma = (byte*)c[1].Data, Beta = (byte*)c[2].Data, Y = (byte*)c.Output.Data, Features = columns, Epsilon = Epsilon,
                Streams = Lanes.Streams(c.Output, columns),
        });
    }

    private unsafe struct Body : IVectorRegion
    {
        public byte* X, Gamma, Beta, Y;
        public int Features;
        public double Epsilon;
        public bool Streams;

        [MethodImpl(Jit.Kernel)]
        public readonly void Run<V>(int begin, int end) where V : struct, ILanes<V>
        {
            V lead = RowSums.Lead<V>(Features % V.Count);
            nint pitch = (nint)Features * V.Size;
            RowScale<V> first = default, second = default;
            for (int row = begin; row < end; row += 2)
            {
                byte* x = X + row * pitch, y = Y + row * pitch;
                // The last of an odd number is done twice.
                nint next = row + 1 < end ? pitch : 0, at = 0;
                Prefetch.Rows(x + 2 * pitch, pitch, Math.Min(2, end - row - 2));
                NormRows.Measure(x, x + next, Features, Epsilon, lead, ref first, ref second);
                V mean = first.Mean, scale = first.Scale, shift = first.Shift, otherMean = second.Mean, otherScale = second.Scale, otherShift = second.Shift;
                for (int left = Features; left > 0; left -= V.Count, at += V.Count * V.Size)
                {
                    V gamma = Lanes.Load<V>(Gamma + at, left), beta = Lanes.Load<V>(Beta + at, left);
                    V one = V.Fma(V.Fma(Lanes.Load<V>(x + at, left) - mean, scale, shift), gamma, beta);
                    V other = V.Fma(V.Fma(Lanes.Load<V>(x + next + at, left) - otherMean, otherScale, otherShift), gamma, beta);
                    Lanes.Store(one, y + at, left, Streams);
                    Lanes.Store(other, y + next + at, left, Streams);
                }
            }
        }
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <summary>Each row (…, features) brought to mean 0 and variance 1, times gamma, plus beta (Ba, Kiros and Hinton, 2016).</summary>
        public Tensor LayerNorm(Tensor gamma, Tensor beta, double epsilon = 1e-5) => new LayerNorm { Epsilon = epsilon }.Apply(x, gamma, beta);
    }
}
