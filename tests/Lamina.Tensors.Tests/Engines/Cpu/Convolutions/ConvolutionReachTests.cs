using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Convolutions;
using Lamina.Tensors.Engines.Cpu.Windows;
using Lamina.Tensors.Engines.Cpu.Winograd;
using Lamina.Tensors.Shapes;
using Xunit;

namespace Lamina.Tensors.Tests.Engines.Cpu.Convolutions;

/// <summary>
/// What isn't a number changes exactly the results whose window holds it, in every kernel; what is very large leaves the others as
/// near to the definition as they are without it; and what comes later changes no bit of a causal convolution.
/// </summary>
[Collection(TierCollection.Name)]
public sealed unsafe class ConvolutionReachTests : IDisposable
{
    private readonly CpuPool _one = new(1), _two = new(2);

    public void Dispose()
    {
        Tiers.Force(null);
        _one.Dispose();
        _two.Dispose();
    }

    private static readonly ConvShape[] Shapes =
    [
        //  n   h   w  in kh kw out  sh sw  pad: t l b r  dilation groups
        // Winograd's squares: both gradients apart and at once, few tiles, channels of no vector
        new(2, 10, 14, 16, 3, 3, 24, 1, 1, 1, 1, 1, 1, 1, 1, 1),
        new(9, 9, 13, 16, 3, 3, 16, 1, 1, 0, 0, 0, 0, 1, 1, 1),
        new(8, 8, 9, 20, 3, 3, 12, 1, 1, 1, 1, 1, 1, 1, 1, 1),
        new(8, 9, 12, 24, 3, 3, 20, 1, 1, 2, 0, 1, 2, 1, 1, 1),
        new(1, 17, 17, 40, 3, 3, 48, 1, 1, 1, 1, 1, 1, 1, 1, 1),
        // lines of four results a tile
        new(8, 1, 70, 32, 1, 3, 40, 1, 1, 0, 4, 0, 4, 1, 4, 1),
        new(3, 2, 90, 40, 1, 3, 32, 1, 1, 0, 1, 0, 1, 1, 1, 1),
        // and of two
        new(8, 1, 70, 32, 1, 3, 40, 1, 1, 0, 8, 0, 0, 1, 4, 1),
        new(9, 1, 61, 32, 1, 3, 32, 1, 1, 0, 2, 0, 0, 1, 1, 1),
        new(3, 2, 90, 40, 1, 3, 32, 1, 1, 0, 0, 0, 0, 1, 1, 1),
        // sums by the definition: plain, strided, dilated, grouped, depthwise, one channel, few terms, scattered
        new(2, 9, 11, 5, 3, 3, 7, 1, 1, 1, 1, 1, 1, 1, 1, 1),
        new(2, 10, 13, 6, 3, 2, 8, 2, 3, 1, 0, 0, 1, 1, 1, 1),
        new(2, 11, 12, 4, 3, 3, 6, 1, 1, 2, 2, 2, 2, 2, 2, 1),
        new(2, 8, 9, 12, 3, 3, 18, 1, 1, 1, 1, 1, 1, 1, 1, 3),
        new(2, 12, 11, 19, 3, 3, 19, 1, 1, 1, 1, 1, 1, 1, 1, 19),
        new(3, 12, 20, 1, 5, 5, 6, 1, 1, 2, 2, 2, 2, 1, 1, 1),
        new(2, 9, 14, 3, 3, 3, 16, 1, 1, 1, 1, 1, 1, 1, 1, 1),
        new(5, 11, 12, 6, 5, 5, 16, 1, 1, 1, 3, 0, 0, 1, 1, 1),
        new(1, 1, 40, 8, 1, 3, 8, 1, 1, 0, 4, 0, 0, 1, 2, 1),
    ];

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, Shapes.Length)];

    [Fact]
    public void The_shapes_take_the_ways_that_they_are_meant_for()
    {
        Assert.All(Shapes[..5], s => Assert.True(WinogradChoice.SuitsSquare(s)));
        Assert.All(Shapes[5..7], s => Assert.True(WinogradChoice.SuitsLine(s)));
        Assert.All(Shapes[7..10], s => Assert.True(WinogradChoice.SuitsPair(s)));
        Assert.All(Shapes[10..], s => Assert.False(WinogradChoice.SuitsSquare(s) || WinogradChoice.SuitsLine(s) || WinogradChoice.SuitsPair(s)));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_is_no_number_changes_what_holds_it(int index)
    {
        var random = new Random(index);
        foreach (float value in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
            for (int operand = 0; operand < 3; operand++) Check(index, random, operand, value);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_is_large_leaves_the_rest_as_it_is(int index)
    {
        var random = new Random(100 + index);
        foreach (float value in new[] { 1e6f, -3e9f, 1e15f, 1e30f })
            for (int operand = 0; operand < 3; operand += 2) Check(index, random, operand, value);
    }

    /// <summary>Puts a value somewhere into x, w or dy, now and then at the very edge, and compares all results with the definition.</summary>
    private void Check(int index, Random random, int operand, float value)
    {
        ConvShape shape = Shapes[index];
        var made = new Made(shape, index);
        float[] values = operand == 0 ? made.X : operand == 1 ? made.W : made.Dy;
        values[random.Next(4) switch { 0 => 0, 1 => values.Length - 1, _ => random.Next(values.Length) }] = value;
        var exact = new Definition(shape, made);
        foreach (Tier tier in Enum.GetValues<Tier>())
        {
            Tiers.Force(tier);
            Made first = made.Run(_one), second = made.Run(_two);
            string what = $"{value} in operand {operand}, {tier}";
            Near(exact.Y, exact.SizeOfY, first.Y, $"y, {what}");
            Near(exact.Dx, exact.SizeOfDx, first.Dx, $"dx, {what}");
            Near(exact.Dx, exact.SizeOfDx, first.BothDx, $"dx of both, {what}");
            Near(exact.Dw, exact.SizeOfDw, first.Dw, $"dw, {what}");
            Near(exact.Dw, exact.SizeOfDw, first.BothDw, $"dw of both, {what}");
            foreach ((float[] a, float[] b) in first.Results.Zip(second.Results)) Assert.True(SameBits(a, b), $"threads changed the bits: {what}");
        }
    }

    public static TheoryData<int> CausalCases => [7, 8, 9, 18];

    [Theory]
    [MemberData(nameof(CausalCases))]
    public void What_comes_later_changes_no_bit(int index)
    {
        ConvShape shape = Shapes[index];
        // What an output sees last, counted from its own place.
        int seen = shape.SpanW - 1 - shape.PadLeft;
        foreach (Tier tier in Enum.GetValues<Tier>())
        {
            Tiers.Force(tier);
            Made before = new Made(shape, index).Run(_two);
            foreach (float value in new[] { 0.5f, 1e6f, 1e30f, float.MaxValue, float.NaN, float.NegativeInfinity })
                foreach (int step in new[] { 1, 12, 21, 34, shape.Width - 1 })
                {
                    var changed = new Made(shape, index);
                    for (int i = 0; i < changed.X.Length; i++)
                        if (i / shape.InChannels % shape.Width >= step && (value != 0.5f || i % 3 == 0)) changed.X[i] = value;
                    float[] y = changed.Run(_one).Y;
                    for (int i = 0; i < y.Length; i++)
                        if (i / shape.OutChannels % shape.OutWidth + seen < step) Same(before.Y[i], y[i], $"{tier}: output {i} of {y.Length} with {value} from step {step} on");
                    changed = new Made(shape, index);
                    for (int i = 0; i < changed.Dy.Length; i++)
                        if (i / shape.OutChannels % shape.OutWidth < step) changed.Dy[i] = value;
                    changed.Run(_one);
                    for (int i = 0; i < changed.Dx.Length; i++)
                        if (i / shape.InChannels % shape.Width - seen >= step)
                        {
                            Same(before.Dx[i], changed.Dx[i], $"{tier}: gradient {i} with {value} before step {step}");
                            Same(before.BothDx[i], changed.BothDx[i], $"{tier}: gradient {i} of both with {value} before step {step}");
                        }
                }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(7)]
    public void An_image_has_the_same_bits_beside_any_other(int index)
    {
        ConvShape shape = Shapes[index];
        Tiers.Force(null);
        Made before = new Made(shape, index).Run(_two);
        foreach (float value in new[] { 300f, 2e4f, 1e12f, float.NaN })
        {
            var changed = new Made(shape, index);
            // The second image; the first keeps what it has.
            changed.X.AsSpan(changed.X.Length / shape.Batch, changed.X.Length / shape.Batch).Fill(value);
            changed.Dy.AsSpan(changed.Dy.Length / shape.Batch, changed.Dy.Length / shape.Batch).Fill(value);
            changed.Run(_two);
            Assert.True(SameBits(before.Y[..(before.Y.Length / shape.Batch)], changed.Y[..(before.Y.Length / shape.Batch)]));
            Assert.True(SameBits(before.Dx[..(before.Dx.Length / shape.Batch)], changed.Dx[..(before.Dx.Length / shape.Batch)]));
            Assert.True(SameBits(before.BothDx[..(before.Dx.Length / shape.Batch)], changed.BothDx[..(before.Dx.Length / shape.Batch)]));
        }
    }

    private static bool SameBits(float[] a, float[] b) =>
        System.Runtime.InteropServices.MemoryMarshal.AsBytes(a.AsSpan()).SequenceEqual(System.Runtime.InteropServices.MemoryMarshal.AsBytes(b.AsSpan()));

    private static void Same(float expected, float got, string what)
    {
        if (BitConverter.SingleToInt32Bits(expected) != BitConverter.SingleToInt32Bits(got)) Assert.Fail($"{what}: {got}, not {expected}");
    }

    // Roundings are relative to what a sum's own terms are at most; weights, and where they are summed gradients, are 1 at most.
    private static void Near(double[] exact, double[] size, float[] got, string what)
    {
        for (int i = 0; i < exact.Length; i++)
        {
            bool same = double.IsFinite(exact[i]) ? Math.Abs(exact[i] - got[i]) <= 2e-5 * size[i] + 1e-30 : exact[i].Equals((double)got[i]);
            if (!same) Assert.Fail($"{what}, element {i}: {got[i]}, not {exact[i]} (size {size[i]:g3})");
        }
    }

    /// <summary>Operands, and what the kernels make of them.</summary>
    private sealed class Made
    {
        private readonly ConvShape _shape;
        public readonly float[] X, W, Dy, Y, Dx, Dw, BothDx, BothDw;

        public Made(in ConvShape s, int seed)
        {
            _shape = s;
            var random = new Random(seed);
            X = Values(random, s.Batch * s.Height * s.Width * s.InChannels);
            W = Values(random, s.Depth * s.OutChannels);
            Dy = Values(random, s.Batch * s.OutPixels * s.OutChannels);
            (Y, Dx, Dw, BothDx, BothDw) = (new float[Dy.Length], new float[X.Length], new float[W.Length], new float[X.Length], new float[W.Length]);
        }

        public float[][] Results => [Y, Dx, Dw, BothDx, BothDw];

        /// <summary>Runs all kernels, and gives a copy of the results.</summary>
        public Made Run(CpuPool pool)
        {
            foreach (float[] result in Results) Array.Fill(result, 7);
            fixed (float* x = X, w = W, dy = Dy, y = Y, dx = Dx, dw = Dw, bothDx = BothDx, bothDw = BothDw)
            {
                Convolution.Forward(pool, DType.Float32, _shape, x, w, y);
                Convolution.InputGradient(pool, DType.Float32, _shape, dy, w, dx);
                Convolution.WeightGradient(pool, DType.Float32, _shape, x, dy, dw);
                Convolution.Gradients(pool, DType.Float32, _shape, x, w, dy, bothDx, bothDw);
            }
            return new Made(this, [.. Results.Select(r => (float[])r.Clone())]);
        }

        private Made(Made from, float[][] results)
        {
            (_shape, X, W, Dy) = (from._shape, from.X, from.W, from.Dy);
            (Y, Dx, Dw, BothDx, BothDw) = (results[0], results[1], results[2], results[3], results[4]);
        }

        private static float[] Values(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() * 2 - 1))];
    }

    /// <summary>The products of the definition in float64, and the largest that each sum could be.</summary>
    private sealed class Definition
    {
        public readonly double[] Y, Dx, Dw, SizeOfY, SizeOfDx, SizeOfDw;

        public Definition(in ConvShape s, Made m)
        {
            (Y, Dx, Dw) = (new double[m.Dy.Length], new double[m.X.Length], new double[m.W.Length]);
            (SizeOfY, SizeOfDx, SizeOfDw) = (new double[m.Dy.Length], new double[m.X.Length], new double[m.W.Length]);
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
                                        double x = m.X[ax], w = m.W[aw], dy = m.Dy[ay];
                                        Y[ay] += x * w;
                                        Dx[ax] += dy * w;
                                        Dw[aw] += x * dy;
                                        SizeOfY[ay] += Math.Abs(x);
                                        SizeOfDx[ax] += Math.Abs(dy);
                                        SizeOfDw[aw] += Math.Max(Math.Abs(x), Math.Abs(dy));
                                    }
                            }
        }
    }
}
