using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Models;

/// <summary>What networks that draw images share: what they are told of them, and how stages that double come to their size.</summary>
internal static class DrawnImage
{
    /// <exception cref="ArgumentOutOfRangeException">A size is out of its range.</exception>
    public static void Check(int height, int width, int channels, int classes)
    {
        SeriesShape.Range(height, 1, 4_096, "Height", "rows of an image");
        SeriesShape.Range(width, 1, 4_096, "Width", "columns of an image");
        SeriesShape.Range(channels, 1, 64, "Channels", "channels of an image");
        SeriesShape.Range(classes, 0, 100_000, "Classes", "classes");
    }

    /// <summary>Height and width behind so many stages that halve them, rounded up.</summary>
    public static (int Height, int Width) Halved(int height, int width, int stages)
    {
        for (int i = 0; i < stages; i++) (height, width) = ((height + 1) / 2, (width + 1) / 2);
        return (height, width);
    }

    /// <summary>(batch, height, width, channels), of which stages that double may have made some more rows and columns.</summary>
    public static Tensor Cut(Tensor x, int height, int width)
    {
        if (x.Shape[1] > height) x = x.Narrow(1, 0, height);
        return x.Shape[2] > width ? x.Narrow(2, 0, width) : x;
    }
}
