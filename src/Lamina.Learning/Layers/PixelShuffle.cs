using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Layers;

/// <summary>
/// Makes pixels of channels: (batch, height, width, channels · factor²) → (batch, height · factor, width · factor, channels), so that a
/// convolution before it computes a larger image at a small one's cost (Shi et al., 2016: "Real-time single image and video
/// super-resolution using an efficient sub-pixel convolutional neural network"). The factor² values of a channel lie together, row by row, as in PyTorch.
/// </summary>
public sealed partial class PixelShuffle : Layer
{
    private readonly int _factor;

    /// <summary>A pixel shuffle.</summary>
    /// <param name="factor">How many times higher and wider images become.</param>
    /// <exception cref="ArgumentOutOfRangeException">The factor is less than 1.</exception>
    public PixelShuffle(int factor) => _factor = Expect.AtLeast(1, factor);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        Expect.Layout(this, x, Expect.Images);
        (int batch, int height, int width, int square) = (x.Shape[0], x.Shape[1], x.Shape[2], _factor * _factor);
        if (x.Shape[3] % square != 0)
            throw new TensorException($"{this}: the input {x.Shape} has {x.Shape[3]} channels, which can't be cut into squares of {_factor}×{_factor}",
                $"a convolution before this one whose outputs are a multiple of {square}");
        int channels = x.Shape[3] / square;
        return x.Reshape(new Shape(batch, height, width, channels, _factor, _factor)).Transpose(0, 1, 4, 2, 5, 3)
            .Reshape(new Shape(batch, height * _factor, width * _factor, channels));
    }

    /// <inheritdoc/>
    public override string ToString() => $"PixelShuffle({_factor})";
}
