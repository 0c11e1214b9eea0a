using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// An op that draws random numbers. Its operand is a key, int64 (2): seed and step. A value depends on the seed, the
/// step, the op's stream and its place in the result, and on nothing else, so a replay, a resumed run and another
/// device draw the same. Equal records with equal keys draw equal values: give each place in a model its own stream.
/// </summary>
public abstract record RandomOp : Op
{
    /// <summary>The number of the stream, 0 or more.</summary>
    public required int Stream { get; init; }

    public sealed override bool IsDifferentiable => false;

    private protected void RequireKey(Specs x)
    {
        if (x.Count != 1 || x[0] != new Spec(DType.Int64, [2])) Refuse($"the key is {x}; it must be int64 (2): seed and step",
            "Tensor.From(seed, step), both long");
        if (Stream < 0) Refuse($"stream {Stream} is negative");
    }

    /// <summary>The second word of the counter: the highest bit keeps these draws apart from those of <see cref="RandomStream"/>.</summary>
    private protected uint Lane => (uint)Stream | 0x80000000;

    /// <summary>The words at one block of the key's sequence, as the definition reads them.</summary>
    private protected uint[] Block(Tensor key, int block)
    {
        ReadOnlySpan<long> values = key.Read<long>();
        var words = new uint[Philox.Words];
        Philox.Block((uint)block, Lane, (uint)values[1], (uint)((ulong)values[1] >> 32), (ulong)values[0], words);
        return words;
    }
}

/// <summary>A random op that fills a shape with float32 values.</summary>
public abstract record RandomFill : RandomOp
{
    /// <summary>Values are made in tiles of so many: a tile's words stay in the L1 cache.</summary>
    private protected const int Tile = 1024;

    private const int Grain = 8;

    /// <summary>The shape of the result.</summary>
    public required Shape Shape { get; init; }

    public sealed override Specs Infer(Specs x)
    {
        RequireKey(x);
        return new Spec(DType.Float32, Shape);
    }

    private protected unsafe void Run<T>(in CpuCall c) where T : struct, IDraw
    {
        ReadOnlySpan<long> key = c[0].Span<long>();
        var region = new Region<T> { To = (float*)c.Output.Data, Count = c.Output.Count, Lane = Lane, Seed = (ulong)key[0], Step = (ulong)key[1] };
        c.Pool.For((c.Output.Count + Tile - 1) / Tile, Grain, ref region);
    }

    /// <summary>Makes a tile of values of its words, in the same memory.</summary>
    private protected interface IDraw
    {
        static abstract unsafe void Make(uint* words);
    }

    private unsafe struct Region<T> : IRegion where T : struct, IDraw
    {
        public float* To;
        public int Count;
        public uint Lane;
        public ulong Seed, Step;

        public readonly void Run(int begin, int end)
        {
            uint* words = stackalloc uint[Tile];
            for (int tile = begin; tile < end; tile++)
            {
                int first = tile * Tile, count = Math.Min(Tile, Count - first);
                Philox.Fill((uint)(first / Philox.Words), Lane, Step, Seed, words, Tile / 32);
                T.Make(words);
                new ReadOnlySpan<float>(words, count).CopyTo(new Span<float>(To + first, count));
            }
        }
    }
}
