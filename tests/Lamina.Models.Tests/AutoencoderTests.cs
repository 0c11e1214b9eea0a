using Lamina.Learning.Data;
using Lamina.Learning.Initializers;
using Lamina.Learning.Losses;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Training;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Models;

/// <summary>Autoencoders: what comes back, what they can't see, and what is refused.</summary>
public sealed class AutoencoderTests
{
    private static readonly AutoencoderOptions s_dense = new() { Steps = 8, Channels = 3, Hidden = [12], Code = 4 };

    // (count, 8, 3): three channels that are one wave of another size each.
    private static Tensor Waves(int count) => Tensor.Create<float>([count, 8, 3], t =>
    {
        for (int i = 0; i < t.Length; i++) t[i] = (float)(Math.Sin((i / 24 * 3 + i / 3 % 8) / 2.0) * (1 + i % 3));
    });

    private static Autoencoder Trained(AutoencoderOptions options)
    {
        var network = new Autoencoder(options);
        Tensor x = Waves(200);
        network.Build(new Spec(DType.Float32, [8, 3]));
        network.Initialize(1);
        new Trainer(network, new MeanSquaredError(), new AdamW(0.01),
            new TrainerOptions { Epochs = 30 }).Fit(new DataLoader(new TensorDataset(x, x), BatchOptions.Training with { Size = 20 }));
        return network;
    }

    private static double Error(Autoencoder network, Tensor x)
    {
        float[] y = network.Forward(x).ToArray<float>(), right = x.ToArray<float>();
        return y.Zip(right, (a, b) => Math.Abs((double)a - b)).Average();
    }

    [Theory]
    [InlineData(AutoencoderKind.Dense, false)]
    [InlineData(AutoencoderKind.Dense, true)]
    [InlineData(AutoencoderKind.Convolutional, false)]
    [InlineData(AutoencoderKind.Convolutional, true)]
    public void What_is_usual_comes_back_and_what_isn_t_doesn_t(AutoencoderKind kind, bool hides)
    {
        Autoencoder network = Trained(s_dense with { Kind = kind, HidesChannels = hides, Hidden = [16, 16] });
        double usual = Error(network, Waves(20)), odd = Error(network,
            Tensor.From([.. Waves(20).ToArray<float>().Select((v, i) => i % 3 == 1 ? -v : v)], [20, 8, 3]));
        Assert.InRange(usual, 0, 0.3);
        Assert.True(odd > 3 * usual, $"{odd} against {usual}");
    }

    [Fact]
    public void A_hidden_channel_says_nothing_of_itself()
    {
        Autoencoder network = Trained(s_dense with { HidesChannels = true });
        float[] values = Waves(1).ToArray<float>(), others = [.. values.Select((v, i) => i % 3 == 1 ? 3 - v : v)];
        float[] before = network.Forward(Tensor.From(values, [1, 8, 3])).ToArray<float>(),
            after = network.Forward(Tensor.From(others, [1, 8, 3])).ToArray<float>();
        for (int i = 1; i < before.Length; i += 3) Assert.Equal(before[i], after[i], 1e-5);
        Assert.NotEqual(before[0], after[0]);
    }

    [Fact]
    public void Rows_are_windows_of_one_step()
    {
        var network = new Autoencoder(new() { Steps = 1, Channels = 5, Hidden = [4], Code = 2, HidesChannels = true });
        Assert.Equal(new Shape(7, 1, 5), network.Forward(new Normal().Create([7, 1, 5], new RandomStream(1))).Shape);
        Assert.Contains("(batch, 1, 5)", Assert.Throws<TensorException>(() => network.Forward(Tensor.Zeros([7, 5]))).Message);
    }

    [Fact]
    public void Options_are_checked()
    {
        foreach (AutoencoderOptions o in (AutoencoderOptions[])
        [
            s_dense with { Steps = 0 }, s_dense with { Channels = 0 }, s_dense with { Code = 0 }, s_dense with { Hidden = [0] },
                s_dense with { HiddenShare = 0 }, s_dense with { Limit = -1 },
            s_dense with { Channels = 1, HidesChannels = true }, s_dense with { Kind = (AutoencoderKind)7 },
                s_dense with { Kind = AutoencoderKind.Convolutional, Steps = 6, Hidden = [4, 4] },
        ]) Assert.Throws<ArgumentOutOfRangeException>(() => new Autoencoder(o));
    }
}
