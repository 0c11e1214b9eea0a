using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;
using Xunit;

namespace Lamina.Tensors.Tests.Ops;

/// <summary>Tensors beside numbers: one rule for types (docs/names.md), and no number that is rounded or wrapped on the way.</summary>
public class PromotionTests
{
    private const long Odd = 9007199254740993; // 2⁵³ + 1, which no double holds

    public static TheoryData<string, Func<Tensor, Scalar, Tensor>, Func<double, double, double>> Arithmetic => new()
    {
        { "x + y", (x, y) => x + y, (x, y) => x + y }, { "y + x", (x, y) => y + x, (x, y) => x + y },
        { "x − y", (x, y) => x - y, (x, y) => x - y }, { "y − x", (x, y) => y - x, (x, y) => y - x },
        { "x · y", (x, y) => x * y, (x, y) => x * y }, { "y · x", (x, y) => y * x, (x, y) => x * y },
        { "x / y", (x, y) => x / y, (x, y) => x / y }, { "y / x", (x, y) => y / x, (x, y) => y / x },
        { "pow", (x, y) => x.Pow(y), Math.Pow }, { "maximum", (x, y) => x.Maximum(y), Math.Max }, { "minimum", (x, y) => x.Minimum(y), Math.Min },
        { "clamp from", (x, y) => x.Clamp(y), Math.Max }, { "clamp to", (x, y) => x.Clamp(max: y), Math.Min },
        { "where", (x, y) => Tensor.Where(Tensor.Equal(x, 0), x, y), (x, y) => x == 0 ? x : y }, { "where, turned", (x, y) => Tensor.Where(Tensor.NotEqual(x, 0), y, x), (x, y) => x == 0 ? x : y },
    };

    [Theory]
    [MemberData(nameof(Arithmetic))]
    public void AFloatingPointNumberMakesAnIntegerTensorFloat32(string name, Func<Tensor, Scalar, Tensor> op, Func<double, double, double> expected)
    {
        foreach (DType type in (DType[])[DType.Int32, DType.Int64, DType.UInt8])
            foreach (double y in (double[])[0.1, -2.5, 300.0, 2.0, double.PositiveInfinity])
            {
                Tensor result = op(Tensor.Full([3], 77, type), y);
                Assert.True(result.DType == DType.Float32, $"{name}: {type} and {y} give {result.DType}");
                Assert.Equal((float)expected(77, (float)y), result.ToArray<float>()[2], MathF.Abs((float)expected(77, (float)y)) * 1e-6f);
            }
        Assert.Equal(DType.Float64, op(Tensor.Full([3], 77, DType.Float64), 0.5).DType);
        Assert.Equal(DType.Float32, op(Tensor.Full([3], 77), 2).DType);
    }

    [Fact]
    public void AWholeNumberKeepsAnIntegerTensorsType()
    {
        Assert.Equal([154L], (Tensor.From(77L) * 2).ToArray<long>());
        Assert.Equal([-75], (2 - Tensor.From(77)).ToArray<int>());
        Assert.Equal([(byte)5], (Tensor.From<byte>(7) - 2).ToArray<byte>());
        Assert.Equal([5, 9], Tensor.From(3, 9).Maximum(5).ToArray<int>());
        Assert.Equal([3L, 5], Tensor.From(3L, 9).Clamp(1, 5).ToArray<long>());
        Assert.Equal([(byte)3, (byte)255], Tensor.From<byte>(3, 255).Clamp(-5, 300).ToArray<byte>());
        Assert.Equal([3, -1], Tensor.Where(Tensor.From(true, false), Tensor.From(3, 4), -1).ToArray<int>());
        Assert.Equal([2L, 1], (Tensor.From(true, false) + 1).ToArray<long>());
        Assert.Equal([1.5f, 0.5f], (Tensor.From(true, false) + 0.5).ToArray<float>());
        Assert.Contains("float32 or float64", Assert.Throws<TensorException>(() => Tensor.From(77) / 2).Message);
    }

    [Fact]
    public void AWholeNumberOutOfRangeIsRefused()
    {
        Assert.Equal("subtract: 300 is out of the range of uint8, 0 to 255\n  try Cast(DType.Int32) first", Assert.Throws<TensorException>(() => Tensor.From<byte>(7) - 300).Message);
        Assert.Equal("add: 3000000000 is out of the range of int32, -2147483648 to 2147483647\n  try Cast(DType.Int64) first", Assert.Throws<TensorException>(() => Tensor.From(7) + 3000000000).Message);
        Assert.Throws<TensorException>(() => Tensor.From<byte>(7) * -1);
        Assert.Throws<TensorException>(() => Tensor.From<byte>(7).Maximum(256));
        Assert.Throws<TensorException>(() => Tensor.From<byte>(7).Clamp(min: 256));
        Assert.Throws<TensorException>(() => Tensor.Where(Tensor.From(true), Tensor.From<byte>(7), 256));
        Assert.Equal([-293f], (Tensor.From<byte>(7) - 300.0).ToArray<float>());
        Assert.Equal([-293], (Tensor.From<byte>(7).Cast(DType.Int32) - 300).ToArray<int>());
    }

    [Fact]
    public void FullPadAndScalarHoldTheValueOrRefuse()
    {
        foreach (DType type in (DType[])[DType.Int32, DType.Int64, DType.UInt8])
        {
            Assert.Equal(3, Tensor.Full([1], 3.0, type).Item());
            foreach (double value in (double[])[0.5, double.NaN, double.PositiveInfinity, 1e300])
            {
                Assert.Throws<TensorException>(() => Tensor.Full([2], value, type));
                Assert.Throws<TensorException>(() => Tensor.Scalar(value, type));
                Assert.Throws<TensorException>(() => Tensor.Zeros([2], type).Pad([1], [1], value));
            }
        }
        Assert.Throws<TensorException>(() => Tensor.Full([2], 256, DType.UInt8));
        Assert.Throws<TensorException>(() => Tensor.Full([2], -1.0, DType.UInt8));
        Assert.Throws<TensorException>(() => Tensor.Full([2], 9223372036854775808.0, DType.Int64));
        Assert.True(Tensor.Full([], 0.5, DType.Bool).ToArray<bool>()[0]);
    }

    [Fact]
    public void ComparisonsCompareTheNumbers()
    {
        Assert.Equal([false, true], (Tensor.From(0, 1) >= 0.5).ToArray<bool>());
        Assert.Equal([true, false], (Tensor.From(0, 1) < 0.5).ToArray<bool>());
        Assert.Equal([false, true], (Tensor.From<byte>(0, 255) > 254.5).ToArray<bool>());
        Assert.Equal([true, true], (Tensor.From<byte>(0, 255) < 300).ToArray<bool>());
        Assert.Equal([true, true], (Tensor.From<byte>(0, 255) > -1).ToArray<bool>());
        Assert.Equal([true, true], (Tensor.From(0, int.MaxValue) <= 1e10).ToArray<bool>());
        Assert.Equal([false, false], (Tensor.From(0, 1) > double.NaN).ToArray<bool>());
        Assert.Equal([true, true], (Tensor.From(0, 1) < double.PositiveInfinity).ToArray<bool>());
        Assert.Equal([true], (Tensor.From(16777217) > 16777216.5).ToArray<bool>());
        Assert.Equal([false, true, false], Tensor.Equal(Tensor.From(Odd - 1, Odd, Odd + 1), Odd).ToArray<bool>());
        Assert.Equal([true, false, true], Tensor.NotEqual(Tensor.From(Odd - 1, Odd, Odd + 1), Odd).ToArray<bool>());
        Assert.Equal([true, false], (Tensor.From(Odd, Odd - 1) > (double)(Odd - 1)).ToArray<bool>());
        Assert.Equal([true], (Tensor.From(long.MaxValue) < 9223372036854775808.0).ToArray<bool>());
        Assert.Equal([true, false], (Tensor.From(true, false) > 0.5).ToArray<bool>());
        Assert.Equal([true, false], Tensor.Equal(Tensor.From(true, false), 1).ToArray<bool>());
    }

    public static TheoryData<long> Large => [Odd, -Odd, long.MaxValue, long.MinValue + 1, long.MaxValue - 1, (1L << 62) + 1];

    [Theory]
    [MemberData(nameof(Large))]
    public void LargeInt64StaysExact(long value)
    {
        Tensor x = Tensor.From(value);
        Assert.Equal(value, x.Item<long>());
        Assert.Contains("Item<long>()", Assert.Throws<TensorException>(() => x.Item()).Message);
        Assert.Equal(value, Tensor.Full([2], value, DType.Int64).ToArray<long>()[1]);
        Assert.Equal(value, Tensor.Scalar(value, DType.Int64).Item<long>());
        Assert.Equal([value, value, value], x.Pad([1], [1], value).ToArray<long>());
        Assert.Equal(value, (Tensor.From(0L) + value).Item<long>());
        Assert.Equal(-value, (0 - x).Item<long>());
        Assert.Equal(value, Tensor.Where(Tensor.From(false), Tensor.From(1L), value).Item<long>());
        Assert.Equal(value, Tensor.From(long.MinValue).Maximum(value).Item<long>());
        Assert.Equal([value, value], Tensor.From(value, 0).CumSum(0).ToArray<long>());
        Assert.Equal(1, Tensor.From(value - 1, value, value - 1).ArgMax(0).Item());
        Assert.Equal(1, Tensor.From(value, value - 1, value).ArgMin(0).Item());
        Assert.Equal($"int64 (2) [{value - 1}, {value}] min {value - 1} mean {(value - 0.5):G5} max {value}".Replace("int64 (2)", Tensor.From(0L, 0).Spec.ToString()), Tensor.From(value - 1, value).ToString());
    }

    [Fact]
    public void ItemIsExactWhereADoubleHoldsIt()
    {
        Assert.Equal(9007199254740992, Tensor.From(Odd - 1).Item());
        Assert.Equal(-9223372036854775808.0, Tensor.From(long.MinValue).Item());
        Assert.Equal(2.5f, Tensor.Of(2.5f).Item<float>());
        Assert.Throws<TensorException>(() => Tensor.Of(2.5f).Item<double>());
        Assert.Throws<TensorException>(() => Tensor.From(1f, 2).Item<float>());
    }

    [Fact]
    public void HalfTypesAreRoundedOnce()
    {
        // 1 + 2⁻⁸ is halfway between two bfloat16; what lies just above rounds up, just below down.
        (Tensor X, double BFloat16)[] cases =
        [
            (Tensor.From(16842753), 16908288), (Tensor.From(16842753L), 16908288), (Tensor.From(16842752), 16777216), (Tensor.From(-16842753), -16908288),
            (Tensor.From(16842751), 16777216), (Tensor.From((1L << 62) + (1L << 54) + 1), Math.ScaleB(1 + 1 / 128.0, 62)), (Tensor.From(-(1L << 62) - (1L << 54) - 1), -Math.ScaleB(1 + 1 / 128.0, 62)),
            (Tensor.From((1L << 62) + (1L << 54)), Math.ScaleB(1, 62)), (Tensor.From((1L << 62) + (1L << 54) - 1), Math.ScaleB(1, 62)), (Tensor.From(long.MaxValue), Math.ScaleB(1, 63)),
            (Tensor.From(1 + Math.ScaleB(1, -8) + Math.ScaleB(1, -40)), 1.0078125), (Tensor.From(1 + Math.ScaleB(1, -8)), 1), (Tensor.From(1 + Math.ScaleB(1, -8) - Math.ScaleB(1, -40)), 1),
            (Tensor.From(-1 - Math.ScaleB(1, -8) - Math.ScaleB(1, -40)), -1.0078125), (Tensor.From(1e300), double.PositiveInfinity), (Tensor.From(-1e-300), -0.0), (Tensor.From(double.NaN), double.NaN),
            (Tensor.From(Math.ScaleB(1 + Math.ScaleB(1, -20), -134)), Math.ScaleB(1, -133)), (Tensor.From(1 + MathF.ScaleB(1, -8)), 1), (Tensor.From(1 + MathF.ScaleB(3, -8)), 1.015625),
        ];
        foreach ((Tensor x, double expected) in cases)
            foreach (int count in (int[])[1, 100])
                Assert.Equal(expected, x.BroadcastTo([count]).Cast(DType.BFloat16).Element(count - 1));
        (Tensor X, double Float16)[] halves =
        [
            (Tensor.From(1 + Math.ScaleB(1, -11) + Math.ScaleB(1, -40)), 1 + Math.ScaleB(1, -10)), (Tensor.From(1 + Math.ScaleB(1, -11)), 1), (Tensor.From(1 + Math.ScaleB(1, -11) - Math.ScaleB(1, -40)), 1),
            (Tensor.From(65519), 65504), (Tensor.From(65520), double.PositiveInfinity), (Tensor.From(65519.99999999), 65504), (Tensor.From(2049), 2048), (Tensor.From(2051L), 2052),
            (Tensor.From(-1 - Math.ScaleB(1, -11) - Math.ScaleB(1, -40)), -1 - Math.ScaleB(1, -10)), (Tensor.From(long.MaxValue), double.PositiveInfinity), (Tensor.From(Math.ScaleB(1 + Math.ScaleB(1, -40), -25)), Math.ScaleB(1, -24)),
        ];
        foreach ((Tensor x, double expected) in halves)
            foreach (int count in (int[])[1, 100])
                Assert.Equal(expected, x.BroadcastTo([count]).Cast(DType.Float16).Element(count - 1));
        Assert.Equal(1.0078125, Tensor.Full([1], 1 + Math.ScaleB(1, -8) + Math.ScaleB(1, -40), DType.BFloat16).Item());
        Assert.Equal(16908288, Tensor.Full([1], 16842753, DType.BFloat16).Item());
        Assert.Equal(16908288, Tensor.Scalar(16842753, DType.BFloat16).Item());
        Assert.Equal(1 + Math.ScaleB(1, -10), Tensor.FromDoubles([1 + Math.ScaleB(1, -11) + Math.ScaleB(1, -40)], new(DType.Float16, [1])).Item());
        // float32 from int64 is rounded once too: by way of a double this would tie to even.
        Assert.Equal(9007200328482816f, Tensor.From((1L << 53) + (1L << 29) + 1).Cast(DType.Float32).ToArray<float>()[0]);
        Assert.Equal(9007200328482816f, Tensor.Full([1], (1L << 53) + (1L << 29) + 1).ToArray<float>()[0]);
    }
}
