using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>Class numbers (…), int64 or int32, as rows (…, classes) that are 1 at the class and 0 elsewhere.</summary>
public sealed record OneHot : Op
{
    public override string Name => "one_hot";

    /// <summary>The number of classes.</summary>
    public required int Classes { get; init; }

    /// <summary>The type of the result.</summary>
    public DType DType { get; init; } = DType.Float32;

    public override bool IsDifferentiable => false;

    public override Specs Infer(Specs x)
    {
        RequireOperands(x, 1);
        if (x[0].DType is not (DType.Int32 or DType.Int64)) Refuse($"classes are int64 or int32, not {x[0].DType.Text}", "Cast(DType.Int64) first");
        if (Classes < 1) Refuse($"{Classes} classes: there must be one or more");
        return new Spec(DType, x[0].Shape.Insert(-1, Classes));
    }

    public override Tensors Define(Tensors x)
    {
        var values = new double[x[0].Count * Classes];
        for (int i = 0; i < x[0].Count; i++) values[i * Classes + (int)x[0].Element(i)] = 1;
        return Tensor.FromDoubles(values, Infer(x.Specs)[0]);
    }

    public override unsafe void Run(in CpuCall c)
    {
        Indices classes = Indices.Checked(Name, c[0], c.Output.Shape, c.Output.Shape.Rank - 1, "class");
        int size = c.Output.DType.Size, count = c[0].Count;
        byte* to = (byte*)c.Output.Data;
        new Span<byte>(to, c.Output.Count * size).Clear();
        Span<byte> one = stackalloc byte[8];
        One(c.Output.DType, one);
        for (int i = 0; i < count; i++) one[..size].CopyTo(new Span<byte>(to + ((nint)i * Classes + (nint)classes[i]) * size, size));
    }

    private static unsafe void One(DType type, Span<byte> bytes)
    {
        double one = 1;
        fixed (byte* to = bytes) Conversion.Run(&one, DType.Float64, to, type, 1);
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <inheritdoc cref="Ops.OneHot"/>
        public Tensor OneHot(int classes, DType type = DType.Float32) => new OneHot { Classes = classes, DType = type }.Apply(x);
    }
}
