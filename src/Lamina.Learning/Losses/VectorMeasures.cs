using Lamina.Tensors;
using Lamina.Tensors.Gradients;

namespace Lamina.Learning.Losses;

/// <summary>How near vectors are to each other, along the last axis; vectors of any size, as far as the result is in range.</summary>
internal static class VectorMeasures
{
    /// <summary>The cosine of the angle, (…, features) twice → (…); 0, with gradients of 0, where a vector is 0.</summary>
    public static Tensor Cosine(Tensor x, Tensor y) => (Unit(x) * Unit(y)).Sum([-1]);

    /// <summary>Vectors divided by their length, (…, features) → the same; 0 stays 0.</summary>
    public static Tensor Unit(Tensor x)
    {
        // The length of what is at most 1 neither overflows nor vanishes; no gradient goes through the factor, which changes nothing.
        Tensor scaled = x / Largest(x), square = (scaled * scaled).Sum([-1], keepDims: true);
        return scaled / Tensor.Where(square > 0, square, Tensor.OnesLike(square)).Sqrt();
    }

    /// <summary>The Euclidean distance, (…, features) twice, broadcast against each other → (…); its gradient at 0 is 0.</summary>
    public static Tensor Distance(Tensor x, Tensor y)
    {
        Tensor difference = x - y, largest = Largest(difference), scaled = difference / largest;
        Tensor square = (scaled * scaled).Sum([-1]), isSome = square > 0;
        Tensor root = Tensor.Where(isSome, square, Tensor.OnesLike(square)).Sqrt();
        return Tensor.Where(isSome, root, square) * largest.Squeeze(-1);
    }

    // The largest absolute value, or 1 where all are 0: (…, 1). NaN where one is.
    private static Tensor Largest(Tensor x)
    {
        using Gradient.PauseScope pause = Gradient.Pause();
        Tensor largest = x.Abs().Max([-1], keepDims: true);
        return Tensor.Where(Tensor.Equal(largest, 0.0), 1.0, largest);
    }
}
