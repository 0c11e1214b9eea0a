using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Engines.Cpu;

/// <summary>
/// A chain of element-wise ops over one shape. Values are numbered: operands first, then what each instruction computes.
/// It runs tile by tile, so that everything between the operands and the results stays in the first-level cache.
/// </summary>
internal sealed class MapProgram
{
    /// <summary>The most operands that an instruction has.</summary>
    public const int MostSources = 8;

    /// <summary>A chain of <paramref name="instructions"/> over <paramref name="operands"/> operands; <paramref name="results"/> says which values leave it.</summary>
    public MapProgram(int operands, MapInstruction[] instructions, int[] results)
    {
        Operands = operands;
        Instructions = instructions;
        Results = results;
        Values = operands + instructions.Sum(i => i.Results.Length);
        Places = Place(out int temporaries);
        Temporaries = temporaries;
    }

    /// <summary>The number of operands.</summary>
    public int Operands { get; }

    /// <summary>The ops in order.</summary>
    public MapInstruction[] Instructions { get; }

    /// <summary>For each result, the value that it is.</summary>
    public int[] Results { get; }

    /// <summary>The number of values, operands among them.</summary>
    public int Values { get; }

    /// <summary>For each computed value: the index of the result it is, or −1 − the temporary that it is kept in.</summary>
    public int[] Places { get; }

    /// <summary>The number of temporary tiles.</summary>
    public int Temporaries { get; }

    /// <summary>A program of a single op.</summary>
    public static MapProgram Of(ITileOp op, ReadOnlySpan<View> operands, ReadOnlySpan<View> results)
    {
        var instruction = new MapInstruction(op, Numbers(0, operands.Length), operands.Length, Types(operands), Types(results));
        return new(operands.Length, [instruction], Numbers(operands.Length, results.Length));
    }

    /// <summary>
    /// Whether an operand is still read after a result has been written: then the result can't lie where the operand does.
    /// </summary>
    public bool ReadsAfter(int operand, int result)
    {
        int at = Array.FindIndex(Instructions, i => i.First <= Results[result] && Results[result] < i.First + i.Results.Length);
        for (int i = at + 1; i < Instructions.Length; i++)
            if (Instructions[i].Sources.Contains(operand)) return true;
        return false;
    }

    private static int[] Numbers(int first, int count)
    {
        var numbers = new int[count];
        for (int i = 0; i < count; i++) numbers[i] = first + i;
        return numbers;
    }

    private static DType[] Types(ReadOnlySpan<View> views)
    {
        var types = new DType[views.Length];
        for (int i = 0; i < types.Length; i++) types[i] = views[i].DType;
        return types;
    }

    // A temporary is free again after the last instruction that reads it.
    private int[] Place(out int temporaries)
    {
        var last = new int[Values];
        for (int i = 0; i < Instructions.Length; i++)
            foreach (int source in Instructions[i].Sources) last[source] = i;
        var places = new int[Values - Operands];
        var free = new Stack<int>();
        temporaries = 0;
        for (int i = 0; i < Instructions.Length; i++)
        {
            MapInstruction instruction = Instructions[i];
            for (int value = instruction.First; value < instruction.First + instruction.Results.Length; value++)
            {
                int result = Array.IndexOf(Results, value);
                places[value - Operands] = result >= 0 ? result : -1 - (free.Count > 0 ? free.Pop() : temporaries++);
            }
            foreach (int source in instruction.Sources.Distinct())
                if (source >= Operands && last[source] == i && places[source - Operands] < 0) free.Push(-1 - places[source - Operands]);
        }
        return places;
    }
}

/// <summary>One op of a chain: the values it reads, the number of the first one it computes, and the types.</summary>
internal sealed record MapInstruction(ITileOp Op, int[] Sources, int First, DType[] Types, DType[] Results);
