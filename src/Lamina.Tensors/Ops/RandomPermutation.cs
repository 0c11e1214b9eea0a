using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Engines.Cpu.Reductions;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>The numbers 0 to count − 1 (int64) in random order: those of the draws' order, each number drawing 64 bits.</summary>
public sealed record RandomPermutation : RandomOp
{
    public override string Name => "random_permutation";

    /// <summary>Length of the permutation.</summary>
    public required int Count { get; init; }

    public override Specs Infer(Specs x)
    {
        RequireKey(x);
        if (Count < 0) Refuse($"{Count} numbers");
        return new Spec(DType.Int64, [Count]);
    }

    public override Tensors Define(Tensors x)
    {
        ulong Draw(int i)
        {
            uint[] words = Block(x[0], i / 2);
            return words[i % 2 * 2] | (ulong)words[i % 2 * 2 + 1] << 32;
        }
        return Tensor.From(Enumerable.Range(0, Count).OrderBy(Draw).Select(i => (long)i).ToArray(), [Count]);
    }

    public override unsafe void Run(in CpuCall c)
    {
        ReadOnlySpan<long> key = c[0].Span<long>();
        int eights = (Count + 15) / 16;
        var items = (Ranked*)Scratch.Get(0, (2L * Count + 1) * sizeof(Ranked));
        var draws = (ulong*)Scratch.Get(1, eights * 16L * sizeof(ulong));
        Philox.Fill(0, Lane, (ulong)key[1], (ulong)key[0], (uint*)draws, eights);
        for (int i = 0; i < Count; i++) items[i] = new(draws[i], i);
        Ranking.Sort(items, items + Count, Count);
        Span<long> to = c.Output.Span<long>();
        for (int i = 0; i < to.Length; i++) to[i] = items[i].Index;
    }
}

public static partial class TensorOps
{
    extension(Tensor)
    {
        /// <summary>The numbers 0 to count − 1 (int64) in random order, by a key (seed, step) and a stream of their own.</summary>
        public static Tensor RandomPermutation(int count, Tensor key, int stream) => new RandomPermutation { Count = count, Stream = stream }.Apply(key);
    }
}
