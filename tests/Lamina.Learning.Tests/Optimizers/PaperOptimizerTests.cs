using Lamina.Learning.Optimizers;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Shapes;
using Xunit;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Tests.Optimizers;

/// <summary>Optimisers that libtorch hasn't, against their papers' formulas in double precision, written out with loops.</summary>
public class PaperOptimizerTests
{
    private const int Rows = 4, Columns = 3, Steps = 30;
    private const double Rate = 0.015625; // a float32 too

    public static TheoryData<bool> Kinds => [true, false];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Lion(bool isMatrix)
    {
        double[] m = new double[Rows * Columns];
        Follow(new Lion(Rate, 0.85, 0.97, weightDecay: 0.3), isMatrix, (w, g, step) =>
        {
            for (int i = 0; i < w.Length; i++)
            {
                w[i] -= Rate * (Math.Sign(0.85 * m[i] + 0.15 * g[i]) + 0.3 * w[i]);
                m[i] = 0.97 * m[i] + 0.03 * g[i];
            }
        });
    }

    // libtorch has it, but TorchSharp's step is as recorded at a rate of 1 alone.
    [Theory]
    [InlineData(0.999)]
    [InlineData(0.9)]
    [InlineData(0.5)]
    public void RAdam(double beta2)
    {
        double[] m = new double[Rows * Columns], v = new double[Rows * Columns];
        Follow(new RAdam(Rate, 0.8, beta2, 1e-3, weightDecay: 0.2), true, (w, g, step) =>
        {
            double power = Math.Pow(beta2, step), limit = 2 / (1 - beta2) - 1, rho = limit - 2 * step * power / (1 - power);
            double r = rho > 5 ? Math.Sqrt((rho - 4) * (rho - 2) * limit / ((limit - 4) * (limit - 2) * rho)) : 0;
            for (int i = 0; i < w.Length; i++)
            {
                double slope = g[i] + 0.2 * w[i];
                m[i] = 0.8 * m[i] + 0.2 * slope;
                v[i] = beta2 * v[i] + (1 - beta2) * slope * slope;
                w[i] -= Rate * m[i] / (1 - Math.Pow(0.8, step)) * (rho > 5 ? r * Math.Sqrt(1 - power) / (Math.Sqrt(v[i]) + 1e-3) : 1);
            }
        });
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Lamb(bool isMatrix)
    {
        double[] m = new double[Rows * Columns], v = new double[Rows * Columns];
        Follow(new Lamb(Rate, 0.8, 0.95, 1e-3, weightDecay: 0.2), isMatrix, (w, g, step) =>
        {
            double[] r = new double[w.Length];
            for (int i = 0; i < w.Length; i++)
            {
                m[i] = 0.8 * m[i] + 0.2 * g[i];
                v[i] = 0.95 * v[i] + 0.05 * g[i] * g[i];
                r[i] = m[i] / (1 - Math.Pow(0.8, step)) / (Math.Sqrt(v[i] / (1 - Math.Pow(0.95, step))) + 1e-3) + 0.2 * w[i];
            }
            double trust = Norm(w) / Norm(r);
            for (int i = 0; i < w.Length; i++) w[i] -= Rate * trust * r[i];
        });
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Adafactor(bool isMatrix)
    {
        double[] rows = new double[Rows], columns = new double[Columns], v = new double[Rows * Columns];
        // A rate above 1/√t at the end of the steps, and gradients that are clipped.
        Follow(new Adafactor(0.25, clip: 0.5, weightDecay: 0.1), isMatrix, (w, g, step) =>
        {
            double share = Math.Pow(step, -0.8);
            double[] rowMeans = new double[Rows], columnMeans = new double[Columns], u = new double[w.Length];
            for (int i = 0; i < w.Length; i++)
            {
                rowMeans[i / Columns] += g[i] * g[i] / Columns;
                columnMeans[i % Columns] += g[i] * g[i] / Rows;
                v[i] += share * (g[i] * g[i] - v[i]);
            }
            for (int i = 0; i < Rows; i++) rows[i] += share * (rowMeans[i] - rows[i]);
            for (int i = 0; i < Columns; i++) columns[i] += share * (columnMeans[i] - columns[i]);
            for (int i = 0; i < w.Length; i++)
                u[i] = g[i] / Math.Sqrt(isMatrix ? rows[i / Columns] * columns[i % Columns] / rows.Average() : v[i]);
            double root = Math.Sqrt(w.Length), size = Math.Max(1e-3, Norm(w) / root) * Math.Min(0.25, 1 / Math.Sqrt(step));
            double over = Math.Max(1, Norm(u) / root / 0.5);
            for (int i = 0; i < w.Length; i++) w[i] -= 0.25 * 0.1 * w[i] + size / over * u[i];
        }, 0.25);
    }

    [Fact]
    public void MuonOnMatrices()
    {
        double[] b = new double[Rows * Columns];
        Follow(new Muon(Rate, 0.9, weightDecay: 0.1), true, (w, g, step) =>
        {
            var x = new double[Rows, Columns];
            for (int i = 0; i < w.Length; i++)
            {
                b[i] = 0.9 * b[i] + 0.1 * g[i];
                x[i / Columns, i % Columns] = 0.1 * g[i] + 0.9 * b[i];
            }
            double norm = Math.Sqrt(x.Cast<double>().Sum(e => e * e));
            x = Combine(x, x, 1 / norm, 0);
            for (int i = 0; i < 5; i++)
            {
                // X·XᵀX is XXᵀ·X.
                double[,] square = Product(Transposed(x), x);
                x = Combine(x, Product(x, Combine(square, Product(square, square), -4.7750, 2.0315)), 3.4445, 1);
            }
            for (int i = 0; i < w.Length; i++) w[i] -= Rate * (0.1 * w[i] + 0.2 * Math.Sqrt(Rows) * x[i / Columns, i % Columns]);
        });
    }

    [Fact]
    public void MuonIsAdamWElsewhere()
    {
        Variable one = new(Tensor.Ones([Columns], DType.Float64)), other = new(Tensor.Ones([Columns], DType.Float64));
        Optimizer muon = new Muon(Rate), adam = new AdamW(Rate);
        for (int i = 1; i <= Steps; i++)
        {
            Tensor g = Tensor.From(Math.Sin(i), 2, Math.Cos(i));
            muon.Update(new GradientSet([new(one, g)]));
            adam.Update(new GradientSet([new(other, g)]));
        }
        Assert.Equal(other.Value.ToArray<double>(), one.Value.ToArray<double>());
    }

    [Theory]
    [InlineData(7, 3, 1)]
    [InlineData(3, 7, 1e30)]
    [InlineData(5, 5, 1e-30)]
    [InlineData(1, 4, 3e38)]
    [InlineData(4, 1, 1e-44)]
    public void MuonsMatricesAreNearlyOrthogonalWhateverTheirSize(int rows, int columns, double size)
    {
        Tensor u = Tensor.Create<float>((rows, columns), x => { for (int i = 0; i < x.Length; i++) x[i] = (float)(size * Math.Sin(i * i + 1)); });
        Tensor x = Muon.Orthogonal(u);
        Tensor square = rows < columns ? x.MatMul(x.T) : x.T.MatMul(x);
        double trace = 0;
        for (int i = 0; i < square.Shape[0]; i++) trace += square.Element(i * (square.Shape[0] + 1));
        // The singular values of these are all but 0.6 to 1.25: none vanished.
        Assert.InRange(trace / square.Shape[0], 0.36, 1.6);
        Assert.All(Muon.Orthogonal(Tensor.Zeros((rows, columns))).ToArray<float>(), e => Assert.Equal(0, e));
    }

    [Fact]
    public void AKernelIsAMatrixByItsOutputs()
    {
        Tensor g = Tensor.Create<float>((3, 3, 2, 4), x => { for (int i = 0; i < x.Length; i++) x[i] = MathF.Sin(i); });
        Variable kernel = new(Tensor.Ones((3, 3, 2, 4))), matrix = new(Tensor.Ones((18, 4)));
        new Muon(0.1).Update(new GradientSet([new(kernel, g)]));
        new Muon(0.1).Update(new GradientSet([new(matrix, g.Reshape(18, 4))]));
        Assert.Equal(matrix.Value.ToArray<float>(), kernel.Value.ToArray<float>());
    }

    // Stacks of matrices are factored each for itself.
    [Fact]
    public void AdafactorFactorsTheLastTwoAxes()
    {
        Tensor g = Tensor.Create<double>((2, 4, 3), x => { for (int i = 0; i < x.Length; i++) x[i] = Math.Sin(i + 1); });
        Variable both = new(Tensor.Ones((2, 4, 3), DType.Float64));
        var optimizer = new Adafactor();
        optimizer.Update(new GradientSet([new(both, g)]));
        Assert.Equal(new Shape(2, 4, 1), optimizer.State(both, "rows").Spec.Shape);
        Assert.Equal(new Shape(2, 1, 3), optimizer.State(both, "columns").Spec.Shape);
        Assert.Equal((g * g).Mean([1]).ToArray<double>(), optimizer.State(both, "columns").Value.ToArray<double>(), (a, b) => Math.Abs(a - b) < 1e-14);
    }

    // The problem of the recorded ones: f(w) = Σ ½ c (w − t)² + 0.1 cos 3w.
    private static void Follow(Optimizer optimizer, bool isMatrix, Action<double[], double[], int> formula, double rate = Rate)
    {
        Assert.Equal(rate, optimizer.LearningRate);
        double[] w = [.. Enumerable.Range(0, Rows * Columns).Select(i => Math.Cos(3 * i))];
        Shape shape = isMatrix ? new Shape(Rows, Columns) : new Shape(Rows * Columns);
        var exact = new Variable(Tensor.From(w, shape));
        for (int step = 1; step <= Steps; step++)
        {
            double[] g = [.. w.Select((x, i) => (0.25 + i % 5) * (x - Math.Sin(i)) - 0.3 * Math.Sin(3 * x))];
            formula(w, g, step);
            optimizer.Update(new GradientSet([new(exact, Tensor.From(g, shape))]));
            Assert.Equal(w, exact.Value.ToArray<double>(), (a, b) => Math.Abs(a - b) < 1e-10);
        }
    }

    private static double Norm(double[] x) => Math.Sqrt(x.Sum(e => e * e));

    private static double[,] Transposed(double[,] x)
    {
        var y = new double[x.GetLength(1), x.GetLength(0)];
        for (int i = 0; i < y.GetLength(0); i++) for (int j = 0; j < y.GetLength(1); j++) y[i, j] = x[j, i];
        return y;
    }

    private static double[,] Product(double[,] x, double[,] y)
    {
        var z = new double[x.GetLength(0), y.GetLength(1)];
        for (int i = 0; i < z.GetLength(0); i++)
            for (int j = 0; j < z.GetLength(1); j++)
                for (int k = 0; k < x.GetLength(1); k++) z[i, j] += x[i, k] * y[k, j];
        return z;
    }

    private static double[,] Combine(double[,] x, double[,] y, double byX, double byY)
    {
        var z = new double[x.GetLength(0), x.GetLength(1)];
        for (int i = 0; i < z.GetLength(0); i++) for (int j = 0; j < z.GetLength(1); j++) z[i, j] = byX * x[i, j] + byY * y[i, j];
        return z;
    }
}
