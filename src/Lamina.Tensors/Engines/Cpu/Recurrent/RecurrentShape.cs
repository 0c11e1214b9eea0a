using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Engines.Cpu.Recurrent;

/// <summary>
/// The sizes of a recurrent layer's call, and how its work is cut, which depends on nothing else: rows of the batch into
/// chains that know nothing of one another, hidden units into groups of two vectors, groups into the blocks of a step.
/// </summary>
internal readonly struct RecurrentShape
{
    // Two tiles: fewer rows read the weights too often, more leave threads without a chain of their own, and those that share
    // one wait for each other at every step.
    private const int ChainRows = 2 * RecurrentTile.MostRows;
    private const int Alignment = 64;

    /// <summary>Sizes of a call on the elements of a type, with so many gates through which rows of <paramref name="inner"/> values flow.</summary>
    public RecurrentShape(DType type, int batch, int steps, int features, int hidden, int inner, int products)
    {
        (Type, Batch, Steps, Features, Hidden, Inner, Products) = (type, batch, steps, features, hidden, inner, products);
        long weights = (long)inner * products * hidden;
        int chains = Math.Max(1, (batch + ChainRows - 1) / ChainRows);
        Rows = Math.Max(1, (batch + chains - 1) / chains);
        Chains = (batch + Rows - 1) / Rows;
        Blocks = (int)Math.Clamp(weights * Math.Max(Rows, RecurrentTile.MostRows) / 1_000_000, 1, 8);
    }

    public readonly DType Type;
    public readonly int Batch, Steps, Features, Hidden;

    /// <summary>Values of a row that a step's product takes in.</summary>
    public readonly int Inner;

    /// <summary>Results of a step's product for each hidden unit.</summary>
    public readonly int Products;

    /// <summary>Rows of the batch in a chain (the last may have fewer), and the number of chains.</summary>
    public readonly int Rows, Chains;

    /// <summary>Blocks of hidden units that a step of a chain is cut into.</summary>
    public readonly int Blocks;

    /// <summary>Bytes from row to row of [input | state], which a product of the forward pass takes in: off multiples of the cache's size.</summary>
    public nint Pitch => StateAt + Aligned((nint)Hidden * Type.Size) + Alignment;

    /// <summary>Where in such a row the state begins, so that its vectors are whole cache lines; the input ends there.</summary>
    public nint StateAt => Aligned((nint)Features * Type.Size);

    /// <summary>Offset of the input.</summary>
    public nint InputAt => StateAt - (nint)Features * Type.Size;

    /// <summary>Bytes from position to position of [state | input] as the backward pass keeps it for the weights' gradients.</summary>
    public nint TracePitch => Aligned((nint)(Hidden + Features) * Type.Size) + Alignment;

    /// <summary>Bytes of what the product of one chain takes in, padded to whole tiles.</summary>
    public nint StateBytes => Pitch * ((Rows + RecurrentTile.MostRows - 1) / RecurrentTile.MostRows * RecurrentTile.MostRows);

    /// <summary>Bytes of all chains' states, twice: one is read while the other is written.</summary>
    public nint AllStateBytes => 2 * StateBytes * Chains;

    /// <summary>Bytes of all chains' counters.</summary>
    public nint CounterBytes => (nint)StepTickets.Bytes * Chains;

    /// <summary>Bytes of packed weights with so many rows for each group of hidden units, for vectors of any width.</summary>
    public nint PanelBytes(nint rows) => (nint)((Hidden + 31) / 32 * 32) * rows * Type.Size;

    /// <summary>One of a chain's two states.</summary>
    public unsafe byte* State(byte* states, int chain, int step) => states + (2 * (nint)chain + (step & 1)) * StateBytes;

    /// <summary>Rows of the batch in one chain.</summary>
    public int RowsOf(int chain) => Math.Min(Rows, Batch - chain * Rows);

    /// <summary>Whether this is one sequence, whose weights aren't worth packing.</summary>
    public bool IsSingle => Batch == 1 && Hidden % Width(Type) == 0;

    /// <summary>Groups of so many hidden units.</summary>
    public int Groups(int width) => (Hidden + width - 1) / width;

    /// <summary>The first group of a block; that of the block after is its end.</summary>
    public int GroupOf(int block, int width) => (int)((long)block * Groups(width) / Blocks);

    /// <summary>Units of parallel work: as many places for threads in each chain as it has blocks.</summary>
    public int Units => Chains * Blocks;

    /// <summary>
    /// The chain that a thread which takes a unit begins with: threads have neighbouring units, so that they begin with different chains while
    /// there are enough.
    /// </summary>
    public int ChainOf(int unit) => unit / Blocks;

    /// <summary>The block of its chain that a thread which takes a unit begins with: where it is alone with its part of the weights.</summary>
    public int HomeOf(int unit) => unit % Blocks;

    private static nint Aligned(nint bytes) => (bytes + Alignment - 1) / Alignment * Alignment;

    /// <summary>Elements of two vectors, the width of a group of hidden units.</summary>
    public static int Width(DType type) => type == DType.Float64 ? 2 * D64.Count : Tiers.Current switch
    {
        Tier.Vector512 => 2 * F512.Count,
        Tier.Vector256 => 2 * F256.Count,
        _ => 2 * F128.Count,
    };
}
