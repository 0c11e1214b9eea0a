using System.Runtime.Intrinsics;
using Lamina.Learning.Data;
using static Lamina.Tensors.Ops.TensorOps;
using Xunit;

namespace Lamina.Learning.Tests.Data;

public class AugmentationTests
{
    private static ImageDataset Images(int height, int width, int channels, int count = 40)
    {
        byte[] pixels = new byte[count * height * width * channels];
        new Random(7).NextBytes(pixels);
        var plain = new ImageDataset(pixels, height, width, channels, new int[count], ["thing"]);
        return plain.With(Normalization.Of(plain, Enumerable.Range(0, count).ToArray()));
    }

    private static float[] Read(ImageDataset set, int index, long seed = 1, int epoch = 0) => set.Take([index], seed, epoch).Input.ToArray<float>();

    public static TheoryData<int, int, int> Sizes => new() { { 28, 28, 1 }, { 5, 9, 2 }, { 32, 32, 3 }, { 7, 4, 4 }, { 3, 3, 9 }, { 1, 1, 3 } };

    [Theory, MemberData(nameof(Sizes))]
    public void Without_options_images_stay_as_they_are(int height, int width, int channels)
    {
        ImageDataset plain = Images(height, width, channels);
        // The sampler at rest is exact too: this turn is too small for a float to see.
        ImageDataset still = plain.With(new Augmentation { Rotate = 1e-30, Border = Border.Black });
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(Read(plain, i), Read(plain.With(Augmentation.None), i));
            Assert.Equal(Read(plain, i), Read(still, i));
        }
    }

    [Theory, MemberData(nameof(Sizes))]
    public void A_flip_is_exact(int height, int width, int channels)
    {
        ImageDataset plain = Images(height, width, channels), flips = plain.With(new Augmentation { FlipHorizontal = true });
        int flipped = 0;
        for (int i = 0; i < 40; i++)
        {
            float[] x = Read(plain, i), y = Read(flips, i), mirrored = new float[x.Length];
            for (int at = 0; at < x.Length; at++)
            {
                int channel = at % channels, column = at / channels % width, row = at / channels / width;
                mirrored[(row * width + width - 1 - column) * channels + channel] = x[at];
            }
            if (y.SequenceEqual(mirrored)) flipped++;
            else Assert.Equal(x, y);
        }
        Assert.InRange(flipped, 10, 40);
        if (width > 1) Assert.InRange(flipped, 10, 30);
    }

    [Fact]
    public void Erasing_fills_a_box_of_two_to_thirty_three_percent()
    {
        const int side = 20;
        ImageDataset plain = Images(side, side, 3), always = plain.With(new Augmentation { Erase = 1 }), sometimes = plain.With(new Augmentation { Erase = 0.5 });
        var boxes = new HashSet<(int, int, int, int)>();
        int untouched = 0;
        for (int i = 0; i < 40; i++)
        {
            float[] x = Read(plain, i), y = Read(always, i);
            bool[] erased = [.. Enumerable.Range(0, side * side).Select(p => !x.AsSpan(p * 3, 3).SequenceEqual(y.AsSpan(p * 3, 3)))];
            int[] rows = [.. Enumerable.Range(0, side).Where(r => Enumerable.Range(0, side).Any(c => erased[r * side + c]))];
            int[] columns = [.. Enumerable.Range(0, side).Where(c => Enumerable.Range(0, side).Any(r => erased[r * side + c]))];
            // A random pixel may be the one that was there, once in sixteen million.
            Assert.Equal(rows.Length * columns.Length, erased.Count(e => e));
            Assert.Equal((rows.Length, columns.Length), (rows[^1] - rows[0] + 1, columns[^1] - columns[0] + 1));
            Assert.InRange(rows.Length * columns.Length, 4, 0.4 * side * side);
            Assert.InRange((double)rows.Length / columns.Length, 0.2, 5);
            boxes.Add((rows[0], columns[0], rows.Length, columns.Length));
            if (x.SequenceEqual(Read(sometimes, i))) untouched++;
            Assert.Equal(y, Read(always, i));
            Assert.NotEqual(y, Read(always, i, epoch: 1));
        }
        Assert.True(boxes.Count > 30);
        Assert.InRange(untouched, 10, 30);
        Assert.Throws<ArgumentOutOfRangeException>(() => plain.With(new Augmentation { Erase = 1.5 }));
    }

    [Theory, InlineData(Border.Edge), InlineData(Border.Black), InlineData(Border.Mirror)]
    public void A_crop_moves_whole_pixels(Border border)
    {
        const int side = 16;
        ImageDataset plain = Images(side, side, 3), crops = plain.With(new Augmentation { Crop = 0.125, Border = border });
        var moves = new HashSet<(int, int)>();
        for (int i = 0; i < 40; i++)
        {
            float[] x = Read(plain, i), y = Read(crops, i);
            moves.Add(Assert.Single(Moves(), m => Moved(x, y, m, border)));
        }
        Assert.True(moves.Count > 10);

        static IEnumerable<(int, int)> Moves() => from dx in Enumerable.Range(-2, 5) from dy in Enumerable.Range(-2, 5) select (dx, dy);
        bool Moved(float[] x, float[] y, (int X, int Y) move, Border border)
        {
            Normalization n = plain.Normalization;
            for (int at = 0; at < x.Length; at++)
            {
                int channel = at % 3, column = Place(at / 3 % side - move.X), row = Place(at / 3 / side - move.Y);
                float expected = column < 0 || row < 0 ? -n.Mean[channel] / n.Deviation[channel] : x[(row * side + column) * 3 + channel];
                if (Math.Abs(expected - y[at]) > 1e-6f) return false;
            }
            return true;
        }
        int Place(int at) => (uint)at < side ? at : border switch { Border.Black => -1, Border.Edge => Math.Clamp(at, 0, side - 1), _ => at < 0 ? -at : 2 * side - 2 - at };
    }

    [Fact]
    public void Samples_agree_with_the_slow_definition()
    {
        var options = new Augmentation { Shift = 0.2, Crop = 0.2, Rotate = 60, MinScale = 0.6, MaxScale = 1.7, Shear = 0.4, FlipHorizontal = true, Border = Border.Black };
        const int height = 9, width = 14, channels = 3;
        ImageDataset plain = Images(height, width, channels).With(Normalization.None(channels));
        for (int i = 0; i < 40; i++)
        {
            float[] result = Read(plain.With(options), i, 5, 6);
            ImageChange m = ImageChange.Draw(options, height, width, new ExampleDraws(5, 6, i));
            for (int at = 0; at < result.Length; at++)
            {
                int channel = at % channels, x = at / channels % width, y = at / channels / width;
                double px = m.X0 + (double)m.Xx * x + (double)m.Xy * y, py = m.Y0 + (double)m.Yx * x + (double)m.Yy * y;
                int left = (int)Math.Floor(px), above = (int)Math.Floor(py);
                double value = 0;
                for (int dy = 0; dy < 2; dy++)
                    for (int dx = 0; dx < 2; dx++)
                    {
                        double weight = (1 - Math.Abs(px - left - dx)) * (1 - Math.Abs(py - above - dy));
                        if ((uint)(left + dx) < width && (uint)(above + dy) < height)
                            value += weight * plain.Pixels(i)[((above + dy) * width + left + dx) * channels + channel] / 255;
                    }
                Assert.Equal(value, result[at], 1e-4);
            }
        }
    }

    [Fact]
    public void A_turn_keeps_the_middle_and_the_area()
    {
        var options = new Augmentation { Rotate = 90 };
        for (int i = 0; i < 20; i++)
        {
            ImageChange change = ImageChange.Draw(options, 11, 11, new ExampleDraws(1, 0, i));
            Assert.Equal(5, change.X0 + change.Xx * 5 + change.Xy * 5, 1e-4);
            Assert.Equal(5, change.Y0 + change.Yx * 5 + change.Yy * 5, 1e-4);
            Assert.Equal(1, change.Xx * change.Yy - change.Xy * change.Yx, 1e-5);
        }
    }

    [Fact]
    public void What_is_drawn_depends_on_seed_epoch_and_example()
    {
        ImageDataset digits = Images(28, 28, 1).With(Augmentation.Digits with { Noise = 0.1, Contrast = 0.2, Brightness = 0.1 });
        Assert.Equal(Read(digits, 3, 1, 2), digits.Take([7, 3], 1, 2).Input.ToArray<float>()[784..]);
        Assert.NotEqual(Read(digits, 3, 1, 2), Read(digits, 3, 1, 3));
        Assert.NotEqual(Read(digits, 3, 1, 2), Read(digits, 3, 2, 2));
    }

    [Fact]
    public void Noise_has_its_deviation_and_values_stay_pixels()
    {
        byte[] pixels = new byte[50 * 50];
        Array.Fill(pixels, (byte)128);
        var grey = new ImageDataset(pixels, 50, 50, 1, new int[1], ["a"]);
        Normalization measured = Normalization.Of(grey.With(new Augmentation { Noise = 0.05 }).Take([0]).Input.Reshape(2500, 1));
        Assert.Equal(128 / 255f, measured.Mean[0], 0.004f);
        Assert.Equal(0.05f, measured.Deviation[0], 0.003f);
        Assert.All(Read(grey.With(new Augmentation { Noise = 1, Brightness = 1, Contrast = 1 }), 0), v => Assert.InRange(v, 0, 1.000001f));
    }

    [Fact]
    public void Options_outside_their_ranges_are_refused()
    {
        ImageDataset images = Images(4, 4, 1, 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => images.With(new Augmentation { Shift = 2 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => images.With(new Augmentation { MinScale = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => images.With(new Augmentation { MinScale = 1.5 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => images.With(new Augmentation { Noise = double.NaN }));
    }

    [Fact]
    public void Draws_are_those_of_philox()
    {
        // The known answers of Random123 (kat_vectors, philox4x32 10).
        Assert.Equal(Vector128.Create(0x6627e8d5u, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8), ExampleDraws.Philox(Vector128<uint>.Zero, 0, 0));
        Assert.Equal(Vector128.Create(0x408f276du, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd), ExampleDraws.Philox(Vector128<uint>.AllBitsSet, uint.MaxValue, uint.MaxValue));
        Assert.Equal(
            Vector128.Create(0xd16cfe09u, 0x94fdcceb, 0x5001e420, 0x24126ea1),
            ExampleDraws.Philox(Vector128.Create(0x243f6a88u, 0x85a308d3, 0x13198a2e, 0x03707344), 0xa4093822, 0x299f31d0));
    }
}
