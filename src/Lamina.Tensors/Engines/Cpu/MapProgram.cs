using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Engines.Cpu;

/// <summary>
/// A chain of element-wise ops over one shape. Values are numbered: operands first, then one per instruction. It runs
/// tile by tile, so that everything between the operands and the results stays in the first-level cache.
/// </summary>
internal sealed class MapProgram
{
    /// <summary>A chain of <paramref name="instructions"/> over <paramref name="operands"/> operands; <paramref name="results"/> says which values leave it.</summary>
    public MapProgram(int operands, MapInstruction[] instructions, int[] results)
    {
        Operands = operands;
        Instructions = instructions;
        Results = results;
        Places = Place(operands, instructions, results, out int temporaries);
        Temporaries = temporaries;
    }

    /// <summary>The number of operands.</summary>
    public int Operands { get; }

    /// <summary>The ops in order.</summary>
    public MapInstruction[] Instructions { get; }

    /// <summary>For each result, the value that it is.</summary>
    public int[] Results { get; }

    /// <summary>For each instruction: the index of the result it is, or −1 − the temporary that it is kept in.</summary>
    public int[] Places { get; }

    /// <summary>The number of temporary tiles.</summary>
    public int Temporaries { get; }

    /// <summary>A program of a single op.</summary>
    public static MapProgram Of(ITileOp op, ReadOnlySpan<View> operands, DType result)
    {
        DType first = operands[0].DType, second = operands.Length > 1 ? operands[1].DType : first;
        return new(operands.Length, [new(op, 0, operands.Length > 1 ? 1 : -1, operands.Length > 2 ? 2 : -1, first, second, result)], [operands.Length]);
    }

    /// <summary>
    /// Whether an operand is still read after a result has been written: then the result can't lie where the operand does.
    /// </summary>
    public bool ReadsAfter(int operand, int result)
    {
        for (int i = Results[result] - Operands + 1; i < Instructions.Length; i++)
            if (Instructions[i].Sources.Contains(operand)) return true;
        return false;
    }

    // A temporary is free again after the last instruction that reads it.
    private static int[] Place(int operands, MapInstruction[] instructions, int[] results, out int temporaries)
    {
        var last = new int[operands + instructions.Length];
        for (int i = 0; i < instructions.Length; i++)
            foreach (int source in instructions[i].Sources)
                if (source >= 0) last[source] = i;
        var places = new int[instructions.Length];
        var free = new Stack<int>();
        temporaries = 0;
        for (int i = 0; i < instructions.Length; i++)
        {
            int value = operands + i, result = Array.IndexOf(results, value);
            if (result >= 0) places[i] = result;
            else
            {
                int slot = free.Count > 0 ? free.Pop() : temporaries++;
                places[i] = -1 - slot;
            }
            foreach (int source in instructions[i].Sources.Distinct())
                if (source >= operands && last[source] == i && places[source - operands] < 0) free.Push(-1 - places[source - operands]);
        }
        return places;
    }
}

/// <summary>One op of a chain: which values it reads (−1 for none) and the types.</summary>
internal readonly record struct MapInstruction(ITileOp Op, int A, int B, int C, DType TypeA, DType TypeB, DType Result)
{
    public int[] Sources => [A, B, C];
}
