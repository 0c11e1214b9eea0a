using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// (index, source) → (count, …): zeros to which each row of the source, index shape + (…), is added at its number, in
/// order: the gradient of <see cref="Rows"/>, and the sum of rows by group.
/// </summary>
public sealed record ScatterRows : Op
{
    // A block is a range of result rows that one thread adds to; more of them mean more looks at the indices.
    private const int LargestBlocks = 16, Grain = 32 * 1024;

    public override string Name => "scatter_rows";

    /// <summary>The number of rows of the result.</summary>
    public required int Count { get; init; }

    public override Specs Infer(Specs x)
    {
        RequireOperands(x, 2);
        Shape index = x[0].Shape, source = x[1].Shape;
        if (x[0].DType is not (DType.Int32 or DType.Int64)) Refuse($"indices are int64 or int32, not {x[0].DType.Text}", "Cast(DType.Int64) on them");
        if (!x[1].DType.IsFloat) Refuse($"takes float32 or float64, not {x[1].DType.Text}", "Cast(DType.Float32) first");
        if (index.Rank > source.Rank
            || !source.Span[..index.Rank].SequenceEqual(index.Span)) Refuse($"index {index} and source {source}: the source's first axes must be the index's");
        return x[1] with { Shape = new([Count, .. source.Span[index.Rank..]]) };
    }

    public override Tensors Define(Tensors x)
    {
        Spec spec = Infer(x.Specs)[0];
        int width = spec.Shape.Without(0).Count;
        var values = new double[spec.Shape.Count];
        for (int i = 0; i < x[1].Count; i++) values[(int)x[0].Element(i / width) * width + i % width] += x[1].Element(i);
        return Tensor.FromDoubles(values, spec);
    }

    public override Grads Gradient(in GradCall g) => [null, g.Wants(1) ? g.By.Rows(g[0]) : null];

    public override unsafe void Run(in CpuCall c)
    {
        if (c.Output.Count == 0) return;
        int width = c.Output.Shape.Without(0).Count;
        long work = (long)c.Output.Count + c[1].Count;
        int blocks = (int)Math.Clamp(work / Grain, 1, LargestBlocks), block = (Count + blocks - 1) / blocks;
        var body = new Body
        {
            From = (byte*)c[1].Data, To = (byte*)c.Output.Data, Number = c[0].Count, Width = width, Count = Count, Block = block,
            Index = Indices.Checked(Name, c[0], c.Output.Shape, 0),
        };
        VectorRegion.For(c.Pool, c.Output.DType, (Count + block - 1) / block, 1, body);
    }

    private unsafe struct Body : IVectorRegion
    {
        public byte* From, To;
        public int Number, Width, Count, Block;
        public Indices Index;

        [MethodImpl(Jit.Kernel)]
        public readonly void Run<V>(int begin, int end) where V : struct, ILanes<V>
        {
            long first = (long)begin * Block, stop = Math.Min((long)end * Block, Count);
            nint bytes = (nint)Width * V.Size;
            for (long row = first; row < stop; row++) new Span<byte>(To + (nint)row * bytes, (int)bytes).Clear();
            for (int i = 0; i < Number; i++)
            {
                long row = Index[i];
                if (row < first || row >= stop) continue;
                byte* from = From + i * bytes, to = To + (nint)row * bytes;
                int j = 0;
                for (; j <= Width - V.Count; j += V.Count, from += V.Count * V.Size, to += V.Count * V.Size) V.Store(V.Load(to) + V.Load(from), to);
                if (j < Width) V.StorePart(V.LoadPart(to, Width - j) + V.LoadPart(from, Width - j), to, Width - j);
            }
        }
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <summary>The rows of this tensor, index shape + (…), each added at its number to zeros of (count, …).</summary>
        public Tensor ScatterRows(Tensor index, int count) => new ScatterRows { Count = count }.Apply(index, x);
    }
}
