using Lamina.Tensors.Engines.Cpu.Epilogues;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Engines.Cpu.Products;

/// <summary>Matrix products of views: finds the matrices in them, folds batches into rows where it can, and hands them on.</summary>
internal static unsafe class MatrixProducts
{
    private const int OffsetSlot = 7;

    /// <summary>to = a · b over the last two axes; the axes before them broadcast; <paramref name="to"/> is compact.</summary>
    public static void Run(in View a, in View b, in View to, BlockEpilogue? epilogue, CpuPool pool)
    {
        int rank = to.Shape.Rank, rows = to.Shape[^2], columns = to.Shape[^1], inner = a.Shape[^1];
        Matrix left = Last(a, rows, inner), right = Last(b, inner, columns), result = new(to.Data, rows, columns);
        int batches = 1;
        for (int i = 0; i < rank - 2; i++) batches *= to.Shape[i];
        if (batches == 1)
        {
            Gemm.Multiply(pool, to.DType, left, right, result, false, epilogue);
            return;
        }
        // One matrix for all batches on the right: the batches of the left are more rows.
        if (b.Shape.Count == inner * columns && RowsAreOne(a, out nint step))
        {
            Gemm.Multiply(pool, to.DType, new(a.Data, batches * rows, inner, step, left.ColumnStride), right, new(to.Data, batches * rows, columns), false,
                epilogue);
            return;
        }
        int* offsets = (int*)Scratch.Get(OffsetSlot, 3L * batches * sizeof(int));
        var x = new Span<int>(offsets, batches);
        var y = new Span<int>(offsets + batches, batches);
        var z = new Span<int>(offsets + 2 * batches, batches);
        Offsets(a, to.Shape, x);
        Offsets(b, to.Shape, y);
        for (int i = 0; i < batches; i++) z[i] = i * rows * columns;
        Gemm.MultiplyBatch(pool, to.DType, left, right, result, batches, x, y, z, false, epilogue);
    }

    private static Matrix Last(in View x, int rows, int columns)
    {
        int rank = x.Shape.Rank;
        return new(x.Data, rows, columns, x.Strides[rank - 2], x.Strides[rank - 1]);
    }

    // Whether all axes but the last walk through memory in one step.
    private static bool RowsAreOne(in View x, out nint step)
    {
        step = 0;
        nint expected = 0;
        for (int i = x.Shape.Rank - 2; i >= 0; i--)
        {
            if (x.Shape[i] == 1) continue;
            if (step == 0) step = x.Strides[i];
            else if (x.Strides[i] != expected) return false;
            expected = (nint)x.Strides[i] * x.Shape[i];
        }
        return step != 0;
    }

    private static void Offsets(in View x, Shape result, Span<int> offsets)
    {
        int extra = result.Rank - x.Shape.Rank;
        for (int i = 0; i < offsets.Length; i++)
        {
            int rest = i, offset = 0;
            for (int axis = result.Rank - 3; axis >= 0; axis--)
            {
                int at = rest % result[axis];
                rest /= result[axis];
                if (axis >= extra && x.Shape[axis - extra] != 1) offset += at * x.Strides[axis - extra];
            }
            offsets[i] = offset;
        }
    }
}
