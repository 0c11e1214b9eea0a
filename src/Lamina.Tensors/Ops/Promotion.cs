using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// The type of a result where a tensor meets a number, in one place for every op (docs/names.md, as PyTorch's
/// <c>result_type</c>): a float tensor keeps its type; an integer or bool tensor becomes float32 beside a floating-point
/// number; beside a whole number an integer tensor keeps its type and a bool tensor becomes int64. Nothing wraps: a whole
/// number that the type doesn't hold is refused. Comparisons, whose result is bool, compare the numbers themselves.
/// </summary>
internal static class Promotion
{
    /// <summary>The tensor and the number as two tensors of the type that is computed in.</summary>
    /// <exception cref="TensorException">The number is whole, but out of the range of the tensor's integer type.</exception>
    public static (Tensor Operand, Tensor Scalar) ForArithmetic(string op, Tensor x, Scalar y)
    {
        x = ForArithmetic(x, y);
        return (x, Of(y.In(x.DType, op), x.DType));
    }

    /// <summary>The tensor in the type that is computed in beside this number.</summary>
    public static Tensor ForArithmetic(Tensor x, Scalar y) =>
        y.IsFloat && (x.DType.IsInteger || x.DType == DType.Bool) ? x.Cast(DType.Float32) : x.DType == DType.Bool ? x.Cast(DType.Int64) : x;

    /// <summary>The tensor and the number as two tensors of a type that holds both, so that no comparison is one of rounded or wrapped numbers.</summary>
    public static (Tensor Operand, Tensor Scalar) ForComparison(Tensor x, Scalar y)
    {
        DType type = x.DType;
        if (!type.IsInteger && type != DType.Bool) return (x, Of(y, type));
        if (y.TryWhole(out long whole))
        {
            bool fits = type != DType.Bool && y.Fits(type);
            return fits ? (x, Of(whole, type)) : (x.Cast(DType.Int64), Of(whole, DType.Int64));
        }
        // A fraction lies below 2⁵³, where float64 is exact; what no int64 reaches is as good as infinite.
        double value = Math.Abs(y.Value) >= 1L << 62 ? Math.CopySign(double.PositiveInfinity, y.Value) : y.Value;
        return (x.Cast(DType.Float64), Of(value, DType.Float64));
    }

    private static Tensor Of(Scalar value, DType type) => Tensor.Full([], value, type);
}
