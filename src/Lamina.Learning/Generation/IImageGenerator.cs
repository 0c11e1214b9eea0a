using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Generation;

/// <summary>Draws new images: a sampler around a network that takes noise away, or a network that makes an image of a code.</summary>
public interface IImageGenerator
{
    /// <summary>The shape of an image, (height, width, channels).</summary>
    Shape Image { get; }

    /// <summary>The number of classes that an image can be asked of; 0: it knows none.</summary>
    int Classes { get; }

    /// <summary>Draws images: float32 (count, height, width, channels), from −1 for black to 1 for white, in memory of their own.</summary>
    /// <param name="count">How many, from 1.</param>
    /// <param name="options">Which; null: any, from seed 0.</param>
    /// <exception cref="ArgumentException">There is no image to draw, or a class that isn't known, or not one for each image.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    Tensor Draw(int count, DrawOptions? options = null);
}

/// <summary>Which images are drawn. What is drawn depends on the seed, the number of an image and its class alone.</summary>
public sealed record DrawOptions
{
    /// <summary>The class of each image, counted from 0; null: of whatever class comes.</summary>
    public IReadOnlyList<int>? Classes { get; init; }

    /// <summary>The random seed.</summary>
    public long Seed { get; init; }

    /// <summary>The number of the first image: images of a seed are numbered, each with noise of its own, so that many can be drawn in
    /// parts.</summary>
    public long First { get; init; }

    /// <summary>Is told the share that is done, 0 to 1.</summary>
    public Action<double>? Progress { get; init; }

    /// <summary>Stops between two steps.</summary>
    public CancellationToken Cancel { get; init; }

    /// <summary>Refuses what can't be drawn: an implementation calls it first.</summary>
    /// <param name="count">How many images are asked for.</param>
    /// <param name="classes">The number of classes that the generator knows.</param>
    /// <exception cref="ArgumentException">It can't be drawn.</exception>
    public void Require(int count, int classes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(First);
        if (Classes is null) return;
        if (classes == 0) throw new ArgumentException("a class is asked for, and the network learned without classes", nameof(Classes));
        if (Classes.Count != count)
            throw new ArgumentException($"{count} images and {Classes.Count} classes: one class for each image", nameof(Classes));
        foreach (int one in Classes)
            if ((uint)one >= (uint)classes) throw new ArgumentException($"class {one}: there are {classes} classes, from 0", nameof(Classes));
    }

    /// <summary>The random numbers of one image: they depend on the seed and the image's number alone.</summary>
    /// <param name="image">The image's place among those that are drawn now.</param>
    public RandomStream Stream(int image) => new((ulong)Seed, NoiseStream + (ulong)(First + image));

    // Far from the streams that weights, orders and splits of the same seed are drawn from.
    private const ulong NoiseStream = 1UL << 42;
}
