using Lamina.Tasks.Arrays;

namespace Lamina.Tasks.Images;

/// <summary>How an array holds its images, and the size that they are brought to.</summary>
/// <param name="Own">The size of an image in the array.</param>
/// <param name="Size">The size that images are brought to.</param>
/// <param name="Channels">1 for grey, 3 for RGB.</param>
/// <param name="IsChannelsFirst">Whether the array is (n, channels, height, width).</param>
internal sealed record ArrayForm(ImageSize Own, ImageSize Size, int Channels, bool IsChannelsFirst)
{
    private const string Shapes = "an array of shape (n, height, width), (n, height, width, 1) or (n, height, width, 3)";

    /// <exception cref="DataException">The shape is none of images.</exception>
    internal static ArrayForm Of(NamedArray images, ImageReadOptions options)
    {
        images.RequireNumbers();
        IReadOnlyList<int> shape = images.Shape;
        if (shape.Count == 2)
            throw images.Bad($"has the shape {images.Header.ShapeText}: images were expected as (n, height, width), not as rows of {shape[1]} values",
                "reshaping it, for example: x.reshape(-1, 28, 28)");
        if (shape.Count is not (3 or 4)) throw images.Bad($"has the shape {images.Header.ShapeText}, which is none of images", Shapes);
        bool isFirst = shape.Count == 4 && shape[3] is not (1 or 3) && shape[1] is 1 or 3;
        int channels = shape.Count == 3 ? 1 : isFirst ? shape[1] : shape[3];
        if (channels is not (1 or 3))
            throw images.Bad($"has the shape {images.Header.ShapeText}: {channels} channels, where 1 (grey) or 3 (RGB) were expected", Shapes);
        ImageSize own = isFirst ? new(shape[2], shape[3]) : new(shape[1], shape[2]);
        if (shape[0] == 0 || own.Area == 0)
            throw images.Bad($"has the shape {images.Header.ShapeText}: there are no images in it", "an array with images");
        if (own.Longer > options.MaximumSide)
            throw images.Bad($"has images of {own}, more than {options.MaximumSide} pixels a side", "smaller images");
        return new(own, options.Size ?? own, channels, isFirst);
    }

    /// <exception cref="DataException">Other images are of another form.</exception>
    internal void RequireSame(NamedArray other, string first)
    {
        ArrayForm form = Of(other, new ImageReadOptions { Size = Size });
        if (form != this) throw other.Bad($"has the shape {other.Header.ShapeText}, and its images are not of the form of those in '{first}', "
            + $"{Own} with {Channels} channel(s)",
            "arrays of one and the same set of data");
    }

    internal void Note(int count, List<string> notes)
    {
        if (Size != Own) notes.Add($"resized all {count} images to {Size}");
        if (IsChannelsFirst) notes.Add("images are stored channels first, (n, channels, height, width)");
    }

    /// <summary>The pixels of all images, (n, height, width, channels), resized.</summary>
    internal byte[] Read(NamedArray images, PixelScale scale, ProgressCounter counter, CancellationToken cancel)
    {
        int count = images.Shape[0], from = (int)Own.Area * Channels, to = (int)Size.Area * Channels;
        ImageMemory.Require(images.Key, count, Own, Channels);
        byte[] values = ReadValues(images, scale, cancel), pixels = Size == Own ? values : new byte[(long)count * to];
        Parallel.For(0, count, new ParallelOptions { CancellationToken = cancel }, i =>
        {
            if (Size != Own) ImageResizer.Resize(values.AsSpan(i * from, from), Own, pixels.AsSpan(i * to, to), Size, Channels);
            counter.Count();
        });
        return pixels;
    }

    private byte[] ReadValues(NamedArray images, PixelScale scale, CancellationToken cancel)
    {
        int[] shape = [.. images.Shape];
        var values = new byte[(int)images.Header.Count];
        if (scale.IsBytes && !images.Header.IsFortran && !IsChannelsFirst)
        {
            images.ReadBytes(values, cancel);
            return values;
        }
        // How far apart neighbours along each axis of the array lie in (n, height, width, channels).
        int[] steps = shape.Length == 3 ? [(int)Own.Area, Own.Width, 1]
            : IsChannelsFirst ? [(int)Own.Area * Channels, 1, Own.Width * Channels, Channels]
                : [(int)Own.Area * Channels, Own.Width * Channels, Channels, 1];
        int[] axes = [.. Enumerable.Range(0, shape.Length)]; // the fastest first
        if (!images.Header.IsFortran) Array.Reverse(axes);
        var index = new int[shape.Length];
        int target = 0;
        long at = 0;
        images.ReadNumbers((numbers, length) =>
        {
            for (int i = 0; i < length; i++, at++)
            {
                values[target] = scale.Pixel(numbers[i], images, at);
                foreach (int axis in axes)
                {
                    target += steps[axis];
                    if (++index[axis] < shape[axis]) break;
                    target -= shape[axis] * steps[axis];
                    index[axis] = 0;
                }
            }
        }, cancel);
        return values;
    }
}

/// <summary>How numbers become pixels of 0 to 255.</summary>
/// <param name="Factor">What they are multiplied by.</param>
/// <param name="IsBytes">Whether they are such bytes already.</param>
internal sealed record PixelScale(double Factor, bool IsBytes)
{
    private const double White = 255;

    /// <summary>Finds the scale by the training images: 0 to 1, or 0 to 255.</summary>
    /// <exception cref="DataException">Values lie outside of both, or are no numbers.</exception>
    internal static PixelScale Of(NamedArray images, List<string> notes, CancellationToken cancel)
    {
        images.RequireNumbers();
        if (images.Header is { Kind: NpyKind.Bool }) return new(White, IsBytes: false);
        double least = double.PositiveInfinity, most = double.NegativeInfinity;
        bool isWhole = true, isNan = false;
        images.ReadNumbers((numbers, count) =>
        {
            foreach (double value in numbers.AsSpan(0, count))
            {
                if (value < least) least = value;
                if (value > most) most = value;
                isNan |= double.IsNaN(value);
                isWhole &= value == Math.Floor(value);
            }
        }, cancel);
        if (isNan) throw images.Bad("holds NaN, which is no pixel", "leaving these images out, or replacing the values");
        if (least < 0 || most > White)
            throw images.Bad(string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"holds values from {least:G5} to {most:G5}; pixels are 0 to 1, or 0 to 255"),
                least < 0 ? "images before they were normalised" : "scaling it, for example: (x / x.max() * 255).astype('uint8')");
        bool isUnit = most <= 1;
        if (images.Header is { Kind: NpyKind.Unsigned, Size: 1 } && !(isUnit && most > 0)) return new(1, IsBytes: true);
        if (isUnit) notes.Add($"'{images.Key}' holds {(isWhole ? "0 and 1" : "numbers from 0 to 1")}, taken as black to white");
        return new(isUnit ? White : 1, IsBytes: false);
    }

    internal byte Pixel(double value, NamedArray images, long at)
    {
        double pixel = value * Factor;
        return pixel is >= -0.5 and < White + 0.5 ? (byte)Math.Clamp(Math.Round(pixel), 0, White)
            : throw images.Bad(string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"holds {value:G5} as value {at}, where those of the training images are 0 to {White / Factor}"), "images of one and the same scale");
    }
}
