using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Convolutions;
using Lamina.Tensors.Engines.Cpu.Epilogues;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Engines.Cpu.Windows;
using Lamina.Tensors.Shapes;
using Xunit;

namespace Lamina.Tensors.Tests.Engines.Cpu.Convolutions;

/// <summary>Convolution and both gradients against one scatter loop in float64, over strides, pads, dilations and groups.</summary>
[Collection(TierCollection.Name)]
public sealed unsafe class ConvolutionTests : IDisposable
{
    private readonly CpuPool _one = new(1), _two = new(2), _seven = new(7);

    public void Dispose()
    {
        Tiers.Force(null);
        _one.Dispose();
        _two.Dispose();
        _seven.Dispose();
    }

    private static readonly ConvShape[] Shapes =
    [
        //  n   h   w  in kh kw out  sh sw  pad: t l b r  dilation groups
        new(2, 9, 11, 5, 3, 3, 7, 1, 1, 1, 1, 1, 1, 1, 1, 1),
        new(3, 28, 28, 1, 3, 3, 32, 1, 1, 1, 1, 1, 1, 1, 1, 1),
        new(2, 12, 10, 32, 3, 3, 40, 1, 1, 0, 0, 0, 0, 1, 1, 1),
        new(1, 17, 15, 3, 7, 7, 20, 2, 2, 3, 3, 3, 3, 1, 1, 1),
        new(2, 10, 13, 6, 3, 2, 8, 2, 3, 1, 0, 0, 1, 1, 1, 1),
        new(2, 11, 12, 4, 3, 3, 6, 1, 1, 2, 2, 2, 2, 2, 2, 1),
        new(1, 14, 9, 4, 2, 3, 5, 3, 2, 1, 2, 3, 0, 2, 3, 1),
        new(4, 7, 7, 16, 1, 1, 24, 1, 1, 0, 0, 0, 0, 1, 1, 1),
        new(2, 8, 8, 16, 1, 1, 24, 2, 2, 0, 0, 0, 0, 1, 1, 1),
        new(2, 8, 9, 12, 3, 3, 18, 1, 1, 1, 1, 1, 1, 1, 1, 3),
        new(2, 9, 8, 6, 3, 3, 12, 2, 2, 1, 1, 1, 1, 1, 1, 6),
        new(2, 12, 11, 19, 3, 3, 19, 1, 1, 1, 1, 1, 1, 1, 1, 19),
        new(2, 12, 11, 40, 5, 3, 40, 2, 3, 2, 1, 2, 0, 1, 2, 40),
        new(1, 6, 6, 80, 3, 3, 530, 1, 1, 1, 1, 1, 1, 1, 1, 1),
        new(5, 4, 4, 200, 2, 2, 10, 2, 2, 0, 0, 0, 0, 1, 1, 1),
        new(1, 3, 30, 8, 3, 5, 8, 1, 4, 4, 6, 5, 3, 1, 1, 1),
        new(2, 1, 50, 6, 1, 7, 9, 1, 1, 0, 3, 0, 3, 1, 1, 1),
        new(9, 5, 5, 4, 5, 5, 4, 1, 1, 0, 0, 0, 0, 1, 1, 1),
        new(1, 2, 2, 3, 5, 5, 4, 1, 1, 0, 0, 0, 0, 1, 1, 1),
        new(1, 40, 40, 2, 1, 1, 3, 9, 9, 0, 0, 0, 0, 1, 1, 1),
        // Winograd's: sizes that are no multiples of tiles, padding, several units and chunks of tiles, channels of no vector
        new(7, 13, 18, 24, 3, 3, 20, 1, 1, 1, 0, 1, 2, 1, 1, 1),
        new(20, 8, 8, 16, 3, 3, 32, 1, 1, 1, 1, 1, 1, 1, 1, 1),
        new(1, 5, 600, 16, 3, 3, 16, 1, 1, 2, 2, 2, 2, 1, 1, 1),
        new(2, 1, 300, 32, 1, 3, 48, 1, 1, 0, 10, 0, 0, 1, 5, 1),
        new(3, 2, 90, 40, 1, 3, 32, 1, 1, 0, 0, 0, 0, 1, 1, 1),
        new(2, 1, 300, 32, 1, 3, 48, 1, 1, 0, 5, 0, 5, 1, 5, 1),
        new(3, 2, 90, 40, 1, 3, 32, 1, 1, 0, 1, 0, 1, 1, 1, 1),
        // ... whose few tiles are shared out by channels
        new(1, 26, 26, 32, 3, 3, 64, 1, 1, 0, 0, 0, 0, 1, 1, 1),
        new(1, 19, 22, 16, 3, 3, 74, 1, 1, 1, 1, 1, 1, 1, 1, 1),
        new(1, 17, 17, 40, 3, 3, 48, 1, 1, 1, 1, 1, 1, 1, 1, 1),
    ];

    private static readonly Lazy<Definition>[] Exact = [.. Shapes.Select((shape, i) => new Lazy<Definition>(() => new Definition(shape, i)))];

    public static TheoryData<Tier, int> Cases
    {
        get
        {
            var cases = new TheoryData<Tier, int>();
            foreach (Tier tier in Enum.GetValues<Tier>())
                for (int i = 0; i < Shapes.Length; i++) cases.Add(tier, i);
            return cases;
        }
    }

    private sealed class CountEach(int columns, int[] seen) : BlockEpilogue
    {
        public override void Finish(int row, int rows, int column, int count)
        {
            for (int i = row; i < row + rows; i++)
                for (int j = column; j < column + count; j++) Interlocked.Increment(ref seen[i * columns + j]);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Float32_matches_the_definition_on_any_number_of_threads(Tier tier, int index)
    {
        Tiers.Force(tier);
        ConvShape shape = Shapes[index];
        Definition exact = Exact[index].Value;
        float[] x = Narrow(exact.X), w = Narrow(exact.W), dy = Narrow(exact.Dy);
        float[][] y = [.. Enumerable.Range(0, 3).Select(_ => new float[dy.Length])], dx = [.. y.Select(_ => new float[x.Length])], dw = [.. y.Select(_ => new float[w.Length])];
        CpuPool[] pools = [_one, _two, _seven];
        for (int p = 0; p < 3; p++)
        {
            foreach (float[] result in new[] { y[p], dx[p], dw[p] }) Array.Fill(result, float.NaN);
            int[] seen = new int[dy.Length], seenX = new int[x.Length];
            fixed (float* px = x, pw = w, pg = dy, py = y[p], pdx = dx[p], pdw = dw[p])
            {
                Convolution.Forward(pools[p], DType.Float32, shape, px, pw, py, new CountEach(shape.OutChannels, seen));
                Convolution.InputGradient(pools[p], DType.Float32, shape, pg, pw, pdx, new CountEach(shape.InChannels, seenX));
                Convolution.WeightGradient(pools[p], DType.Float32, shape, px, pg, pdw);
            }
            Assert.Equal(seen.Length, seen.Count(count => count == 1));
            Assert.Equal(seenX.Length, seenX.Count(count => count == 1));
            Assert.True(y[0].AsSpan().SequenceEqual(y[p]) && dx[0].AsSpan().SequenceEqual(dx[p]) && dw[0].AsSpan().SequenceEqual(dw[p]), "threads changed the bits");
        }
        // Values lie in [-1, 1], so Σ|a·b| is below the number of terms; half an ulp (6e-8) for each of them.
        Near(exact.Y, y[0], shape.Depth);
        Near(exact.Dx, dx[0], shape.KernelHeight * shape.KernelWidth * shape.GroupOut);
        Near(exact.Dw, dw[0], shape.Batch * shape.OutPixels);
    }

    /// <summary>The width that this machine may lack runs in halves.</summary>
    [Fact]
    public void F512_matches_the_definition()
    {
        for (int i = 0; i < Shapes.Length; i++)
        {
            ConvShape shape = Shapes[i];
            if (shape.IsPointwise || shape.OutPixels == 0) continue;
            Definition exact = Exact[i].Value;
            float[] x = Narrow(exact.X), w = Narrow(exact.W), dy = Narrow(exact.Dy), y = new float[dy.Length], dx = new float[x.Length], dw = new float[w.Length];
            fixed (float* px = x, pw = w, pg = dy, py = y, pdx = dx, pdw = dw)
            {
                ConvolutionOf<F512>.Forward(_two, shape, px, pw, py, null);
                ConvolutionOf<F512>.InputGradient(_two, shape, pg, pw, pdx, null);
                ConvolutionOf<F512>.WeightGradient(_two, shape, px, pg, pdw);
            }
            Near(exact.Y, y, shape.Depth);
            Near(exact.Dx, dx, shape.KernelHeight * shape.KernelWidth * shape.GroupOut);
            Near(exact.Dw, dw, shape.Batch * shape.OutPixels);
        }
    }

    [Fact]
    public void Float64_matches_the_definition()
    {
        for (int i = 0; i < Shapes.Length; i++)
        {
            ConvShape shape = Shapes[i];
            Definition exact = Exact[i].Value;
            double[] y = new double[exact.Y.Length], dx = new double[exact.X.Length], dw = new double[exact.W.Length];
            fixed (double* px = exact.X, pw = exact.W, pg = exact.Dy, py = y, pdx = dx, pdw = dw)
            {
                Convolution.Forward(_two, DType.Float64, shape, px, pw, py);
                Convolution.InputGradient(_two, DType.Float64, shape, pg, pw, pdx);
                Convolution.WeightGradient(_two, DType.Float64, shape, px, pg, pdw);
            }
            for (int j = 0; j < y.Length; j++) Assert.Equal(exact.Y[j], y[j], 1e-11);
            for (int j = 0; j < dx.Length; j++) Assert.Equal(exact.Dx[j], dx[j], 1e-11);
            for (int j = 0; j < dw.Length; j++) Assert.Equal(exact.Dw[j], dw[j], 1e-11);
        }
    }

    [Fact]
    public void A_warm_convolution_allocates_nothing()
    {
        Tiers.Force(null);
        foreach (ConvShape shape in new[] { Shapes[0], Shapes[4], Shapes[9], Shapes[11] })
        {
            float[] x = new float[shape.Batch * shape.Height * shape.Width * shape.InChannels], w = new float[shape.Depth * shape.OutChannels], y = new float[shape.Batch * shape.OutPixels * shape.OutChannels];
            fixed (float* px = x, pw = w, py = y)
            {
                long before = 0;
                for (int i = 0; i < 6; i++)
                {
                    if (i == 3) before = GC.GetAllocatedBytesForCurrentThread();
                    Convolution.Forward(_two, DType.Float32, shape, px, pw, py);
                    Convolution.InputGradient(_two, DType.Float32, shape, py, pw, px);
                    Convolution.WeightGradient(_two, DType.Float32, shape, px, py, pw);
                }
                Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
            }
        }
    }

    private static void Near(double[] exact, float[] got, int terms)
    {
        double bound = (terms + 2) * 6e-8 * Math.Max(1, terms);
        for (int i = 0; i < exact.Length; i++)
            if (!(Math.Abs(exact[i] - got[i]) <= bound)) Assert.Fail($"element {i}: {got[i]}, not {exact[i]} (bound {bound:g2})");
    }

    private static float[] Narrow(double[] values) => [.. values.Select(v => (float)v)];

    /// <summary>Every product of the convolution's definition, scattered to the three places where it belongs.</summary>
    private sealed class Definition
    {
        public readonly double[] X, W, Dy, Y, Dx, Dw;

        public Definition(in ConvShape s, int seed)
        {
            var random = new Random(seed);
            X = Values(random, s.Batch * s.Height * s.Width * s.InChannels);
            W = Values(random, s.Depth * s.OutChannels);
            Dy = Values(random, s.Batch * s.OutHeight * s.OutWidth * s.OutChannels);
            (Y, Dx, Dw) = (new double[Dy.Length], new double[X.Length], new double[W.Length]);
            for (int n = 0; n < s.Batch; n++)
                for (int oy = 0; oy < s.OutHeight; oy++)
                    for (int ox = 0; ox < s.OutWidth; ox++)
                        for (int i = 0; i < s.KernelHeight; i++)
                            for (int j = 0; j < s.KernelWidth; j++)
                            {
                                int iy = oy * s.StrideH + i * s.DilationH - s.PadTop, ix = ox * s.StrideW + j * s.DilationW - s.PadLeft;
                                if (iy < 0 || iy >= s.Height || ix < 0 || ix >= s.Width) continue;
                                for (int co = 0; co < s.OutChannels; co++)
                                    for (int ci = 0; ci < s.GroupIn; ci++)
                                    {
                                        int ax = ((n * s.Height + iy) * s.Width + ix) * s.InChannels + co / s.GroupOut * s.GroupIn + ci;
                                        int aw = ((i * s.KernelWidth + j) * s.GroupIn + ci) * s.OutChannels + co;
                                        int ay = ((n * s.OutHeight + oy) * s.OutWidth + ox) * s.OutChannels + co;
                                        Y[ay] += X[ax] * W[aw];
                                        Dx[ax] += Dy[ay] * W[aw];
                                        Dw[aw] += X[ax] * Dy[ay];
                                    }
                            }
        }

        private static double[] Values(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (double)(float)(random.NextDouble() * 2 - 1))];
    }
}
