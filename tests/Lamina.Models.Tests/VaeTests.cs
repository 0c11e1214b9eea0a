using Lamina.Learning.Data;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Training;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Models.Tests;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>Variational autoencoders of images: shapes, what they learn to draw, and what is refused.</summary>
public sealed class VaeTests
{
    private static readonly VaeOptions s_options = new() { Height = 7, Width = 9, Channels = 2, Classes = 3, Hidden = [12], Code = 4 };

    [Theory]
    [InlineData(new int[0], 0)]
    [InlineData(new int[0], 3)]
    [InlineData(new[] { 4 }, 3)]
    [InlineData(new[] { 4, 5, 6 }, 0)]
    public void ImagesOfAnySizeComeBackAsTheyWere(int[] filters, int classes)
    {
        var network = new Vae(s_options with { Filters = filters, Classes = classes });
        Tensor x = Stripes.Images(6, 7, 9, 2);
        Tensors inputs = classes > 0 ? [x, Tensor.From(0, 1, 2, 0, 1, 2)] : [x];
        Tensors y = network.Forward(inputs);
        Assert.Equal([x.Shape, new Shape(6, 4), new Shape(6, 4)], y.Span.ToArray().Select(t => t.Shape));
        Assert.All(y[0].ToArray<float>(), v => Assert.InRange(v, -1f, 1f));
    }

    [Theory]
    [InlineData(new int[0])]
    [InlineData(new[] { 8, 8 })]
    public void DrawsTheClassThatIsAskedFor(int[] filters)
    {
        var network = new Vae(new() { Height = 8, Width = 8, Channels = 1, Classes = 3, Filters = filters, Hidden = [32], Code = 2 });
        Tensor images = Stripes.Images(192, 8, 8, 1), classes = Stripes.Classes(192);
        // The class is a target here, an input in other sets: it is a condition either way.
        new Trainer(new VariationalObjective(network), new Adam(5e-3), new TrainerOptions { Epochs = 25, Seed = 1 })
            .Fit(new DataLoader(new TensorDataset(images, classes), BatchOptions.Training with { Size = 32 }));
        Tensor noise = Tensor.RandomNormal([30, 2], Tensor.From(1L, 1L), 0), asked = Stripes.Classes(30);
        Tensor drawn = network.Decode(noise, asked, Pass.Evaluation).Sigmoid() * 2 - 1;
        Assert.True(Stripes.Right(drawn, asked) >= 27, $"{Stripes.Right(drawn, asked)} of 30");
    }

    [Fact]
    public void OptionsAreChecked()
    {
        foreach (VaeOptions o in (VaeOptions[])
        [
            s_options with { Height = 0 }, s_options with { Width = -1 }, s_options with { Channels = 0 }, s_options with { Classes = -1 }, s_options with { Code = 0 },
            s_options with { Hidden = [0] }, s_options with { Filters = [0] }, s_options with { Filters = [1, 1, 1, 1, 1, 1, 1, 1, 1] },
        ]) Assert.Throws<ArgumentOutOfRangeException>(() => new Vae(o));
        Assert.Contains("(batch, 7, 9, 2)", Assert.Throws<TensorException>(() => new Vae(s_options).Forward([Stripes.Images(3, 8, 8, 1), Stripes.Classes(3)])).Message);
        // A class that there isn't, and a data set without classes.
        Assert.Throws<TensorException>(() => new Vae(s_options).Forward([Stripes.Images(1, 7, 9, 2), Tensor.From(3)]));
        var batch = new Batch(Tensors.Create([Stripes.Images(3, 7, 9, 2)]), Tensors.Create([]));
        Assert.Contains("class", Assert.Throws<TensorException>(() => new VariationalObjective(new Vae(s_options)).Compute(batch, Pass.Evaluation)).Message);
    }
}

/// <summary>Images of three classes: bright above, bright on the left, bright all over; each of its own brightness.</summary>
internal static class Stripes
{
    public static Tensor Images(int count, int height, int width, int channels)
    {
        var random = new RandomStream(9);
        return Tensor.Create<float>([count, height, width, channels], x =>
        {
            for (int i = 0, at = 0; i < count; i++)
            {
                float bright = 0.5f + 0.4f * random.NextSingle();
                for (int p = 0; p < height * width * channels; p++, at++)
                {
                    int row = p / channels / width, column = p / channels % width;
                    x[at] = (i % 3) switch { 0 => row < height / 2, 1 => column < width / 2, _ => true } ? bright : -bright;
                }
            }
        });
    }

    public static Tensor Classes(int count) => Tensor.From((int[])[.. Enumerable.Range(0, count).Select(i => i % 3)], new Shape(count));

    /// <summary>How many images are nearest to what their class looks like.</summary>
    public static int Right(Tensor images, Tensor classes)
    {
        int size = images.Count / images.Shape[0], right = 0;
        float[] x = images.ToArray<float>(), models = Images(3, images.Shape[1], images.Shape[2], images.Shape[3]).ToArray<float>();
        for (int i = 0; i < images.Shape[0]; i++)
        {
            double Distance(int c) => Enumerable.Range(0, size).Sum(p => Math.Pow(x[i * size + p] - models[c * size + p], 2));
            if (Enumerable.Range(0, 3).MinBy(Distance) == (int)classes.Element(i)) right++;
        }
        return right;
    }
}
