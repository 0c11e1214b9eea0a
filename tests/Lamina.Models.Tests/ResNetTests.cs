using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Models;

public sealed class ResNetTests
{
    private static readonly Spec s_cifar = new(DType.Float32, [32, 32, 3]);

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

    [Fact]
    public void Stages_halve_the_image()
    {
        Summary summary = Summary.Of(ResNet.Of20(10), s_cifar);
        Assert.Equal<Shape>([1, 8, 8, 64], summary.Rows.Single(r => r.Path == "blocks[8]").Output);
        Assert.Equal<Shape>([1, 10], summary.Rows[0].Output);
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(10, 0)]
    public void Options_out_of_range_are_refused(int classes, int blocks) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ResNet(new ResNetOptions { Classes = classes, Blocks = blocks }));

    [Fact]
    public void A_table_is_refused() => Assert.Contains("(batch, height, width, channels)", Assert.ThrowsAny<TensorException>(() => ResNet.Of20(10).Forward(Tensor.Zeros([4, 3]))).Message);
}
