using Lamina.Learning.Data;
using Lamina.Tasks.Images;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Drawing;

/// <summary>Images to draw like: values from −1 to 1, and the class of each where there are classes. There are no targets: the objective makes
/// them.</summary>
internal sealed class DrawingSet : Dataset
{
    /// <summary>A set of these images.</summary>
    /// <param name="images">The images.</param>
    /// <param name="hasClasses">Whether their classes count.</param>
    public DrawingSet(ImageDataset images, bool hasClasses)
    {
        float[] half = [.. Enumerable.Repeat(0.5f, images.Channels)];
        (Images, HasClasses) = (images.With(new Normalization(half, half)).With(Augmentation.None), hasClasses);
        Spec image = Images.Inputs[0];
        Inputs = hasClasses ? [image, new Spec(DType.Int32, Shape.Scalar)] : image;
    }

    /// <summary>The images.</summary>
    public ImageDataset Images { get; }

    /// <summary>Whether their classes count.</summary>
    public bool HasClasses { get; }

    /// <summary>The images that were learned from, where this set is their test; null elsewhere.</summary>
    public DrawingSet? Training { get; init; }

    /// <inheritdoc/>
    public override int Count => Images.Count;

    /// <inheritdoc/>
    public override Specs Inputs { get; }

    /// <inheritdoc/>
    public override Specs Targets { get; } = Specs.Create([]);

    /// <inheritdoc/>
    public override void Read(in ReadCall call)
    {
        Images.ReadImages(call);
        if (!HasClasses) return;
        Span<int> classes = call.Inputs<int>(1);
        for (int i = 0; i < classes.Length; i++) classes[i] = Images.Labels[call.Indices[i]];
    }

    /// <summary>An image as a person sees it.</summary>
    public ImageSample Sample(int index) => new(Images.Pixels(index).ToArray(), Images.Height, Images.Width, Images.Channels);

    /// <summary>Drawn images, values from −1 to 1, as pixels.</summary>
    public static ImageSample[] Samples(Tensor drawn)
    {
        (int height, int width, int channels) = (drawn.Shape[1], drawn.Shape[2], drawn.Shape[3]);
        ReadOnlySpan<float> values = drawn.Read<float>();
        int size = height * width * channels;
        var images = new ImageSample[drawn.Shape[0]];
        for (int i = 0; i < images.Length; i++)
        {
            var pixels = new byte[size];
            for (int p = 0; p < size; p++) pixels[p] = (byte)Math.Round(Math.Clamp((values[i * size + p] + 1) * 127.5f, 0, 255));
            images[i] = new(pixels, height, width, channels);
        }
        return images;
    }
}
