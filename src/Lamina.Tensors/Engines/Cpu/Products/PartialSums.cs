using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Epilogues;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Engines.Cpu.Vectors;

namespace Lamina.Tensors.Engines.Cpu.Products;

/// <summary>Adds partial results, side by side in memory, in their order into (or onto) a matrix. A unit is a row.</summary>
internal readonly unsafe struct PartialSums<V>(float* parts, int count, Matrix to, bool accumulate = false, BlockEpilogue? epilogue = null) : IRegion
    where V : struct, ILanes<V>
{
    public int Units => to.Rows;

    public int Grain => Math.Clamp(16_384 / (count * to.Columns), 1, to.Rows);

    [MethodImpl(Jit.Kernel)]
    public void Run(int begin, int end)
    {
        nint size = (nint)to.Rows * to.Columns;
        for (int row = begin; row < end; row++)
        {
            float* from = parts + (nint)row * to.Columns, target = (float*)to.Data + row * to.RowStride;
            for (int j = 0; j < to.Columns; j += V.Count)
            {
                int lanes = Math.Min(V.Count, to.Columns - j);
                V sum = Load(from + j, lanes);
                for (int p = 1; p < count; p++) sum += Load(from + p * size + j, lanes);
                if (accumulate) sum = Load(target + j, lanes) + sum;
                if (lanes == V.Count) V.Store(sum, target + j);
                else V.StorePart(sum, target + j, lanes);
            }
        }
        epilogue?.Finish(begin, end - begin, 0, to.Columns);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Load(float* from, int lanes) => lanes == V.Count ? V.Load(from) : V.LoadPart(from, lanes);
}
