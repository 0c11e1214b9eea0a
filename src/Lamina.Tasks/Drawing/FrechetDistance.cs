namespace Lamina.Tasks.Drawing;

/// <summary>
/// The Fréchet distance of two normal distributions, that of the means squared plus tr(A + B − 2 (A B)^½) of the covariances (Dowson and Landau,
/// 1982), as
/// images are compared by (Heusel et al., 2017: "GANs trained by a two time-scale update rule"), here over features of a classifier of the same
/// data.
/// </summary>
internal static class FrechetDistance
{
    /// <summary>The distance between two sets of features, each (count, width) row by row, of one row or more.</summary>
    public static double Between(float[] a, float[] b, int width)
    {
        (double[] meanA, double[] covA) = Moments(a, width);
        (double[] meanB, double[] covB) = Moments(b, width);
        double distance = 0;
        for (int i = 0; i < width; i++)
        {
            double d = meanA[i] - meanB[i];
            distance += d * d + covA[i * width + i] + covB[i * width + i];
        }
        // The roots of A B are those of A^½ B A^½, which is symmetric.
        double[] root = Root(covA, width), product = Product(Product(root, covB, width), root, width);
        foreach (double value in Eigenvalues(product, width, null)) distance -= 2 * Math.Sqrt(Math.Max(0, value));
        return Math.Max(0, distance);
    }

    private static (double[] Mean, double[] Covariance) Moments(float[] rows, int width)
    {
        int count = rows.Length / width;
        var mean = new double[width];
        for (int i = 0; i < rows.Length; i++) mean[i % width] += rows[i] / (double)count;
        var covariance = new double[width * width];
        var centred = new double[width];
        for (int r = 0; r < count; r++)
        {
            for (int i = 0; i < width; i++) centred[i] = rows[r * width + i] - mean[i];
            for (int i = 0; i < width; i++)
                if (centred[i] != 0)
                    for (int j = 0; j < width; j++) covariance[i * width + j] += centred[i] * centred[j];
        }
        for (int i = 0; i < covariance.Length; i++) covariance[i] /= Math.Max(1, count - 1);
        return (mean, covariance);
    }

    // The symmetric root of a covariance: V diag(√λ) Vᵀ.
    private static double[] Root(double[] matrix, int width)
    {
        var vectors = new double[width * width];
        double[] values = Eigenvalues(matrix, width, vectors), root = new double[width * width];
        for (int k = 0; k < width; k++)
        {
            double r = Math.Sqrt(Math.Max(0, values[k]));
            if (r == 0) continue;
            for (int i = 0; i < width; i++)
                for (int j = 0; j < width; j++) root[i * width + j] += r * vectors[i * width + k] * vectors[j * width + k];
        }
        return root;
    }

    private static double[] Product(double[] a, double[] b, int width)
    {
        var product = new double[width * width];
        for (int i = 0; i < width; i++)
            for (int k = 0; k < width; k++)
                if (a[i * width + k] is var x && x != 0)
                    for (int j = 0; j < width; j++) product[i * width + j] += x * b[k * width + j];
        return product;
    }

    /// <summary>The eigenvalues of a symmetric matrix by Jacobi's rotations (1846), in no order.</summary>
    /// <param name="matrix">The matrix, row by row.</param>
    /// <param name="width">Its rows.</param>
    /// <param name="vectors">Receives the eigenvectors, a column each; null: they aren't wanted.</param>
    internal static double[] Eigenvalues(double[] matrix, int width, double[]? vectors)
    {
        const int MostSweeps = 40;
        const double Enough = 1e-20;
        double[] a = [.. matrix];
        if (vectors is not null)
            for (int i = 0; i < width; i++) vectors[i * width + i] = 1;
        double all = a.Sum(x => x * x);
        for (int sweep = 0; sweep < MostSweeps; sweep++)
        {
            double off = 0;
            for (int p = 0; p < width; p++)
                for (int q = p + 1; q < width; q++) off += a[p * width + q] * a[p * width + q];
            if (off <= Enough * all) break;
            for (int p = 0; p < width; p++)
                for (int q = p + 1; q < width; q++)
                    if (a[p * width + q] * a[p * width + q] > Enough * Enough * all) Rotate(a, vectors, width, p, q);
        }
        return [.. Enumerable.Range(0, width).Select(i => a[i * width + i])];
    }

    // Turns the axes p and q so that the entry between them becomes 0.
    private static void Rotate(double[] a, double[]? vectors, int width, int p, int q)
    {
        double theta = (a[q * width + q] - a[p * width + p]) / (2 * a[p * width + q]);
        double t = Math.Sign(theta) is var sign && sign == 0 ? 1 : sign / (Math.Abs(theta) + Math.Sqrt(theta * theta + 1));
        double c = 1 / Math.Sqrt(t * t + 1), s = t * c;
        for (int k = 0; k < width; k++) Turn(ref a[k * width + p], ref a[k * width + q]);
        for (int k = 0; k < width; k++) Turn(ref a[p * width + k], ref a[q * width + k]);
        if (vectors is not null)
            for (int k = 0; k < width; k++) Turn(ref vectors[k * width + p], ref vectors[k * width + q]);

        void Turn(ref double x, ref double y) => (x, y) = (c * x - s * y, s * x + c * y);
    }
}
