using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Tasks.Drawing;

/// <summary>Finds for each of some images the training image whose pixels differ least.</summary>
internal static class NearestImages
{
    /// <summary>The nearest training image of each, and the root of the mean squared difference, pixels being 0 to 1.</summary>
    public static (int Index, double Distance)[] Of(IReadOnlyList<ImageSample> images, DrawingSet training, CancellationToken cancel)
    {
        // Of large images fewer together: 64 MB.
        int size = images[0].Pixels.Length, atOnce = Math.Clamp((16 << 20) / size, 64, 2_048);
        // |a − b|² = |a|² + |b|² − 2 a·b, of which the products are one matrix.
        Tensor a = Rows(images.Count, size, i => images[i].Pixels);
        double[] lengths = [.. images.Select(i => Square(i.Pixels))];
        var nearest = new (int Index, double Distance)[images.Count];
        Array.Fill(nearest, (0, double.PositiveInfinity));
        for (int first = 0; first < training.Count; first += atOnce)
        {
            cancel.ThrowIfCancellationRequested();
            int count = Math.Min(atOnce, training.Count - first), start = first;
            Tensor b = Rows(count, size, i => training.Images.Pixels(start + i));
            ReadOnlySpan<float> products = a.MatMul(b.T).Read<float>();
            for (int j = 0; j < count; j++)
            {
                double length = Square(training.Images.Pixels(first + j));
                for (int i = 0; i < nearest.Length; i++)
                {
                    double square = lengths[i] + length - 2 * products[i * count + j];
                    if (square < nearest[i].Distance) nearest[i] = (first + j, square);
                }
            }
        }
        // By the pixels themselves: the difference of large numbers leaves a trace where two are equal.
        return [.. nearest.Select((n, i) => (n.Index, Math.Sqrt(Difference(images[i].Pixels, training.Images.Pixels(n.Index)) / size)))];
    }

    private static Tensor Rows(int count, int size, Func<int, ReadOnlySpan<byte>> pixels) => Tensor.Create<float>(new Shape(count, size), values =>
    {
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> row = pixels(i);
            for (int p = 0; p < size; p++) values[i * size + p] = row[p] / 255f;
        }
    });

    private static double Square(ReadOnlySpan<byte> pixels)
    {
        long sum = 0;
        foreach (byte pixel in pixels) sum += pixel * pixel;
        return sum / (255.0 * 255.0);
    }

    private static double Difference(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        long sum = 0;
        for (int i = 0; i < a.Length; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
        return sum / (255.0 * 255.0);
    }
}
