using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Engines.Cpu.Reductions;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>The base of the normalisations: x (…, features), and gamma and beta (features).</summary>
public abstract record Normalization : Op
{
    /// <summary>Epsilon added to the variance before the square root.</summary>
    public double Epsilon { get; init; } = 1e-5;

    /// <summary>Refuses an x without features, and per-feature operands that don't fit it.</summary>
    private protected void Check(Specs x, ReadOnlySpan<string> perFeature)
    {
        if (x[0].Shape.Rank < 2) Refuse($"shape {x[0].Shape} is not (…, features), which takes two axes or more", "Unsqueeze(0) for a single row");
        if (!x[0].DType.IsFloat) Refuse($"takes float32 or float64, not {x[0].DType.Text}", "Cast(DType.Float32) first");
        for (int i = 0; i < perFeature.Length; i++)
            if (x[i + 1] != PerFeature(x[0])) Refuse($"{perFeature[i]} is {x[i + 1]}; with x {x[0]} it must be {PerFeature(x[0])}");
    }

    private protected void RequireLike(Spec x, Spec by)
    {
        if (by != x) Refuse($"dy is {by}; with x {x} it must be the same");
    }

    private protected static Spec PerFeature(Spec x) => x with { Shape = [x.Shape[^1]] };

    private protected static (int Rows, int Columns) Matrix(Shape shape)
    {
        int columns = shape[^1];
        return (columns == 0 ? 0 : shape.Count / columns, columns);
    }

    /// <summary>All axes but the last.</summary>
    private protected static int[] AllButLast(Tensor x) => [.. Enumerable.Range(0, x.Rank - 1)];

    /// <summary>Two sums for each block of rows and each column.</summary>
    private protected static long TwoSums(Spec x)
    {
        (int rows, int columns) = Matrix(x.Shape);
        return 2L * new RowBlocks(rows, columns).Count * columns * x.DType.Size;
    }

    /// <summary>to(columns) = the sum over blocks of from(blocks, columns), in order.</summary>
    private protected static unsafe void AddBlocks(in CpuCall c, int blocks, int columns, byte* from, View to) =>
        ReduceKernel.Run(new Sum.F(), to.DType, from, to.Data, 1, blocks, columns, null, c.Pool);
}
