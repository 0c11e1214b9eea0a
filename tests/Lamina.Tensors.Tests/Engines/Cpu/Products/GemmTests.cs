using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Epilogues;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Engines.Cpu.Products;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;
using Xunit;

namespace Lamina.Tensors.Tests.Engines.Cpu.Products;

/// <summary>Products against a plain float64 sum, over shapes, layouts, tiers and threads.</summary>
[Collection(TierCollection.Name)]
public sealed unsafe class GemmTests : IDisposable
{
    private readonly CpuPool _one = new(1), _two = new(2), _seven = new(7);

    public void Dispose()
    {
        Tiers.Force(null);
        _one.Dispose();
        _two.Dispose();
        _seven.Dispose();
    }

    public static TheoryData<Tier> AllTiers => [Tier.Vector128, Tier.Vector256, Tier.Vector512];

    private sealed class CountEach(int rows, int columns) : BlockEpilogue
    {
        public readonly int[] Seen = new int[rows * columns];

        public override void Finish(int row, int rows, int column, int count)
        {
            for (int i = row; i < row + rows; i++)
                for (int j = column; j < column + count; j++) Interlocked.Increment(ref Seen[i * columns + j]);
        }
    }

    [Theory]
    [MemberData(nameof(AllTiers))]
    public void Matches_the_plain_sum(Tier tier)
    {
        Tiers.Force(tier);
        var random = new Random(7);
        int[] sizes = [1, 2, 5, 6, 7, 8, 13, 16, 17, 31, 33, 64, 70];
        for (int round = 0; round < 200; round++)
            Check(random, sizes[random.Next(sizes.Length)], sizes[random.Next(sizes.Length)], sizes[random.Next(sizes.Length)], round);
        Check(random, 3, 0, 5, 0);
        Check(random, 130, 1000, 50, 1);            // several slices of k
        Check(random, 40, 385, 300, 2);             // two columns of blocks
        Check(random, 100, 40, 1024, 3);            // far rows of B: packed
        Check(random, 31, 1024, 70, 0);             // rows of A on top of one another in the cache
        Check(random, 1024, 65, 40, 4);
        for (int round = 0; round < 8; round++)     // dot products: few rows, or one column
        {
            Check(random, 1 + round % 3, 133, 45, round);
            Check(random, 45, 133, 1, round);
        }
        Check(random, 30, 5000, 20, 5);             // a long sum in parts
        Check(random, 50, 2100, 40, 6);
    }

    /// <summary>The layout comes from the round: transposes, gaps between rows, strides both ways, accumulation.</summary>
    private void Check(Random random, int m, int k, int n, int round)
    {
        int gap = round % 3 == 0 ? 0 : random.Next(0, 9), spread = round % 11 == 10 ? 2 : 1;
        bool at = (round & 1) != 0, bt = (round & 2) != 0, accumulate = (round & 4) != 0;
        float[] a = Values(random, (m + gap) * (k + gap) * spread), b = Values(random, (k + gap) * (n + gap) * spread), c = Values(random, m * (n + gap) + 1);
        fixed (float* pa = a, pb = b)
        {
            Matrix A = at ? new(pa, m, k, spread, (m + gap) * spread) : new(pa, m, k, (k + gap) * spread, spread);
            Matrix B = bt ? new(pb, k, n, spread, (k + gap) * spread) : new(pb, k, n, (n + gap) * spread, spread);
            float[][] results = new float[3][];
            CpuPool[] pools = [_one, _two, _seven];
            for (int p = 0; p < 3; p++)
            {
                results[p] = [.. c];
                var epilogue = new CountEach(m, n);
                fixed (float* pc = results[p]) Gemm.Multiply(pools[p], DType.Float32, A, B, new(pc, m, n, n + gap, 1), accumulate, epilogue);
                Assert.Equal(epilogue.Seen.Length, epilogue.Seen.Count(seen => seen == 1));
                Assert.True(results[0].AsSpan().SequenceEqual(results[p]), "threads changed the bits");
            }
            for (int i = 0; i < m; i++)
            {
                for (int j = 0; j < n + gap; j++)
                {
                    float old = c[i * (n + gap) + j], got = results[0][i * (n + gap) + j];
                    if (j >= n) { if (old != got) Assert.Fail("wrote past the last column"); continue; }
                    double sum = accumulate ? old : 0, size = Math.Abs(sum);
                    for (int q = 0; q < k; q++)
                    {
                        double x = pa[i * A.RowStride + q * A.ColumnStride] * (double)pb[q * B.RowStride + j * B.ColumnStride];
                        sum += x;
                        size += Math.Abs(x);
                    }
                    // A chain of k roundings of half an ulp each errs by at most k · 2⁻²⁴ · Σ|a·b|, and far less as a rule.
                    if (!(Math.Abs(got - sum) <= (k + 2) * 6e-8 * size)) Assert.Fail($"({m},{k},{n}) round {round} at ({i},{j}): {got}, not {sum}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(AllTiers))]
    public void Batches_match_single_products(Tier tier)
    {
        Tiers.Force(tier);
        var random = new Random(3);
        foreach ((int batches, int m, int k, int n, bool bt) in new[] { (5, 7, 9, 11, false), (12, 33, 64, 40, true), (3, 100, 300, 65, true), (40, 1, 8, 8, false), (2, 30, 20, 1024, false) })
        {
            float[] a = Values(random, batches * m * k), b = Values(random, batches * k * n), c = new float[batches * m * n], d = new float[batches * m * n];
            int[] oa = [.. Enumerable.Range(0, batches).Select(i => i * m * k)], ob = [.. Enumerable.Range(0, batches).Select(i => (batches - 1 - i) * k * n)], oc = [.. Enumerable.Range(0, batches).Select(i => i * m * n)];
            fixed (float* pa = a, pb = b, pc = c, pd = d)
            {
                Matrix B = bt ? new Matrix(pb, n, k).Transposed : new Matrix(pb, k, n);
                var epilogue = new CountEach(batches * m, n);
                Gemm.MultiplyBatch(_seven, DType.Float32, new(pa, m, k), B, new(pc, m, n), batches, oa, ob, oc, false, epilogue);
                Assert.Equal(epilogue.Seen.Length, epilogue.Seen.Count(seen => seen == 1));
                for (int i = 0; i < batches; i++)
                {
                    float* at = pb + ob[i];
                    Gemm.Multiply(_one, DType.Float32, new(pa + oa[i], m, k), bt ? new Matrix(at, n, k).Transposed : new Matrix(at, k, n), new(pd + oc[i], m, n));
                }
                Assert.True(c.AsSpan().SequenceEqual(d));
                // One B for all: no offsets.
                Gemm.MultiplyBatch(_two, DType.Float32, new(pa, m, k), B, new(pc, m, n), batches, oa, [], oc);
                Gemm.Multiply(_one, DType.Float32, new(pa, batches * m, k), B, new(pd, batches * m, n));
                Assert.True(c.AsSpan().SequenceEqual(d));
            }
        }
    }

    /// <summary>Also the widths that this machine lacks: they run in halves.</summary>
    [Fact]
    public void All_widths_give_the_same_bits()
    {
        var random = new Random(11);
        foreach ((int m, int k, int n) in new[] { (7, 20, 33), (31, 50, 64), (64, 400, 70), (40, 33, 300), (25, 64, 1024), (6, 5, 15) })
        {
            float[] a = Values(random, m * k), b = Values(random, k * n), first = new float[m * n], second = new float[m * n], third = new float[m * n];
            fixed (float* pa = a, pb = b, p1 = first, p2 = second, p3 = third)
            {
                Matrix A = new Matrix(pa, k, m).Transposed, B = new Matrix(pb, n, k).Transposed;
                Gemm.Run<F128>(_one, A, B, new(p1, m, n), 1, null, null, null, false, null);
                Gemm.Run<F256>(_two, A, B, new(p2, m, n), 1, null, null, null, false, null);
                Gemm.Run<F512>(_two, A, B, new(p3, m, n), 1, null, null, null, false, null);
            }
            Assert.True(first.AsSpan().SequenceEqual(second) && second.AsSpan().SequenceEqual(third), $"({m},{k},{n})");
        }
    }

    [Fact]
    public void Float64_matches_the_plain_sum_and_columns_may_lead_in_the_result()
    {
        var random = new Random(5);
        const int M = 37, K = 41, N = 29;
        double[] a = [.. Values(random, M * K)], b = [.. Values(random, K * N)], c = new double[M * N];
        fixed (double* pa = a, pb = b, pc = c)
        {
            Gemm.Multiply(_seven, DType.Float64, new Matrix(pa, K, M).Transposed, new(pb, K, N), new Matrix(pc, N, M).Transposed);
            for (int i = 0; i < M; i++)
                for (int j = 0; j < N; j++)
                    Assert.Equal(Enumerable.Range(0, K).Sum(q => a[q * M + i] * b[q * N + j]), c[j * M + i], 1e-13);
        }
    }

    [Theory]
    [InlineData(32, 16, 16)]
    [InlineData(64, 300, 1024)]
    [InlineData(300, 500, 200)]
    public void A_warm_product_allocates_nothing(int m, int k, int n)
    {
        Tiers.Force(null);
        float[] a = new float[m * k], b = new float[k * n], c = new float[m * n];
        fixed (float* pa = a, pb = b, pc = c)
        {
            Matrix A = new(pa, m, k), B = new Matrix(pb, n, k).Transposed, C = new(pc, m, n);
            for (int i = 0; i < 3; i++) Gemm.Multiply(_two, DType.Float32, A, B, C);
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 10; i++) Gemm.Multiply(_two, DType.Float32, A, B, C);
            Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        }
    }

    private static float[] Values(Random random, int count)
    {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) values[i] = (float)(random.NextDouble() * 2 - 1);
        return values;
    }
}
