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
        Values = operands;
        foreach (MapInstruction instruction in instructions) Values += instruction.Results.Length;
        Places = Place(out int temporaries);
        Temporaries = temporaries;
        Leaves = Array.ConvertAll(instructions, Leave);
        Pitch = MapKernel.TileSize * Widest() + Apart;
        TakesScalar = new bool[operands];
        Array.Fill(TakesScalar, true);
        foreach (MapInstruction instruction in instructions)
            for (int i = 0; i < operands; i++) TakesScalar[i] &= Takes(instruction, i);
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
            if (Instructions[i].Sources.Contains(operand)) return true;
        return false;
    }

    private bool Leave(MapInstruction instruction)
    {
        for (int value = instruction.First; value < instruction.First + instruction.Results.Length; value++)
            if (Places[value - Operands] < 0 || Instructions.Any(i => i.Sources.Contains(value))) return false;
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
    // elements are of one size; otherwise after that.
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
        var free = new Stack<int>();
        for (int i = 0; i < Instructions.Length; i++)
        {
            MapInstruction instruction = Instructions[i];
            int[] dying = [.. instruction.Sources.Distinct().Where(s => s >= Operands && last[s] == i && places[s - Operands] < 0).Select(s => -1 - places[s - Operands])];
            int size = instruction.Types[0].Size;
            bool inPlace = instruction.Types.All(t => t.Size == size) && instruction.Results.All(t => t.Size == size);
            if (inPlace) Array.ForEach(dying, free.Push);
            for (int value = instruction.First; value < instruction.First + instruction.Results.Length; value++)
            {
                int result = Array.IndexOf(Results, value);
                places[value - Operands] = result >= 0 ? result : -1 - (free.Count > 0 ? free.Pop() : temporaries++);
            }
            if (!inPlace) Array.ForEach(dying, free.Push);
        }
        return places;
    }
}

/// <summary>One op of a chain: the values it reads, the number of the first one it computes, and the types.</summary>
internal sealed record MapInstruction(ITileOp Op, int[] Sources, int First, DType[] Types, DType[] Results)
{
    /// <summary>The op's kernel: a call through an interface would be looked up for every tile.</summary>
    public TileKernel Run { get; } = Op.Kernel;
}

/// <summary>Computes an op over one tile.</summary>
internal delegate void TileKernel(in Tile tile);
