using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Probes;

/// <summary>Scalars of float tensors, in tensor ops.</summary>
public static class Statistics
{
    /// <summary>The mean of all elements.</summary>
    public static Tensor Mean(Tensor x) => Float(x).Mean();

    /// <summary>The standard deviation of all elements, their number dividing.</summary>
    public static Tensor Deviation(Tensor x)
    {
        Tensor apart = Float(x) - Float(x).Mean();
        return (apart * apart).Mean().Sqrt();
    }

    /// <summary>The share of elements that are exactly 0.</summary>
    public static Tensor Zeros(Tensor x) => Tensor.Equal(x, Tensor.Scalar(0, x.DType)).Cast(DType.Float32).Mean();

    /// <summary>The share of elements whose size is above a limit.</summary>
    public static Tensor Saturation(Tensor x, double limit) => (Float(x).Abs() > limit).Cast(DType.Float32).Mean();

    /// <summary>The root of the sum of squares.</summary>
    public static Tensor Norm(Tensor x) => (Float(x) * Float(x)).Sum().Sqrt();

    private static Tensor Float(Tensor x) => x.DType == DType.Float32 ? x : x.Cast(DType.Float32);
}
