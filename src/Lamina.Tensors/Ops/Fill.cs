using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>A tensor whose elements are all one value.</summary>
public sealed record Fill : Op
{
    public override string Name => "fill";

    /// <summary>Type and shape.</summary>
    public required Spec Spec { get; init; }

    /// <summary>The value of every element.</summary>
    public Scalar Value { get; init; }

    public override bool IsDifferentiable => false;

    public override Specs Infer(Specs x)
    {
        RequireOperands(x, 0);
        Value.In(Spec.DType, Name);
        return Spec;
    }

    public override Tensors Define(Tensors x) => Spec.DType == DType.Int64 && Value.TryWhole(out long whole)
        ? Tensor.From([.. Enumerable.Repeat(whole, Spec.Shape.Count)], Spec.Shape)
        : Tensor.FromDoubles([.. Enumerable.Repeat(Value.Value, Spec.Shape.Count)], Spec);

    public override unsafe void Run(in CpuCall c)
    {
        int count = Spec.Shape.Count;
        void* to = c.Output.Data;
        switch (Spec.DType)
        {
            case DType.Float32: Strided.Fill(Value.Single, (float*)to, count); break;
            case DType.Float64: Strided.Fill(Value.Value, (double*)to, count); break;
            default:
                long element;
                Conversion.Store(Value, Spec.DType, &element);
                Strided.Fill(&element, Spec.DType.Size, to, count);
                break;
        }
    }
}

public static partial class TensorOps
{
    extension(Tensor)
    {
        /// <summary>A tensor whose elements are all <paramref name="value"/>.</summary>
        /// <exception cref="TensorException">The type is an integer one, and the value no whole number of its range.</exception>
        public static Tensor Full(Shape shape, Scalar value, DType type = DType.Float32) =>
            new Fill { Spec = new(type, shape), Value = value.In(type, "full") }.Apply();

        /// <summary>A tensor of zeros.</summary>
        public static Tensor Zeros(Shape shape, DType type = DType.Float32) => Tensor.Full(shape, 0, type);

        /// <summary>A tensor of ones.</summary>
        public static Tensor Ones(Shape shape, DType type = DType.Float32) => Tensor.Full(shape, 1, type);

        /// <summary>Zeros of another tensor's type and shape: one zero in memory, broadcast.</summary>
        public static Tensor ZerosLike(Tensor like) => Tensor.Full([], 0, like.DType).BroadcastTo(like.Shape);

        /// <summary>Ones of another tensor's type and shape: one in memory, broadcast.</summary>
        public static Tensor OnesLike(Tensor like) => Tensor.Full([], 1, like.DType).BroadcastTo(like.Shape);
    }
}
