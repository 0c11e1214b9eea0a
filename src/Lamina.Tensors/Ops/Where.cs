using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>Element by element, the second operand where the first (bool) is true, the third elsewhere.</summary>
public sealed record Where : Map
{
    public override string Name => "where";

    protected override int Arity => 3;

    protected override DType Type(Specs x)
    {
        if (x[0].DType != DType.Bool) Refuse($"the condition is {x[0].DType.Text}, not bool", "a comparison such as x > 0");
        if (x[1].DType != x[2].DType) Refuse($"the choices are {x[1].DType.Text} and {x[2].DType.Text}", $"Cast(DType.{x[1].DType}) on the third operand");
        return x[1].DType;
    }

    protected override double Define(double x, double y, double z) => x != 0 ? y : z;

    public override Grads Gradient(in GradCall g)
    {
        Tensor none = Tensor.ZerosLike(g.By);
        return [null, g.Wants(1) ? g.Fit(1, Tensor.Where(g[0], g.By, none)) : null, g.Wants(2) ? g.Fit(2, Tensor.Where(g[0], none, g.By)) : null];
    }

    internal override unsafe void Run(in Tile t)
    {
        switch (t.ResultType.Size)
        {
            case 1: Choose<byte>(t); break;
            case 2: Choose<ushort>(t); break;
            case 4: Choose<uint>(t); break;
            default: Choose<ulong>(t); break;
        }
    }

    private static unsafe void Choose<T>(in Tile t) where T : unmanaged
    {
        byte* condition = (byte*)t.A;
        T* then = (T*)t.B, otherwise = (T*)t.C, result = (T*)t.Result;
        int count = t.Count;
        for (int i = 0; i < count; i++) result[i] = condition[i] != 0 ? then[i] : otherwise[i];
    }
}

public static partial class TensorOps
{
    extension(Tensor)
    {
        /// <inheritdoc cref="Ops.Where"/>
        public static Tensor Where(Tensor condition, Tensor then, Tensor otherwise) => new Where().Apply(condition, then, otherwise);

        /// <inheritdoc cref="Ops.Where"/>
        public static Tensor Where(Tensor condition, Tensor then, Scalar otherwise)
        {
            (Tensor operand, Tensor scalar) = Promotion.ForArithmetic("where", then, otherwise);
            return new Where().Apply(condition, operand, scalar);
        }

        /// <inheritdoc cref="Ops.Where"/>
        public static Tensor Where(Tensor condition, Scalar then, Tensor otherwise)
        {
            (Tensor operand, Tensor scalar) = Promotion.ForArithmetic("where", otherwise, then);
            return new Where().Apply(condition, scalar, operand);
        }
    }
}
