using Lamina.Learning.Initializers;
using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Tensors;

namespace Lamina.Models;

using Tensors = Lamina.Tensors.Tensors;

public sealed class SeriesNetworkTests
{
    private static readonly RecurrentClassifierOptions s_recurrent = new() { Classes = 3, Hidden = 5 };

    private static readonly SeriesConvNetOptions s_convolutions = new() { Classes = 3, Widths = [4, 6], Kernels = [8, 3] };

    public static TheoryData<string> Names => ["gru", "lstm", "rnn", "conv", "one direction"];

    private static Network Of(string name) => name switch
    {
        "conv" => new SeriesConvNet(s_convolutions),
        "lstm" => new RecurrentClassifier(s_recurrent with { Cell = RecurrentCell.Lstm }),
        "rnn" => new RecurrentClassifier(s_recurrent with { Cell = RecurrentCell.Rnn }),
        "one direction" => new RecurrentClassifier(s_recurrent with { Bidirectional = false }),
        _ => new RecurrentClassifier(s_recurrent),
    };

    [Theory, MemberData(nameof(Names))]
    public void Padding_makes_no_difference_whatever_is_in_it(string name)
    {
        Network network = Of(name);
        float[] series = new Normal().Create([1, 7, 2], new RandomStream(1)).ToArray<float>(), junk = [.. Enumerable.Repeat(1e3f, 10)];
        float[] alone = network.Forward([Tensor.From(series, [1, 7, 2]), Tensor.Ones([1, 7])])[0].ToArray<float>();
        Tensors padded = [Tensor.From([.. series, .. junk], [1, 12, 2]), Tensor.From([.. Enumerable.Repeat(1f, 7), .. new float[5]], [1, 12])];
        float[] got = network.Forward(padded)[0].ToArray<float>();
        for (int i = 0; i < 3; i++) Assert.Equal(alone[i], got[i], 1e-5);
    }

    [Theory, MemberData(nameof(Names))]
    public void A_series_without_steps_has_logits_too(string name) =>
        Assert.All(Of(name).Forward([Tensor.Zeros([2, 7, 2]), Tensor.Zeros([2, 7])])[0].ToArray<float>(), x => Assert.True(float.IsFinite(x)));

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        foreach (RecurrentClassifierOptions bad in (RecurrentClassifierOptions[])[s_recurrent with { Classes = 1 },
            s_recurrent with { Hidden = 0 }, s_recurrent with { Layers = 0 }, s_recurrent with { Dropout = -0.1 },
            s_recurrent with { Cell = (RecurrentCell)9 }])
            Assert.Throws<ArgumentOutOfRangeException>(() => new RecurrentClassifier(bad));
        foreach (SeriesConvNetOptions bad in (SeriesConvNetOptions[])[s_convolutions with { Classes = 1 }, s_convolutions with { Widths = [] },
            s_convolutions with { Kernels = [1] }, s_convolutions with { Kernels = [0, 1] },
            s_convolutions with { Widths = [0, 1] }, s_convolutions with { Dropout = 1 }])
            Assert.Throws<ArgumentOutOfRangeException>(() => new SeriesConvNet(bad));
    }
}
