using Lamina.Learning.Modules;
using Lamina.Tensors;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Layers;

/// <summary>How <see cref="Upsample"/> fills the pixels between those of its input.</summary>
public enum UpsampleMode
{
    /// <summary>Repeats each pixel.</summary>
    Nearest,

    /// <summary>Weighs the nearest pixels by their distance; pixels are areas, so that corners aren't aligned (PyTorch's default).</summary>
    Bilinear,
}

/// <summary>
/// Enlarges images by whole factors: (batch, height, width, channels) → (batch, height · factor, width · factor, channels). Nothing is learned.
/// </summary>
public sealed partial class Upsample : Layer
{
    private readonly Extent _factor;
    private readonly UpsampleMode _mode;

    /// <summary>An upsampling.</summary>
    /// <param name="factor">How many times higher and wider images become; one number is both.</param>
    /// <param name="mode">How the pixels between are filled.</param>
    /// <exception cref="ArgumentOutOfRangeException">A factor is less than 1, or there is no such mode.</exception>
    public Upsample(Extent factor, UpsampleMode mode = UpsampleMode.Nearest)
    {
        _factor = factor.AtLeast(1, nameof(factor));
        _mode = mode is UpsampleMode.Nearest or UpsampleMode.Bilinear ? mode
            : throw new ArgumentOutOfRangeException(nameof(mode), mode, "there is no such mode");
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        Expect.Layout(this, x, Expect.Images);
        if (x.Count == 0) return Tensor.Zeros((x.Shape[0], x.Shape[1] * _factor.Height, x.Shape[2] * _factor.Width, x.Shape[3]), x.DType);
        return Along(Along(x, 1, _factor.Height), 2, _factor.Width);
    }

    // Each pixel along an axis becomes the pixels of its phases, stacked behind the axis.
    private Tensor Along(Tensor x, int axis, int factor)
    {
        if (factor == 1) return x;
        var phases = new Tensor[factor];
        if (_mode == UpsampleMode.Nearest) phases.AsSpan().Fill(x);
        else
        {
            int size = x.Shape[axis];
            // Beyond the border the border goes on.
            Tensor before = Tensor.Concat([x.Narrow(axis, 0, 1), x.Narrow(axis, 0, size - 1)], axis);
            Tensor after = Tensor.Concat([x.Narrow(axis, 1, size - 1), x.Narrow(axis, size - 1, 1)], axis);
            for (int i = 0; i < factor; i++)
            {
                double distance = (i + 0.5) / factor - 0.5; // from the pixel's middle, −½ to ½
                phases[i] = distance == 0 ? x : (1 - Math.Abs(distance)) * x + Math.Abs(distance) * (distance < 0 ? before : after);
            }
        }
        return Tensor.Stack(phases, axis + 1).Reshape(x.Shape.With(axis, x.Shape[axis] * factor));
    }

    /// <inheritdoc/>
    public override string ToString() => $"Upsample({_factor.Short}, {_mode.ToString().ToLowerInvariant()})";
}
