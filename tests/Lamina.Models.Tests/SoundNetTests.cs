using Lamina.Learning.Initializers;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Models;

public sealed class SoundNetTests
{
    private static readonly SoundNetOptions s_small = new() { Classes = 3, Widths = [4, 8], Hidden = 8, Recurrent = 0, Dropout = 0 };

    [Fact]
    public void Frames_of_zeros_have_no_weight()
    {
        var network = new SoundNet(s_small);
        float[] sound = new Normal().Create([1, 16, 8, 1], new RandomStream(1)).ToArray<float>();
        float[] Padded(int more) =>
            network.Forward(Tensor.From([.. sound, .. new float[more * 8]], [1, 16 + more, 8, 1])).ToArray<float>();
        float[] few = Padded(16), many = Padded(400);
        for (int i = 0; i < 3; i++) Assert.Equal(few[i], many[i], 1e-5);
    }

    [Fact]
    public void A_silent_recording_has_logits_too() =>
        Assert.All(new SoundNet(s_small).Forward(Tensor.Zeros([2, 16, 8, 1])).ToArray<float>(), x => Assert.True(float.IsFinite(x)));

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        foreach (SoundNetOptions bad in (SoundNetOptions[])[s_small with { Classes = 1 }, s_small with { Widths = [] },
            s_small with { Widths = [0] }, s_small with { Hidden = 0 }, s_small with { Recurrent = -1 }, s_small with { Halvings = -1 },
            s_small with { Dropout = 1 }])
            Assert.Throws<ArgumentOutOfRangeException>(() => new SoundNet(bad));
        Assert.Throws<TensorException>(() => new SoundNet(s_small).Forward(Tensor.Zeros([2, 16, 8])));
    }
}
