using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Epilogues;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Engines.Cpu.Products;

/// <summary>
/// Matrix products C = A · B and C += A · B, alone or in batches, in float32 (tiled, parallel) and float64 (plain). A and
/// B may be strided any way; C has its columns side by side. An element's sum runs over k in order, in slices that
/// depend on the shape alone, so its bits don't depend on threads or on where its tile begins.
/// </summary>
internal static unsafe class Gemm
{
    /// <summary>Work below this many multiply-adds is done on the calling thread: a region costs about as much as it saves.</summary>
    internal const long SerialWork = 100_000;

    private const int PartSlot = 4;

    /// <summary>C = A · B, or C += A · B; to the epilogue rows and columns are C's.</summary>
    public static void Multiply(CpuPool pool, DType type, Matrix a, Matrix b, Matrix c, bool accumulate = false, BlockEpilogue? epilogue = null) =>
        Run(pool, type, a, b, c, 1, null, null, null, accumulate, epilogue);

    /// <summary>
    /// The same product at <paramref name="batches"/> places: batch i has its matrices at the given offsets in elements
    /// (an empty span: at the same place each time). To the epilogue batch i is rows i · m and on.
    /// </summary>
    public static void MultiplyBatch(
        CpuPool pool, DType type, Matrix a, Matrix b, Matrix c, int batches,
        ReadOnlySpan<int> offsetsA, ReadOnlySpan<int> offsetsB, ReadOnlySpan<int> offsetsC,
        bool accumulate = false, BlockEpilogue? epilogue = null)
    {
        fixed (int* pa = offsetsA, pb = offsetsB, pc = offsetsC)
            Run(pool, type, a, b, c, batches, pa, pb, pc, accumulate, epilogue);
    }

    private static void Run(
        CpuPool pool, DType type, Matrix a, Matrix b, Matrix c, int batches, int* offsetsA, int* offsetsB, int* offsetsC,
        bool accumulate, BlockEpilogue? epilogue)
    {
        if (c.Rows == 0 || c.Columns == 0 || batches == 0) return;
        if (c.ColumnStride != 1 && c.Columns > 1)
        {
            if (c.RowStride != 1 || epilogue is not null) throw new ArgumentException("the columns of a product's result lie side by side", nameof(c));
            // Cᵀ = Bᵀ · Aᵀ
            Run(pool, type, b.Transposed, a.Transposed, c.Transposed, batches, offsetsB, offsetsA, offsetsC, accumulate, null);
            return;
        }
        if (type == DType.Float64)
        {
            var plain = new PlainProduct(a, b, c, offsetsA, offsetsB, offsetsC, accumulate, epilogue);
            pool.For(batches * c.Rows, (int)Math.Max(1, SerialWork / Math.Max(1, (long)a.Columns * c.Columns)), ref plain);
            return;
        }
        switch (Tiers.Current)
        {
            case Tier.Vector512: Run<F512>(pool, a, b, c, batches, offsetsA, offsetsB, offsetsC, accumulate, epilogue); break;
            case Tier.Vector256: Run<F256>(pool, a, b, c, batches, offsetsA, offsetsB, offsetsC, accumulate, epilogue); break;
            default: Run<F128>(pool, a, b, c, batches, offsetsA, offsetsB, offsetsC, accumulate, epilogue); break;
        }
    }

    private static Matrix At(Matrix x, int* offsets) => offsets == null ? x : new((float*)x.Data + offsets[0], x.Rows, x.Columns, x.RowStride, x.ColumnStride);

    /// <summary>
    /// The float32 product at one vector width. Each way has a method of its own: together, their room would have to be cleared at every call.
    /// </summary>
    internal static void Run<V>(
        CpuPool pool, Matrix a, Matrix b, Matrix c, int batches, int* offsetsA, int* offsetsB, int* offsetsC,
        bool accumulate, BlockEpilogue? epilogue) where V : struct, ILanes<V>
    {
        if (DotProducts<V>.Suits(a, b, c, out bool exchange)) Dots<V>(pool, a, b, c, exchange, batches, offsetsA, offsetsB, offsetsC, accumulate, epilogue);
        else if (c is { Columns: 1, RowStride: 1, Rows: > 1 } && a.RowStride == 1 && epilogue is null
            && SkinnyProduct<V>.Suits(b.Transposed, a.Transposed, c.Transposed))
            Few<V>(pool, b.Transposed, a.Transposed, c.Transposed, batches, offsetsB, offsetsA, offsetsC, accumulate, null);
        else if (SkinnyProduct<V>.Suits(a, b, c)) Few<V>(pool, a, b, c, batches, offsetsA, offsetsB, offsetsC, accumulate, epilogue);
        // With one batch, an offset says where it is.
        else if (SmallProduct<V>.Suits(a, c, batches)) SmallProduct<V>.Run(At(a, offsetsA), At(b, offsetsB), At(c, offsetsC), accumulate, epilogue);
        else Tiled<V>(pool, a, b, c, batches, offsetsA, offsetsB, offsetsC, accumulate, epilogue);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Dots<V>(
        CpuPool pool, Matrix a, Matrix b, Matrix c, bool exchange, int batches, int* offsetsA, int* offsetsB, int* offsetsC,
        bool accumulate, BlockEpilogue? epilogue) where V : struct, ILanes<V>
    {
        DotProducts<V> dots = exchange
            ? new(b.Transposed, a.Transposed, c.Transposed, true, batches, offsetsB, offsetsA, offsetsC, accumulate, epilogue)
            : new(a, b, c, false, batches, offsetsA, offsetsB, offsetsC, accumulate, epilogue);
        pool.For(dots.Units, dots.Grain, ref dots);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Few<V>(
        CpuPool pool, Matrix a, Matrix b, Matrix c, int batches, int* offsetsA, int* offsetsB, int* offsetsC,
        bool accumulate, BlockEpilogue? epilogue) where V : struct, ILanes<V>
    {
        RowEpilogue rowEpilogue = default;
        epilogue = epilogue?.Take(out rowEpilogue);
        SkinnyProduct<V> few = new(a, b, c, batches, offsetsA, offsetsB, offsetsC, accumulate, epilogue, rowEpilogue);
        pool.For(few.Units, few.Grain, ref few);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Tiled<V>(
        CpuPool pool, Matrix a, Matrix b, Matrix c, int batches, int* offsetsA, int* offsetsB, int* offsetsC,
        bool accumulate, BlockEpilogue? epilogue) where V : struct, ILanes<V>
    {
        var product = new TiledProduct<V>(a, b, c, batches, offsetsA, offsetsB, offsetsC, accumulate, epilogue);
        if (product.Parts > 1)
        {
            float* room = (float*)Scratch.Get(PartSlot, (long)product.Parts * c.Rows * c.Columns * sizeof(float));
            product.IntoParts(room);
            pool.For(product.Units, product.Grain, ref product);
            var sum = new PartialSums<V>(room, product.Parts, c, accumulate, epilogue);
            pool.For(sum.Units, sum.Grain, ref sum);
        }
        else if (product.Units == 1) product.Run(0, 1);
        else pool.For(product.Units, product.Grain, ref product);
    }
}

/// <summary>The float64 product: row by row, in axpy order, any strides.</summary>
internal readonly unsafe struct PlainProduct(
    Matrix a, Matrix b, Matrix c, int* offsetsA, int* offsetsB, int* offsetsC, bool accumulate, BlockEpilogue? epilogue) : IRegion
{
    private readonly Matrix _a = a, _b = b, _c = c;
    private readonly int* _offsetsA = offsetsA, _offsetsB = offsetsB, _offsetsC = offsetsC;

    public void Run(int begin, int end)
    {
        for (int unit = begin; unit < end; unit++)
        {
            int batch = unit / _c.Rows, i = unit % _c.Rows, n = _c.Columns;
            double* a = (double*)_a.Data + (_offsetsA == null ? 0 : _offsetsA[batch]) + i * _a.RowStride;
            double* b = (double*)_b.Data + (_offsetsB == null ? 0 : _offsetsB[batch]);
            double* c = (double*)_c.Data + (_offsetsC == null ? 0 : _offsetsC[batch]) + i * _c.RowStride;
            if (!accumulate) new Span<double>(c, n).Clear();
            for (int k = 0; k < _a.Columns; k++)
            {
                double x = a[k * _a.ColumnStride];
                double* row = b + k * _b.RowStride;
                nint step = _b.ColumnStride;
                for (int j = 0; j < n; j++) c[j] += x * row[j * step];
            }
            epilogue?.Finish(unit, 1, 0, n);
        }
    }
}
