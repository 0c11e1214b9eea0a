namespace Lamina.Tensors.Engines.Cpu;

using Lamina.Tensors.Shapes;

/// <summary>
/// A short run of elements, small enough for the first-level cache: up to three operands and a result, side by side,
/// already broadcast. Element-wise ops work on tiles, alone or one after the other in a fused chain.
/// </summary>
internal readonly unsafe struct Tile(void* a, void* b, void* c, void* result, int count, DType typeA, DType typeB, DType resultType)
{
    public readonly void* A = a, B = b, C = c, Result = result;
    public readonly int Count = count;

    /// <summary>The type of the first operand.</summary>
    public readonly DType Type = typeA;

    /// <summary>The type of the second operand.</summary>
    public readonly DType TypeB = typeB;

    /// <summary>The type of the result.</summary>
    public readonly DType ResultType = resultType;
}

/// <summary>What a fused chain calls: one element-wise op over one tile.</summary>
internal interface ITileOp
{
    void Run(in Tile tile);
}

/// <summary>A function of one value, written once for every vector width.</summary>
internal interface IUnary
{
    V Apply<V>(V x) where V : struct, ILanes<V>;
}

/// <summary>A function of two values.</summary>
internal interface IBinary
{
    V Apply<V>(V x, V y) where V : struct, ILanes<V>;
}
