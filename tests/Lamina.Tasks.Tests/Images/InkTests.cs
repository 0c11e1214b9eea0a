using Lamina.Learning.Data;
using Lamina.Tasks.Images;
using Lamina.Tasks.Images.Handwriting;
using Lamina.Tasks.Runs;
using SkiaSharp;

namespace Lamina.Tasks.Tests.Images;

/// <summary>Drawings of one's own are brought near to those of the training; all else stays as it is.</summary>
public sealed class InkTests
{
    private const int Side = HandwrittenDigits.Size, Count = 60;

    private static readonly byte[] s_digits = HandwrittenDigits.Generate(Count, 5, 0).Pixels;

    private static ImageDataset Dataset(byte[] pixels, int channels = 1) => new(pixels, Side, Side, channels, new int[pixels.Length / (Side * Side * channels)], ["a", "b"]);

    private static byte[] Digit(int index) => s_digits[(index * Side * Side)..((index + 1) * Side * Side)];

    [Fact]
    public void Polarity_and_size_of_training_images_are_seen()
    {
        InkStyle light = InkSurvey.Of(Dataset(s_digits))!, dark = InkSurvey.Of(Dataset([.. s_digits.Select(p => (byte)(255 - p))]))!;
        Assert.True(light.IsLightOnDark);
        Assert.False(dark.IsLightOnDark);
        Assert.InRange(light.Size!.Value, 0.6, 0.8);
        Assert.Equal(light.Size, dark.Size);
    }

    [Fact]
    public void Photographs_mixtures_and_colours_have_no_polarity()
    {
        var random = new Random(1);
        var noise = new byte[Count * Side * Side];
        random.NextBytes(noise);
        Assert.Null(InkSurvey.Of(Dataset(noise)));
        Assert.Null(InkSurvey.Of(Dataset([.. s_digits.Select((p, i) => i / (Side * Side) % 2 == 0 ? p : (byte)(255 - p))])));
        Assert.Null(InkSurvey.Of(Dataset(new byte[6 * Side * Side], 3)));
        Assert.Null(InkSurvey.Of(Dataset(new byte[6 * Side * Side])));
    }

    [Fact]
    public void A_photograph_of_a_digit_on_unevenly_lit_paper_becomes_like_the_training_images()
    {
        var options = new ImageReadOptions { Ink = InkSurvey.Of(Dataset(s_digits)) };
        for (int i = 0; i < 20; i++)
        {
            byte[] digit = Digit(i);
            var random = new Random(i);
            // 28 × 28 drawn six times as large, off the middle of a sheet that is brighter at one corner, with noise.
            int top = random.Next(20, 90), left = random.Next(20, 160);
            byte[] photo = SampleImages.Encode(300, 360, (row, column) => Grey((150 + (40.0 * row / 300) + (50.0 * column / 360) + random.Next(-4, 5)) * (1 - (0.75 * Ink(row - top, column - left)))), SKEncodedImageFormat.Jpeg);
            // And as it would be on even white, in the middle.
            byte[] clean = SampleImages.Png(240, 240, (row, column) => Grey(255 * (1 - Ink(row - 36, column - 36))));
            Assert.InRange(Likeness(Fitted(photo), Fitted(clean)), 0.93, 1);

            double Ink(int row, int column) => row is >= 0 and < 6 * Side && column is >= 0 and < 6 * Side ? digit[(row / 6 * Side) + (column / 6)] / 255.0 : 0;
        }

        static SKColor Grey(double value) => new((byte)Math.Clamp(value, 0, 255), (byte)Math.Clamp(value, 0, 255), (byte)Math.Clamp(value, 0, 255));

        byte[] Fitted(byte[] file)
        {
            var rgb = new byte[Side * Side * 3];
            Assert.Null(InkFitter.Decode(file, new(Side, Side), rgb, options, out ImageFacts facts));
            Assert.True(facts is { Inverted: true, Framed: true });
            Assert.Equal(0, rgb[0]); // the paper
            return [.. rgb.Where((_, at) => at % 3 == 0)];
        }
    }

    [Fact]
    public void What_is_like_the_training_images_or_no_drawing_stays_as_it_is()
    {
        var options = new ImageReadOptions { Ink = InkSurvey.Of(Dataset(s_digits)) };
        byte[] digit = Digit(3);
        byte[][] files =
        [
            SampleImages.Png(Side, Side, (row, column) => new SKColor(digit[(row * Side) + column], digit[(row * Side) + column], digit[(row * Side) + column])),
            SampleImages.Noise(40, SKEncodedImageFormat.Png), SampleImages.Png(50, 60, 200), SampleImages.Png(50, 60, 0), SampleImages.Png(1, 1, 255), SampleImages.Png(1, 300, 90),
        ];
        foreach (byte[] file in files)
        {
            byte[] fitted = new byte[Side * Side * 3], plain = new byte[Side * Side * 3];
            Assert.Null(InkFitter.Decode(file, new(Side, Side), fitted, options, out ImageFacts facts, TestContext.Current.CancellationToken));
            Assert.Null(ImageDecoder.Decode(file, new(Side, Side), plain, options, out _, TestContext.Current.CancellationToken));
            Assert.Equal(plain, fitted);
            Assert.False(facts.Inverted || facts.Framed);
        }
    }

    // The cosine of the angle between two images.
    private static double Likeness(byte[] a, byte[] b)
    {
        double ab = 0, aa = 0, bb = 0;
        for (int i = 0; i < a.Length; i++)
        {
            ab += (double)a[i] * b[i];
            aa += (double)a[i] * a[i];
            bb += (double)b[i] * b[i];
        }
        return ab / Math.Sqrt(aa * bb);
    }
}
