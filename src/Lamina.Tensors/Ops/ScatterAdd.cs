using System.Numerics;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// (x, index, source) → x with source added to the places that the index names along an axis:
/// result[index[i, j], j] += source[i, j] for axis 0 of a matrix, in row-major order of the source, whatever the number of threads.
/// </summary>
public sealed record ScatterAdd : IndexedOp
{
    private const int Columns = 256, Grain = 8 * 1024;

    public override string Name => "scatter_add";

    public override Specs Infer(Specs x)
    {
        RequireOperands(x, 3);
        Check(x[0], x[1]);
        if (x[2].Shape != x[1].Shape) Refuse($"source {x[2].Shape} and index {x[1].Shape} differ: each value needs its index");
        if (x[2].DType != x[0].DType) Refuse($"the operands are {x[0].DType.Text} and {x[2].DType.Text}", $"Cast(DType.{x[0].DType}) on the source");
        RequireNumber(x[0].DType);
        return x[0];
    }

    public override Tensors Define(Tensors x)
    {
        var values = new double[x[0].Count];
        for (int i = 0; i < values.Length; i++) values[i] = x[0].Element(i);
        int[] places = Places(x[0].Shape, x[1]);
        for (int i = 0; i < places.Length; i++) values[places[i]] += x[2].Element(i);
        return Tensor.FromDoubles(values, x[0].Spec);
    }

    public override Grads Gradient(in GradCall g) => [g.By, null, g.Wants(2) ? new Gather { Axis = Axis }.Apply(g.By, g[1]) : null];

    public override void Run(in CpuCall c)
    {
        switch (c[0].DType)
        {
            case DType.Float32: Run<float>(c); break;
            case DType.Float64: Run<double>(c); break;
            case DType.Int32: Run<int>(c); break;
            case DType.Int64: Run<long>(c); break;
            default: Run<byte>(c); break;
        }
    }

    private unsafe void Run<T>(in CpuCall c) where T : unmanaged, INumber<T>
    {
        c[0].Span<T>().CopyTo(c.Output.Span<T>());
        if (c[1].Count == 0) return;
        var region = new Region<T> { From = (T*)c[2].Data, To = (T*)c.Output.Data, Index = Checked(c[1], c[0].Shape), Map = new(c[1].Shape, c[0].Shape, Axis) };
        int strips = (region.Map.Inner + Columns - 1) / Columns, lines = Math.Min(region.Map.Inner, Columns) * region.Map.Length;
        c.Pool.For(c[1].Count / (region.Map.Inner * region.Map.Length) * strips, Math.Max(1, Grain / lines), ref region);
    }

    /// <summary>A unit is a strip of lines along the axis: no two units write to the same place.</summary>
    private unsafe struct Region<T> : IRegion where T : unmanaged, INumber<T>
    {
        public T* From, To;
        public Indices Index;
        public PlaceMap Map;

        public readonly void Run(int begin, int end)
        {
            int inner = Map.Inner, strips = (inner + Columns - 1) / Columns;
            for (int unit = begin; unit < end; unit++)
            {
                int outer = unit / strips, column = unit % strips * Columns, stop = Math.Min(inner, column + Columns), start = Map.Outer(outer);
                for (int k = 0; k < Map.Length; k++)
                    for (int j = column; j < stop; j++)
                    {
                        int at = (outer * Map.Length + k) * inner + j;
                        To[start + (int)Index[at] * Map.Step + Map.Offset(j)] += From[at];
                    }
            }
        }
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <inheritdoc cref="Ops.ScatterAdd"/>
        public Tensor ScatterAdd(int axis, Tensor index, Tensor source) => new ScatterAdd { Axis = x.Shape.Axis(axis, "scatter_add") }.Apply(x, index, source);
    }
}
