using Lamina.Learning.Initializers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Models;

public sealed class TemporalConvNetTests
{
    private static readonly TemporalConvNetOptions s_small = new() { Outputs = 2, Widths = [8, 8, 8] };

    [Fact]
    public void No_result_depends_on_a_later_step()
    {
        var network = new TemporalConvNet(3, s_small);
        float[] values = new Normal().Create([1, 20, 3], new RandomStream(1)).ToArray<float>();
        float[] before = network.Forward(Tensor.From(values, [1, 20, 3])).ToArray<float>();
        for (int i = 12 * 3; i < values.Length; i++) values[i] += 1;
        float[] after = network.Forward(Tensor.From(values, [1, 20, 3])).ToArray<float>();
        Assert.Equal(before[..24], after[..24]);
        Assert.NotEqual(before[24..26], after[24..26]);
    }

    [Fact]
    public void The_last_block_sees_far_back()
    {
        // Two convolutions of three steps in each block, 1, 2 and 4 apart: 2 · 2 · (1 + 2 + 4) = 28 steps before its own.
        var network = new TemporalConvNet(1, s_small);
        float[] values = new Normal().Create([1, 40, 1], new RandomStream(2)).ToArray<float>();
        float[] before = network.Forward(Tensor.From(values, [1, 40, 1])).ToArray<float>();
        values[0] += 1;
        float[] after = network.Forward(Tensor.From(values, [1, 40, 1])).ToArray<float>();
        Assert.NotEqual(before[..2], after[..2]);
        Assert.Equal(before[(2 * 29)..], after[(2 * 29)..]);
    }

    [Fact]
    public void Shortcuts_stand_only_where_the_width_changes()
    {
        var network = new TemporalConvNet(3, s_small);
        Summary.Of(network, new Spec(DType.Float32, [20, 3]));
        Assert.Equal(["blocks.0.shortcut.weight", "blocks.0.shortcut.bias"], network.Variables.Select(v => v.Path).Where(p => p.Contains("shortcut")));
    }

    [Theory]
    [InlineData(0, 3, 0)]
    [InlineData(1, 0, 0)]
    [InlineData(1, 3, 1)]
    public void Options_out_of_range_are_refused(int outputs, int kernel, double dropout) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new TemporalConvNet(3, new TemporalConvNetOptions { Outputs = outputs, Kernel = kernel, Dropout = dropout }));
}
