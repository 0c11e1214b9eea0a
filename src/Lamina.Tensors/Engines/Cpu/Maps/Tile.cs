using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Engines.Cpu.Maps;

/// <summary>
/// A short run of elements, small enough for the L1 cache: operands and results side by side, already broadcast.
/// Element-wise ops work on tiles, alone or one after the other in a fused chain. A result may lie where an operand does,
/// so an op has read an element of all its operands before it writes one of its results there.
/// </summary>
internal readonly unsafe struct Tile(void** operands, void** results, int count, DType typeA, DType typeB, DType resultType, int scalars, bool streams = false)
{
    /// <summary>Bytes that a scalar operand is repeated over: a vector of any width.</summary>
    public const int ScalarBytes = 64;

    private readonly bool _streams = streams;

    /// <summary>The addresses of all operands and results.</summary>
    public readonly void** Operands = operands, Results = results;
    public readonly int Count = count;

    /// <summary>Bit k is set where operand k is a scalar, there for <see cref="ScalarBytes"/> only; ops that don't take them get whole tiles.</summary>
    public readonly int Scalars = scalars;

    /// <summary>The type of the first operand.</summary>
    public readonly DType Type = typeA;

    /// <summary>The type of the second operand.</summary>
    public readonly DType TypeB = typeB;

    /// <summary>The type of the first result.</summary>
    public readonly DType ResultType = resultType;

    /// <summary>The operands of an op that has up to three.</summary>
    public void* A => Operands[0];
    public void* B => Operands[1];
    public void* C => Operands[2];

    /// <summary>The only result, or the first.</summary>
    public void* Result => Results[0];

    /// <summary>Whether vectors from this address on are stored past the caches (<see cref="Lanes.Streams(in View)"/>).</summary>
    public bool StreamsTo(void* result) => _streams && ((nint)result & 63) == 0;
}

/// <summary>Element-wise op over one tile, as a fused chain calls it.</summary>
internal interface ITileOp
{
    string Name { get; }

    void Run(in Tile tile);

    /// <summary>
    /// What computes this op's result and then another's of the same operands, with less work than both by themselves; null where nothing does.
    /// </summary>
    ITileOp? With(ITileOp other) => null;

    /// <summary><see cref="Run"/> as a delegate, as directly as it can be had.</summary>
    TileKernel Kernel => Run;

    /// <summary>Operation that kernels of other ops can apply themselves.</summary>
    EpilogueStep EpilogueStep => EpilogueStep.Other;

    /// <summary>Whether this operand may be a scalar instead of a whole tile.</summary>
    bool TakesScalar(int operand, DType type);
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
