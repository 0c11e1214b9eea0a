using Lamina.Learning.Data;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Models;

/// <summary>
/// The linear map from a window to its horizon that has the least squared error on training windows, with a penalty on its size (ridge regression,
/// Hoerl and Kennard, 1970). One map for all series; each window's level is taken away first. The penalty is the one that does best on the last fifth
/// of the windows, after which the fit is made on all of them.
/// </summary>
/// <param name="Weight">(window, horizon).</param>
/// <param name="Level">The last steps whose mean is the level; 0: the whole window.</param>
/// <param name="Error">The mean squared error on the last fifth of the windows, of the fit on the others.</param>
public sealed record LinearFit(Tensor Weight, int Level, double Error)
{
    private const int AtOnce = 256, MostRows = 200_000;

    // The penalty, as a share of the mean square of a step.
    private static readonly double[] s_penalties = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1];

    /// <summary>Fits.</summary>
    /// <param name="windows">Inputs (rows, channels) and targets (horizon, targets) as <see cref="SeriesShape"/> says; a second target, of the same
    /// shape, is 0 where a value isn't known, and such series of a window are left out.</param>
    /// <param name="shape">What they are.</param>
    /// <param name="level">The last steps whose mean is the level; 0: the whole window.</param>
    /// <exception cref="ArgumentException">There are no windows.</exception>
    public static LinearFit Of(Dataset windows, SeriesShape shape, int level)
    {
        if (windows.Count == 0) throw new ArgumentException("there are no windows to fit", nameof(windows));
        // Neighbouring windows say nearly the same: of very many, some that are evenly spread.
        int most = Math.Max(2, Math.Min(windows.Count, MostRows / shape.Targets));
        int[] chosen = [.. Enumerable.Range(0, Math.Min(most, windows.Count)).Select(i => (int)((long)i * windows.Count / most))];
        int held = chosen.Length >= 5 ? chosen.Length / 5 : 0;
        var fitted = new Sums(shape);
        var kept = new Sums(shape);
        fitted.Add(windows, chosen.AsSpan(0, chosen.Length - held), level);
        if (held > 0) kept.Add(windows, chosen.AsSpan(chosen.Length - held), level);
        (double penalty, double error) = (s_penalties[2], double.PositiveInfinity);
        foreach (double one in held > 0 ? s_penalties : [])
        {
            double its = kept.Error(fitted.Solve(one));
            if (its < error) (penalty, error) = (one, its);
        }
        fitted.Join(kept);
        double[] weight = fitted.Solve(penalty);
        if (held == 0) error = fitted.Error(weight);
        return new(Tensor.From(Array.ConvertAll(weight, w => (float)w), [shape.Window, shape.Horizon]), level, error);
    }

    // What of the windows a fit depends on: X'X (window, window), X'Y (window, horizon), the sum of Y², and how many rows they are of.
    private sealed class Sums(SeriesShape shape)
    {
        private readonly double[] _xx = new double[shape.Window * shape.Window], _xy = new double[shape.Window * shape.Horizon];
        private double _yy;
        private long _rows;

        public void Add(Dataset windows, ReadOnlySpan<int> indices, int level)
        {
            for (int first = 0; first < indices.Length; first += AtOnce)
            {
                Batch batch = windows.Take(indices.Slice(first, Math.Min(AtOnce, indices.Length - first)));
                Tensor past = batch.Input.Narrow(1, 0, shape.Window).Narrow(2, 0, shape.Targets).Transpose(0, 2, 1),
                    ahead = batch.Target.Transpose(0, 2, 1);
                Tensor its = DLinear.LevelOf(past, level);
                (Tensor x, Tensor y) = (past - its, ahead - its);
                int rows = batch.Count * shape.Targets;
                if (batch.Targets.Count > 1)
                {
                    Tensor isWhole = batch.Targets[1].Transpose(0, 2, 1).Min([2], keepDims: true);
                    (x, y) = (x * isWhole, y * isWhole);
                    rows = (int)isWhole.Sum().Read<float>()[0];
                }
                x = x.Reshape(new Shape(batch.Count * shape.Targets, shape.Window));
                y = y.Reshape(new Shape(batch.Count * shape.Targets, shape.Horizon));
                Tensor turned = x.Transpose(1, 0);
                Add(_xx, turned.MatMul(x));
                Add(_xy, turned.MatMul(y));
                _yy += (y * y).Sum().Read<float>()[0];
                _rows += rows;
            }
        }

        public void Join(Sums other)
        {
            for (int i = 0; i < _xx.Length; i++) _xx[i] += other._xx[i];
            for (int i = 0; i < _xy.Length; i++) _xy[i] += other._xy[i];
            (_yy, _rows) = (_yy + other._yy, _rows + other._rows);
        }

        /// <summary>The mean squared error of a map on these windows: W'X'XW − 2 W'X'Y + Y².</summary>
        public double Error(double[] weight)
        {
            int w = shape.Window, h = shape.Horizon;
            double sum = _yy;
            var row = new double[h];
            for (int i = 0; i < w; i++)
            {
                Array.Clear(row);
                for (int j = 0; j < w; j++)
                {
                    double a = _xx[i * w + j];
                    for (int k = 0; k < h; k++) row[k] += a * weight[j * h + k];
                }
                for (int k = 0; k < h; k++) sum += weight[i * h + k] * (row[k] - 2 * _xy[i * h + k]);
            }
            return _rows == 0 ? double.PositiveInfinity : Math.Max(0, sum) / ((double)_rows * h);
        }

        /// <summary>The map, (window, horizon), by Cholesky's decomposition.</summary>
        public double[] Solve(double penalty)
        {
            int w = shape.Window, h = shape.Horizon;
            double mean = 0;
            for (int i = 0; i < w; i++) mean += _xx[i * w + i] / w;
            double added = Math.Max(penalty * mean, 1e-12);
            var lower = new double[w * w];
            for (int i = 0; i < w; i++)
                for (int j = 0; j <= i; j++)
                {
                    double sum = _xx[i * w + j] + (i == j ? added : 0) - System.Numerics.Tensors.TensorPrimitives.Dot<double>(lower.AsSpan(i * w,
                        j), lower.AsSpan(j * w, j));
                    lower[i * w + j] = i == j ? Math.Sqrt(Math.Max(sum, 1e-3 * added)) : sum / lower[j * w + j];
                }
            double[] y = [.. _xy];
            for (int i = 0; i < w; i++) // L z = X'Y
            {
                for (int j = 0; j < i; j++) Less(y.AsSpan(i * h, h), y.AsSpan(j * h, h), lower[i * w + j]);
                Scale(y.AsSpan(i * h, h), 1 / lower[i * w + i]);
            }
            for (int i = w - 1; i >= 0; i--) // L' W = z
            {
                for (int j = i + 1; j < w; j++) Less(y.AsSpan(i * h, h), y.AsSpan(j * h, h), lower[j * w + i]);
                Scale(y.AsSpan(i * h, h), 1 / lower[i * w + i]);
            }
            return y;
        }

        private static void Less(Span<double> from, ReadOnlySpan<double> other, double times) =>
            System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(other, -times, from, from);

        private static void Scale(Span<double> values, double times) => System.Numerics.Tensors.TensorPrimitives.Multiply(values, times, values);

        private static void Add(double[] sums, Tensor more)
        {
            ReadOnlySpan<float> values = more.Read<float>();
            for (int i = 0; i < sums.Length; i++) sums[i] += values[i];
        }
    }
}
