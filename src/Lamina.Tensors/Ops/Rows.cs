using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// Rows picked by number: x (n, …) and an index (int64 or int32) of any shape → index shape + (…). An embedding is
/// this; the gradient adds up where a row was picked more than once.
/// </summary>
public sealed record Rows : Op
{
    private const int Grain = 16 * 1024;

    public override string Name => "rows";

    public override Specs Infer(Specs x)
    {
        RequireOperands(x, 2);
        if (x[0].Shape.Rank == 0) Refuse("a scalar has no rows");
        if (x[1].DType is not (DType.Int32 or DType.Int64)) Refuse($"indices are int64 or int32, not {x[1].DType.Text}", "Cast(DType.Int64) on them");
        return x[0] with { Shape = new([.. x[1].Shape.Span, .. x[0].Shape.Span[1..]]) };
    }

    public override Tensors Define(Tensors x)
    {
        Spec spec = Infer(x.Specs)[0];
        int width = x[0].Shape.Without(0).Count;
        var values = new double[spec.Shape.Count];
        for (int i = 0; i < values.Length; i++) values[i] = x[0].Element((int)x[1].Element(i / width) * width + i % width);
        return Tensor.FromDoubles(values, spec);
    }

    public override Grads Gradient(in GradCall g) => [g.Wants(0) ? new ScatterRows { Count = g[0].Shape[0] }.Apply(g[1], g.By) : null, null];

    public override unsafe void Run(in CpuCall c)
    {
        var region = new Region
        {
            From = (byte*)c[0].Data, To = (byte*)c.Output.Data, Bytes = c[0].Shape.Without(0).Count * c[0].DType.Size,
            Index = Indices.Checked(Name, c[1], c[0].Shape, 0),
        };
        c.Pool.For(c[1].Count, Math.Max(1, Grain / Math.Max(region.Bytes, 1)), ref region);
    }

    private unsafe struct Region : IRegion
    {
        public byte* From, To;
        public int Bytes;
        public Indices Index;

        public readonly void Run(int begin, int end)
        {
            for (int i = begin; i < end; i++) Unsafe.CopyBlockUnaligned(To + (nint)i * Bytes, From + (nint)Index[i] * Bytes, (uint)Bytes);
        }
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <inheritdoc cref="Ops.Rows"/>
        public Tensor Rows(Tensor index) => new Rows().Apply(x, index);
    }
}
