using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Engines.Cpu.Maps;

/// <summary>
/// An op alone whose operands lie like its results or are scalars that it takes as such: the usual case outside of plans, with nothing to prepare.
/// </summary>
internal unsafe struct SingleMap : IRegion
{
    private ITileOp _op;
    private void** _operands, _results;
    private int* _steps;
    private int _operandCount, _resultCount, _count, _scalars, _resultSize;
    private DType _typeA, _typeB, _resultType;
    private bool _streams;

    public static bool Suits(ITileOp op, ReadOnlySpan<View> operands, ReadOnlySpan<View> results)
    {
        if (operands.Length > MapProgram.MostSources) return false;
        Shape shape = results[0].Shape;
        for (int i = 0; i < operands.Length; i++)
            if (!IsScalar(op, operands, i) && !(operands[i].Shape == shape && operands[i].IsCompact)) return false;
        foreach (ref readonly View result in results)
            if (result.DType.Size != results[0].DType.Size) return false;
        return true;
    }

    public static void Run(ITileOp op, ReadOnlySpan<View> operands, ReadOnlySpan<View> results, CpuPool pool)
    {
        void** from = stackalloc void*[operands.Length], to = stackalloc void*[results.Length];
        int* steps = stackalloc int[operands.Length];
        byte* repeated = stackalloc byte[Tile.ScalarBytes * (operands.Length + 1)];
        repeated = (byte*)(((nint)repeated + Tile.ScalarBytes - 1) & -Tile.ScalarBytes);
        var region = new SingleMap
        {
            _op = op, _operands = from, _results = to, _steps = steps, _operandCount = operands.Length, _resultCount = results.Length,
                _count = results[0].Count,
            _resultSize = results[0].DType.Size, _typeA = operands[0].DType, _typeB = operands[operands.Length > 1 ? 1 : 0].DType,
                _resultType = results[0].DType,
            _streams = Lanes.Streams(results[0]),
        };
        for (int i = 0; i < results.Length; i++) to[i] = results[i].Data;
        for (int i = 0; i < operands.Length; i++)
        {
            int size = operands[i].DType.Size;
            from[i] = operands[i].Data;
            region._streams &= from[i] != results[0].Data;
            steps[i] = size;
            if (!IsScalar(op, operands, i)) continue;
            from[i] = repeated + i * Tile.ScalarBytes;
            steps[i] = 0;
            Strided.Fill(operands[i].Data, size, from[i], Tile.ScalarBytes / size);
            region._scalars |= 1 << i;
        }
        pool.For((region._count + MapKernel.TileSize - 1) / MapKernel.TileSize, MapKernel.Grain(1), ref region);
    }

    private static bool IsScalar(ITileOp op, ReadOnlySpan<View> operands, int i) => operands[i].Count == 1 && op.TakesScalar(i, operands[i].DType);

    public readonly void Run(int begin, int end)
    {
        void** from = stackalloc void*[_operandCount + _resultCount], to = from + _operandCount;
        for (int t = begin; t < end; t++)
        {
            nint first = (nint)t * MapKernel.TileSize;
            for (int i = 0; i < _operandCount; i++) from[i] = (byte*)_operands[i] + first * _steps[i];
            for (int i = 0; i < _resultCount; i++) to[i] = (byte*)_results[i] + first * _resultSize;
            _op.Run(new Tile(from, to, (int)Math.Min(MapKernel.TileSize, _count - first), _typeA, _typeB, _resultType, _scalars, _streams));
        }
    }
}
