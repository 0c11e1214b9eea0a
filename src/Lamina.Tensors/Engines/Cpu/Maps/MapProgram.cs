using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Engines.Cpu.Maps;

/// <summary>
/// A chain of element-wise ops over one shape. Values are numbered: operands first, then what each instruction computes.
/// It runs tile by tile, so that everything between the operands and the results stays in the L1 cache.
/// </summary>
internal sealed class MapProgram
{
    /// <summary>The most operands that an instruction has.</summary>
    public const int MostSources = 8;

    /// <summary>
    /// A chain of <paramref name="instructions"/> over <paramref name="operands"/> operands; <paramref name="results"/> says which values leave it.
    /// </summary>
    public MapProgram(int operands, MapInstruction[] instructions, int[] results)
    {
        Operands = operands;
        Instructions = instructions;
        Results = results;
        Values = operands;
        foreach (MapInstruction instruction in instructions) Values += instruction.Results.Length;
        Places = Place(out int temporaries);
        Temporaries = temporaries;
        Leaves = new bool[instructions.Length];
        for (int i = 0; i < Leaves.Length; i++) Leaves[i] = Leave(instructions[i]);
        Pitch = MapKernel.TileSize * Widest() + Apart;
        TakesScalar = new bool[operands];
        for (int i = 0; i < operands; i++) TakesScalar[i] = Array.TrueForAll(instructions, n => Takes(n, i));
    }

    // Tiles that lie a multiple of 4 KB apart would fall on one another in the cache.
    private const int Apart = 192;

    /// <summary>The bytes from one tile in working memory to the next.</summary>
    public int Pitch { get; }

    /// <summary>For each operand: whether all that read it take it as a scalar.</summary>
    public bool[] TakesScalar { get; }

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

    /// <summary>For each instruction: whether all that it computes leaves the chain, unread by those behind it.</summary>
    public bool[] Leaves { get; }

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
            if (Instructions[i].Reads(operand)) return true;
        return false;
    }

    private bool Leave(MapInstruction instruction)
    {
        for (int value = instruction.First; value < instruction.First + instruction.Results.Length; value++)
            if (Places[value - Operands] < 0 || Array.Exists(Instructions, n => n.Reads(value))) return false;
        return true;
    }

    private int Widest()
    {
        int widest = 1;
        foreach (MapInstruction n in Instructions)
        {
            foreach (DType type in n.Types) widest = Math.Max(widest, type.Size);
            foreach (DType type in n.Results) widest = Math.Max(widest, type.Size);
        }
        return widest;
    }

    private static bool Takes(MapInstruction instruction, int operand)
    {
        for (int i = 0; i < instruction.Sources.Length; i++)
            if (instruction.Sources[i] == operand && !instruction.Op.TakesScalar(i, instruction.Types[i])) return false;
        return true;
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

    // A temporary is free again for the result of the last instruction that reads it, which goes element by element, if
    // elements are of one size; otherwise after that. (No queries: those over numbers have to be compiled in every process.)
    private int[] Place(out int temporaries)
    {
        var last = new int[Values];
        for (int i = 0; i < Instructions.Length; i++)
            foreach (int source in Instructions[i].Sources) last[source] = i;
        var places = new int[Values - Operands];
        temporaries = 0;
        if (Results.Length == places.Length)
        {
            for (int i = 0; i < places.Length; i++) places[Results[i] - Operands] = i;
            return places;
        }
        List<int> free = [], dying = [];
        for (int i = 0; i < Instructions.Length; i++)
        {
            MapInstruction instruction = Instructions[i];
            dying.Clear();
            for (int j = 0; j < instruction.Sources.Length; j++)
            {
                int source = instruction.Sources[j];
                bool isFirst = true;
                for (int k = 0; k < j; k++) isFirst &= instruction.Sources[k] != source;
                if (isFirst && source >= Operands && last[source] == i && places[source - Operands] < 0) dying.Add(-1 - places[source - Operands]);
            }
            bool inPlace = instruction.HasOneSize;
            if (inPlace) free.AddRange(dying);
            for (int value = instruction.First; value < instruction.First + instruction.Results.Length; value++)
            {
                int result = ResultOf(value);
                if (result < 0 && free.Count > 0)
                {
                    result = -1 - free[^1];
                    free.RemoveAt(free.Count - 1);
                }
                else if (result < 0) result = -1 - temporaries++;
                places[value - Operands] = result;
            }
            if (!inPlace) free.AddRange(dying);
        }
        return places;
    }

    // Which result a value is; -1 for none.
    private int ResultOf(int value)
    {
        for (int i = 0; i < Results.Length; i++)
            if (Results[i] == value) return i;
        return -1;
    }
}

/// <summary>One op of a chain: the values it reads, the number of the first one it computes, and the types.</summary>
internal sealed record MapInstruction(ITileOp Op, int[] Sources, int First, DType[] Types, DType[] Results)
{
    /// <summary>The op's kernel: a call through an interface would be looked up for every tile.</summary>
    public TileKernel Run { get; } = Op.Kernel;

    /// <summary>Whether a value is among those that it reads.</summary>
    public bool Reads(int value)
    {
        foreach (int source in Sources)
            if (source == value) return true;
        return false;
    }

    /// <summary>Whether all elements that it reads and computes have the same size.</summary>
    public bool HasOneSize
    {
        get
        {
            foreach (DType type in Types)
                if (type.Size != Types[0].Size) return false;
            foreach (DType type in Results)
                if (type.Size != Types[0].Size) return false;
            return true;
        }
    }
}

/// <summary>Computes an op over one tile.</summary>
internal delegate void TileKernel(in Tile tile);
