namespace Lamina.Tensors.Engines.Cpu.Memory;

/// <summary>A matrix as the product kernels see it: element (i, j) lies at Data + i · RowStride + j · ColumnStride, strides in elements.</summary>
internal readonly unsafe struct Matrix(void* data, int rows, int columns, nint rowStride, nint columnStride)
{
    public readonly void* Data = data;
    public readonly int Rows = rows, Columns = columns;
    public readonly nint RowStride = rowStride, ColumnStride = columnStride;

    /// <summary>A compact row-major matrix.</summary>
    public Matrix(void* data, int rows, int columns) : this(data, rows, columns, columns, 1) { }

    /// <summary>The same elements with rows and columns exchanged.</summary>
    public Matrix Transposed => new(Data, Columns, Rows, ColumnStride, RowStride);
}
