using Lamina.Learning.Data;
using Lamina.Learning.Objectives;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Training;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Models.Tests;

/// <summary>Generator and discriminator of images: shapes, what they learn to draw, and what is refused.</summary>
public sealed class DcganTests
{
    private static readonly DcganOptions s_options = new() { Height = 7, Width = 9, Channels = 2, Classes = 3, Noise = 4, Filters = [4, 6] };

    [Theory]
    [InlineData(new[] { 4 }, 0)]
    [InlineData(new[] { 4, 6 }, 3)]
    [InlineData(new[] { 4, 6, 8 }, 3)]
    public void ImagesHaveTheSizeOfTheData(int[] filters, int classes)
    {
        var network = new Dcgan(s_options with { Filters = filters, Classes = classes });
        Tensor noise = Tensor.RandomNormal([6, 4], Tensor.From(1L, 1L), 0);
        var y = network.Forward(classes > 0 ? [noise, Stripes.Classes(6)] : [noise]);
        Assert.Equal((new Shape(6, 7, 9, 2), new Shape(6, 1)), (y[0].Shape, y[1].Shape));
        Assert.All(y[0].ToArray<float>(), v => Assert.InRange(v, -1f, 1f));
        // The paths by which two optimisers are told apart.
        Assert.All(network.Variables, v => Assert.Matches("^(generator|discriminator)[.]", v.Path));
    }

    [Theory]
    [InlineData(AdversarialLoss.NonSaturating)]
    [InlineData(AdversarialLoss.Hinge)]
    public void DrawsTheClassThatIsAskedFor(AdversarialLoss loss)
    {
        var network = new Dcgan(new() { Height = 8, Width = 8, Channels = 1, Classes = 3, Noise = 4, Filters = [8, 16] });
        Tensor images = Stripes.Images(192, 8, 8, 1), classes = Stripes.Classes(192);
        new Trainer(network.CreateObjective(loss), new MultiOptimizer(("discriminator.*", new Adam(2e-3, beta1: 0.5)), ("generator.*", new Adam(2e-3, beta1: 0.5))),
            new TrainerOptions { Epochs = 40, Seed = 1 }).Fit(new DataLoader(new TensorDataset(images, classes), BatchOptions.Training with { Size = 32 }));
        Tensor noise = Tensor.RandomNormal([30, 4], Tensor.From(1L, 1L), 0), asked = Stripes.Classes(30);
        Tensor drawn = network.Forward([noise, asked])[0];
        Assert.True(Stripes.Right(drawn, asked) >= 27, $"{Stripes.Right(drawn, asked)} of 30");
    }

    [Fact]
    public void OptionsAreChecked()
    {
        foreach (DcganOptions o in (DcganOptions[])
        [
            s_options with { Height = 0 }, s_options with { Width = 5_000 }, s_options with { Channels = 0 }, s_options with { Classes = -1 }, s_options with { Noise = 0 },
            s_options with { Filters = [] }, s_options with { Filters = [4, 0] },
        ])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => new Dcgan(o));
            Assert.Throws<ArgumentOutOfRangeException>(() => new DcganGenerator(o));
            Assert.Throws<ArgumentOutOfRangeException>(() => new DcganDiscriminator(o));
        }
        var network = new Dcgan(s_options);
        Assert.Contains("(batch, 7, 9, 2)", Assert.Throws<TensorException>(() => network.Discriminator.Forward([Stripes.Images(3, 8, 8, 1), Stripes.Classes(3)])).Message);
        var batch = new Batch(Stripes.Images(3, 8, 8, 2), Stripes.Classes(3));
        Assert.Throws<TensorException>(() => new TrainStep(network.CreateObjective(), new Adam()).Run(batch, 0));
    }
}
