using Lamina.Learning.Data;
using Lamina.Learning.Losses;
using Lamina.Learning.Modules;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Saving;
using Lamina.Learning.Training;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Models;

public sealed class ResNetTests
{
    private static readonly Spec s_cifar = new(DType.Float32, [32, 32, 3]), s_photo = new(DType.Float32, [224, 224, 3]);

    [Fact]
    public void Resnet20_has_the_layers_and_parameters_of_the_paper()
    {
        ResNet network = ResNet.Of20(10);
        Summary summary = Summary.Of(network, s_cifar);
        Assert.Equal("ResNet-20(16-32-64-10)", network.ToString());
        Assert.Equal(19, summary.Rows.Count(r => r.Layer.StartsWith("Conv2d", StringComparison.Ordinal) && !r.Path.Contains("shortcut")));
        // The paper's 0.27 million, with the two shortcuts' convolutions and norms: 16·32 + 64 + 32·64 + 128 more than without.
        Assert.Equal(269_722 + 16 * 32 + 64 + 32 * 64 + 128, summary.Parameters);
        // 40.6 million of the paper's layers, and 0.26 million of the shortcuts.
        Assert.InRange(summary.MultiplyAdds, 40_500_000, 41_200_000);
    }

    [Theory] // table 6 of the paper, in millions
    [InlineData(20, 0.27, 269_722)]
    [InlineData(32, 0.46, 464_154)]
    [InlineData(44, 0.66, 658_586)]
    [InlineData(56, 0.85, 853_018)]
    [InlineData(110, 1.7, 1_727_962)]
    [InlineData(1202, 19.4, 19_421_274)]
    public void Networks_for_small_images_have_the_papers_parameters(int layers, double millions, int exactly)
    {
        ResNetOptions options = ResNetOptions.ForSmallImages(layers, 10) with { Shortcut = ResNetShortcut.Padding };
        var network = new ResNet(options);
        network.Build(s_cifar);
        Assert.StartsWith($"ResNet-{layers}(", network.ToString());
        Assert.Equal(exactly, network.ParameterCount);
        Assert.Equal(millions, Math.Round(network.ParameterCount / 1e6, millions < 1 ? 2 : 1));
        var projected = new ResNet(options with { Shortcut = ResNetShortcut.Projection });
        projected.Build(s_cifar);
        Assert.Equal(exactly + 16 * 32 + 64 + 32 * 64 + 128, projected.ParameterCount);
    }

    [Theory] // as torchvision counts them
    [InlineData(18, 11_689_512, 1.81)]
    [InlineData(34, 21_797_672, 3.66)]
    [InlineData(50, 25_557_032, 4.09)]
    [InlineData(101, 44_549_160, 7.80)]
    [InlineData(152, 60_192_808, 11.51)]
    public void Networks_for_photographs_have_the_published_parameters_and_products(int layers, int parameters, double billions)
    {
        var network = new ResNet(ResNetOptions.ForPhotos(layers, 1000));
        Summary summary = Summary.Of(network, s_photo);
        Assert.StartsWith($"ResNet-{layers}(64-128-256-512-1000)", network.ToString());
        Assert.Equal(parameters, summary.Parameters);
        Assert.Equal(billions, summary.MultiplyAdds / 1e9, 0.02);
        SummaryRow last = summary.Rows.Last(r => r.Path.StartsWith("blocks", StringComparison.Ordinal) && !r.Path.Contains('.'));
        Assert.Equal<Shape>([1, 7, 7, layers >= 50 ? 2048 : 512], last.Output);
    }

    [Fact]
    public void Stages_halve_the_image()
    {
        Summary summary = Summary.Of(ResNet.Of20(10), s_cifar);
        Assert.Equal<Shape>([1, 8, 8, 64], summary.Rows.Single(r => r.Path == "blocks[8]").Output);
        Assert.Equal<Shape>([1, 10], summary.Rows[0].Output);
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(10, 0)]
    public void Options_out_of_range_are_refused(int classes, int blocks) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ResNet(new ResNetOptions { Classes = classes, Blocks = blocks }));

    [Fact]
    public void Options_that_do_not_go_together_are_refused()
    {
        var options = new ResNetOptions { Classes = 3 };
        Assert.Contains("3 stages has as many depths",
            Assert.Throws<ArgumentOutOfRangeException>(() => new ResNet(options with { Depths = [1, 2] })).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ResNet(options with { Depths = [1, 0, 1] }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ResNet(options with { Widths = [] }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ResNet(options with { Stem = (ResNetStem)7 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ResNet(options with { Shortcut = (ResNetShortcut)7 }));
        Assert.Contains("6 n + 2", Assert.Throws<ArgumentOutOfRangeException>(() => ResNetOptions.ForSmallImages(21, 10)).Message);
        Assert.Contains("18, 34, 50", Assert.Throws<ArgumentOutOfRangeException>(() => ResNetOptions.ForPhotos(20, 10)).Message);
    }

    [Fact]
    public void A_table_is_refused() => Assert.Contains("(batch, height, width, channels)",
        Assert.ThrowsAny<TensorException>(() => ResNet.Of20(10).Forward(Tensor.Zeros([4, 3]))).Message);

    [Fact]
    public void A_padded_shortcut_takes_every_other_pixel_and_adds_zeros_on_both_sides()
    {
        Tensor x = Tensor.From([.. Enumerable.Range(1, 18).Select(i => (float)i)], [1, 3, 3, 2]);
        Tensor y = new PaddedShortcut(5).Forward(x);
        Assert.Equal<Shape>([1, 2, 2, 5], y.Shape);
        Assert.Equal([0, 1, 2, 0, 0, 0, 5, 6, 0, 0, 0, 13, 14, 0, 0, 0, 17, 18, 0, 0], y.ToArray<float>());
        Assert.Contains("can't be padded to 1", Assert.Throws<TensorException>(() => new PaddedShortcut(1).Forward(x)).Message);
    }

    [Fact]
    public void A_block_whose_last_norm_starts_at_zero_is_the_identity()
    {
        var network = new ResNet(new ResNetOptions { Classes = 2, Widths = [4], Blocks = 2, ZeroInitialized = true });
        network.Build(new Shape(5, 5, 4));
        network.Initialize(3);
        Tensor x = Tensor.RandomUniform([2, 5, 5, 4], Tensor.From(1L, 2L), 0);
        foreach (Pass pass in (Pass[])[Pass.Evaluation, Pass.Training(1, 1)])
            Assert.Equal(x.ToArray<float>(), network.Blocks[1].Forward(x, pass).ToArray<float>());
    }

    [Fact]
    public void Resnet1202_is_built_summarised_saved_rebuilt_and_trained()
    {
        var network = new ResNet(ResNetOptions.ForSmallImages(1202, 10) with { ZeroInitialized = true });
        Spec tiny = new(DType.Float32, [8, 8, 3]);
        Summary summary = Summary.Of(network, tiny);
        Assert.Equal(1 + 600 + 600 + 2, summary.Rows.Count(r => r.Layer.StartsWith("Conv2d", StringComparison.Ordinal)));
        network.Initialize(1);
        Tensor images = Tensor.RandomUniform([2, 8, 8, 3], Tensor.From(5L, 5L), 0);
        var step = new TrainStep(network, new CrossEntropy(), new Sgd(0.01, momentum: 0.9), new StepOptions { Seed = 1 });
        double loss = step.Run(new Batch(images, Tensor.From(3, 7)), 0).Loss.Item();
        Assert.InRange(loss, 0.1, 20);
        string path = Path.Combine(Path.GetTempPath(), $"lamina-{Guid.NewGuid():N}.safetensors");
        try
        {
            Model.Save(path, network);
            var again = Model.Load<ResNet>(path);
            Assert.Equal(network.ToString(), again.ToString());
            Assert.Equal(network.Forward(images).ToArray<float>(), again.Forward(images).ToArray<float>());
        }
        finally
        {
            File.Delete(path);
        }
    }
}
