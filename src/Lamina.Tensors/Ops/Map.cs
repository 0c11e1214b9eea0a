using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// An op that works element by element, after NumPy's broadcasting. Chains of them fuse in a plan; alone or fused, an
/// element's bits are the same.
/// </summary>
public abstract record Map : Op, ITileOp
{
    public sealed override bool TakesStrides => true;

    /// <summary>The number of operands.</summary>
    protected abstract int Arity { get; }

    /// <summary>The result's type, from the operands'.</summary>
    /// <exception cref="TensorException">The op doesn't take these types.</exception>
    protected abstract DType Type(Specs x);

    /// <summary>The meaning, one element at a time, in double precision.</summary>
    protected abstract double Define(double x, double y, double z);

    internal abstract void Run(in Tile t);

    void ITileOp.Run(in Tile t) => Run(t);

    TileKernel ITileOp.Kernel => Run;

    /// <inheritdoc cref="ITileOp.With"/>
    internal virtual ITileOp? With(ITileOp other) => null;

    ITileOp? ITileOp.With(ITileOp other) => With(other);

    /// <summary>Operation that kernels of other ops can apply themselves.</summary>
    internal virtual EpilogueStep EpilogueStep => EpilogueStep.Other;

    EpilogueStep ITileOp.EpilogueStep => EpilogueStep;

    /// <summary>Whether the kernel takes this operand as a scalar instead of a whole tile.</summary>
    internal virtual bool TakesScalar(int operand, DType type) => false;

    bool ITileOp.TakesScalar(int operand, DType type) => TakesScalar(operand, type);

    public sealed override Specs Infer(Specs x)
    {
        RequireOperands(x, Arity);
        Shape shape = x[0].Shape;
        for (int i = 1; i < x.Count; i++)
            if (!Shape.TryBroadcast(shape, x[i].Shape, out shape)) Refuse(Mismatch(x), "Reshape() or an axis of size 1 where the sizes differ");
        return new Spec(Type(x), shape);
    }

    public sealed override Tensors Define(Tensors x)
    {
        Spec spec = Infer(x.Specs)[0];
        var values = new double[spec.Shape.Count];
        Tensor a = x[0].BroadcastTo(spec.Shape);
        Tensor? b = Arity > 1 ? x[1].BroadcastTo(spec.Shape) : null, c = Arity > 2 ? x[2].BroadcastTo(spec.Shape) : null;
        for (int i = 0; i < values.Length; i++) values[i] = Define(a.Element(i), b?.Element(i) ?? 0, c?.Element(i) ?? 0);
        return Tensor.From(values, spec.Shape).Cast(spec.DType);
    }

    public sealed override void Run(in CpuCall c) =>
        MapKernel.Run(this, c.Inputs, c.Outputs, c.Pool);

    /// <summary>The common type of two operands.</summary>
    private protected DType Same(Specs x)
    {
        if (x[0].DType != x[1].DType) Refuse($"the operands are {x[0].DType.Text} and {x[1].DType.Text}", $"Cast(DType.{x[0].DType}) on the second");
        return x[0].DType;
    }

    /// <summary>The type, which must be float32 or float64.</summary>
    private protected DType Float(DType type)
    {
        if (!type.IsFloat) Refuse($"takes float32 or float64, not {type.Text}", "Cast(DType.Float32) first");
        return type;
    }

    /// <summary>The type, which must be one that is computed in.</summary>
    private protected DType Number(DType type)
    {
        if (!type.IsFloat && !type.IsInteger) Refuse($"takes numbers, not {type.Text}", "Cast(DType.Float32) first");
        return type;
    }

    private static string Mismatch(Specs x)
    {
        var shapes = new string[x.Count];
        for (int i = 0; i < shapes.Length; i++) shapes[i] = x[i].Shape.ToString();
        return $"shapes {string.Join(" and ", shapes)} don't broadcast: aligned at the last axis, sizes must be equal or 1";
    }
}

/// <summary>An element-wise op on one float tensor.</summary>
public abstract record UnaryMap : Map
{
    protected sealed override int Arity => 1;

    /// <summary>The meaning, in double precision.</summary>
    protected abstract double Define(double x);

    protected sealed override double Define(double x, double y, double z) => Define(x);

    protected override DType Type(Specs x) => Float(x[0].DType);
}

/// <summary>An element-wise op on two tensors of one type.</summary>
public abstract record BinaryMap : Map
{
    protected sealed override int Arity => 2;

    /// <summary>The meaning, in double precision.</summary>
    protected abstract double Define(double x, double y);

    protected sealed override double Define(double x, double y, double z) => Define(x, y);

    protected override DType Type(Specs x) => Number(Same(x));

    internal override bool TakesScalar(int operand, DType type) => type.IsFloat;

    /// <summary>Applies the op to a tensor and a number.</summary>
    /// <exception cref="TensorException">The tensor's type doesn't hold the number, or the op doesn't take the type.</exception>
    internal Tensor ApplyTo(Tensor x, Scalar y)
    {
        (Tensor operand, Tensor scalar) = Promote(x, y);
        return Apply(operand, scalar);
    }

    /// <inheritdoc cref="ApplyTo(Tensor, Scalar)"/>
    internal Tensor ApplyTo(Scalar x, Tensor y)
    {
        (Tensor operand, Tensor scalar) = Promote(y, x);
        return Apply(scalar, operand);
    }

    /// <summary>A tensor and a number as two tensors of one type.</summary>
    private protected virtual (Tensor Operand, Tensor Scalar) Promote(Tensor x, Scalar y) => Promotion.ForArithmetic(Name, x, y);
}

/// <summary>A comparison: true or false, of two tensors of one type. It has no gradient.</summary>
public abstract record Comparison : BinaryMap
{
    public sealed override bool IsDifferentiable => false;

    internal sealed override bool TakesScalar(int operand, DType type) => false;

    protected sealed override DType Type(Specs x)
    {
        if (Same(x) is DType.Float16 or DType.BFloat16) Refuse($"{x[0].DType.Text} is storage only", "Cast(DType.Float32) first");
        return DType.Bool;
    }

    private protected sealed override (Tensor Operand, Tensor Scalar) Promote(Tensor x, Scalar y) => Promotion.ForComparison(x, y);
}
