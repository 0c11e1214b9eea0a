using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Layers;

/// <summary>A window that moves over images or sequences and makes one value of what it covers.</summary>
public abstract class PoolLayer : Layer
{
    private readonly bool _isImage;

    /// <summary>A pool of images.</summary>
    private protected PoolLayer(Extent kernel, Extent? stride, Padding padding, bool isImage)
    {
        Window = kernel.AtLeast(1, nameof(kernel));
        Step = (stride ?? kernel).AtLeast(1, nameof(stride));
        if (padding.IsCausal && isImage) throw new ArgumentOutOfRangeException(nameof(padding), "causal padding is for sequences; images have no later steps");
        (Padding, _isImage) = (padding, isImage);
    }

    /// <summary>Size of the window.</summary>
    private protected Extent Window { get; }

    /// <summary>Stride of the window.</summary>
    private protected Extent Step { get; }

    /// <summary>Padding around the image or sequence.</summary>
    public Padding Padding { get; }

    /// <inheritdoc/>
    protected sealed override Tensor Compute(Tensor x, Pass pass)
    {
        Expect.Layout(this, x, _isImage ? Expect.Images : Expect.Sequences);
        Tensor images = _isImage ? x : x.Unsqueeze(1);
        (int top, int bottom) = _isImage ? Padding.Rows(images.Shape[1], Window.Height, Step.Height) : (0, 0);
        (int left, int right) = Padding.Columns(images.Shape[2], Window.Width, Step.Width);
        if (Window.Height > images.Shape[1] + top + bottom || Window.Width > images.Shape[2] + left + right)
            throw new TensorException($"{this}: the window is larger than the input {x.Shape}", "a smaller window, or one pool less before this one");
        Tensor y = Pool(images, top, left, bottom, right);
        return _isImage ? y : y.Squeeze(1);
    }

    /// <summary>Pools images with these margins.</summary>
    private protected abstract Tensor Pool(Tensor x, int top, int left, int bottom, int right);

    /// <inheritdoc/>
    public override string ToString()
    {
        string text = $"{GetType().Name}({(_isImage ? Window.ToString() : $"{Window.Width}")}";
        if (Step != Window) text += $", stride {(_isImage ? Step.Short : $"{Step.Width}")}";
        if (Padding != Padding.Valid) text += $", {Padding}";
        return text + ")";
    }
}
