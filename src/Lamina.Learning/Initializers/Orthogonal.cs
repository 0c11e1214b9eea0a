using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Initializers;

/// <summary>
/// A random orthogonal matrix times <paramref name="Gain"/>: all its rows, or all its columns where those are fewer, have
/// length 1 and stand at right angles, so that depth neither blows up nor damps a signal (Saxe, McClelland and Ganguli,
/// 2013: "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks"). A kernel counts as the
/// matrix (kernel axes × channels in, channels out).
/// </summary>
public sealed record Orthogonal(double Gain = 1) : Initializer
{
    /// <inheritdoc/>
    /// <exception cref="TensorException">The shape has fewer than two axes.</exception>
    public override Tensor Create(Shape shape, RandomStream random)
    {
        int rows = Fans.Of(shape).In, columns = shape[^1];
        double[][] vectors = Draw(Math.Min(rows, columns), Math.Max(rows, columns), random);
        return Tensor.Create<float>(shape, values =>
        {
            for (int i = 0; i < values.Length; i++)
            {
                int row = i / columns, column = i % columns;
                values[i] = (float)(Gain * (rows < columns ? vectors[row][column] : vectors[column][row]));
            }
        });
    }

    // Gram and Schmidt on normal vectors gives every orthogonal frame with the same density. What one pass leaves over
    // through rounding, the second takes away.
    private static double[][] Draw(int count, int length, RandomStream random)
    {
        var vectors = new double[count][];
        for (int i = 0; i < count; i++)
        {
            double[] v = vectors[i] = new double[length];
            for (int k = 0; k < length; k++) v[k] = random.NextNormal();
            for (int pass = 0; pass < 2; pass++)
                foreach (double[] other in vectors.AsSpan(0, i))
                    AddScaled(v, other, -Dot(v, other));
            double scale = 1 / Math.Sqrt(Dot(v, v));
            for (int k = 0; k < length; k++) v[k] *= scale;
        }
        return vectors;
    }

    private static double Dot(double[] x, double[] y)
    {
        double sum = 0;
        for (int k = 0; k < x.Length; k++) sum += x[k] * y[k];
        return sum;
    }

    private static void AddScaled(double[] to, double[] x, double scale)
    {
        for (int k = 0; k < to.Length; k++) to[k] += scale * x[k];
    }
}
