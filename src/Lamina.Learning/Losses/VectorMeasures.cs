using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Losses;

/// <summary>How near vectors are to each other, along the last axis; vectors of any size, as far as the result is in range.</summary>
internal static class VectorMeasures
{
    // Vectors shorter than this count as shorter than 1 once scaled, so that the gradient of a vector of 0 is finite.
    private const double Least = 1e-6;

    /// <summary>The cosine of the angle, (…, features) twice → (…); 0 where a vector is 0.</summary>
    public static Tensor Cosine(Tensor x, Tensor y) => (Unit(x) * Unit(y)).Sum([-1]);

    /// <summary>x / √(x·x + 10⁻¹²), as libtorch has it in its cosine loss: vectors of length 1, (…, features) → the same; 0 stays 0.</summary>
    public static Tensor Unit(Tensor x)
    {
        // Squares of what is at most 1 neither overflow nor vanish; no gradient goes through the factor, which changes nothing.
        Tensor largest = Largest(x, Least), scaled = x / largest, least;
        using (Gradient.Pause()) least = Least / largest;
        return scaled / ((scaled * scaled).Sum([-1], keepDims: true) + least * least).Sqrt();
    }

    /// <summary>The Euclidean distance, (…, features) twice, broadcast against each other → (…); its gradient at 0 is 0.</summary>
    public static Tensor Distance(Tensor x, Tensor y)
    {
        Tensor difference = x - y;
        Tensor largest = Largest(difference, difference.DType == DType.Float64 ? double.Epsilon : float.Epsilon), scaled = difference / largest;
        Tensor square = (scaled * scaled).Sum([-1]), isSome = square > 0;
        Tensor root = Tensor.Where(isSome, square, Tensor.OnesLike(square)).Sqrt();
        return Tensor.Where(isSome, root, square) * largest.Squeeze(-1);
    }

    // The largest absolute value, (…, 1), or the least where it is less; NaN where one is.
    private static Tensor Largest(Tensor x, double least)
    {
        using Gradient.PauseScope pause = Gradient.Pause();
        return x.Abs().Max([-1], keepDims: true).Maximum(least);
    }
}
