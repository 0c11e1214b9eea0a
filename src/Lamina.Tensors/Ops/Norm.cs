using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// The Euclidean norm of all elements, x → √Σ x², as a float64 scalar. It neither overflows nor underflows where the norm is a
/// float64: squares of float32 are exact in double precision, and float64 is scaled by the maximum where squares leave the range
/// (as in LAPACK's nrm2; Blue, 1978). NaN where an element is, else infinite where one is; so a finite norm says that every
/// element is finite. The gradient at 0 is 0.
/// </summary>
public sealed record Norm : Op
{
    private const int Block = 16 * 1024;

    // Sums of squares in between lost nothing: each square that counts was a normal number.
    private const double Least = 1e-280, Largest = 1e300;

    public override string Name => "norm";

    public override Specs Infer(Specs x)
    {
        RequireOperands(x, 1);
        if (!x[0].DType.IsFloat) Refuse($"takes float32 or float64, not {x[0].DType.Text}", "Cast(DType.Float32) first");
        return new Spec(DType.Float64, Shape.Scalar);
    }

    public override Tensors Define(Tensors x)
    {
        Tensor values = x[0].Cast(DType.Float64).Abs();
        if (values.Count == 0) return Tensor.Of(0.0);
        // NaN and infinity are their own scale: ∞ / ∞ would be NaN.
        Tensor maximum = values.Max(), scale = Tensor.Where(maximum > 0, maximum.Minimum(double.MaxValue), Tensor.OnesLike(maximum));
        values = values / scale;
        return scale * (values * values).Sum().Sqrt();
    }

    public override Grads Gradient(in GradCall g)
    {
        // Divided first: a norm's reciprocal may be too small for the operand's type.
        Tensor norm = Tensor.Where(g.Output > 0, g.Output, Tensor.OnesLike(g.Output));
        return g.Times(g[0].Cast(DType.Float64) / norm).Cast(g[0].DType);
    }

    public override long Workspace(Specs x) => Blocks(x[0].Shape.Count) * sizeof(double);

    public override unsafe void Run(in CpuCall c)
    {
        int count = c[0].Count;
        bool isDouble = c[0].DType == DType.Float64;
        var squares = new Squares { X = (byte*)c[0].Data, Sums = (double*)c.Workspace, Count = count, IsDouble = isDouble };
        c.Pool.For((int)Blocks(count), 1, ref squares);
        double total = 0;
        for (int i = 0; i < Blocks(count); i++) total += squares.Sums[i];
        *(double*)c.Output.Data = isDouble && !(total is > Least and < Largest) ? Scaled((double*)c[0].Data, count) : Math.Sqrt(total);
    }

    private static long Blocks(int count) => ((long)count + Block - 1) / Block;

    // For the rare sum of squares that left the range.
    private static unsafe double Scaled(double* x, int count)
    {
        double maximum = 0, sum = 0;
        for (int i = 0; i < count; i++) maximum = Math.Max(maximum, Math.Abs(x[i]));
        if (maximum == 0 || !double.IsFinite(maximum)) return maximum;
        for (int i = 0; i < count; i++)
        {
            double share = x[i] / maximum;
            sum += share * share;
        }
        return maximum * Math.Sqrt(sum);
    }

    /// <summary>The sum of squares of each block, in double precision: the same additions in every tier.</summary>
    private unsafe struct Squares : IRegion
    {
        public byte* X;
        public double* Sums;
        public int Count;
        public bool IsDouble;

        public readonly void Run(int begin, int end)
        {
            for (int block = begin; block < end; block++)
            {
                int first = block * Block, count = Math.Min(Block, Count - first);
                Sums[block] = IsDouble ? OfDoubles((double*)X + first, count) : OfFloats((float*)X + first, count);
            }
        }

        [MethodImpl(Jit.Kernel)]
        private static double OfFloats(float* x, int count)
        {
            Vector256<double> a = default, b = default, c = default, d = default;
            int i = 0;
            for (; i <= count - 16; i += 16)
            {
                (Vector256<double> x0, Vector256<double> x1) = Vector256.Widen(Vector256.Load(x + i));
                (Vector256<double> x2, Vector256<double> x3) = Vector256.Widen(Vector256.Load(x + i + 8));
                a += x0 * x0;
                b += x1 * x1;
                c += x2 * x2;
                d += x3 * x3;
            }
            double sum = Vector256.Sum(a + b + (c + d));
            for (; i < count; i++) sum += (double)x[i] * x[i];
            return sum;
        }

        [MethodImpl(Jit.Kernel)]
        private static double OfDoubles(double* x, int count)
        {
            Vector256<double> a = default, b = default;
            int i = 0;
            for (; i <= count - 8; i += 8)
            {
                Vector256<double> x0 = Vector256.Load(x + i), x1 = Vector256.Load(x + i + 4);
                a += x0 * x0;
                b += x1 * x1;
            }
            double sum = Vector256.Sum(a + b);
            for (; i < count; i++) sum += x[i] * x[i];
            return sum;
        }
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <inheritdoc cref="Ops.Norm"/>
        public Tensor Norm() => new Norm().Apply(x);
    }
}
