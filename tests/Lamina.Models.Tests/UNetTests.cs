using Lamina.Formats;
using Lamina.Learning.Data;
using Lamina.Learning.Diffusion;
using Lamina.Learning.Generation;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Saving;
using Lamina.Learning.Training;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Shapes;
using Xunit;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Models.Tests;

using Tensors = Lamina.Tensors.Tensors;

public class UNetTests
{
    private static readonly UNetOptions s_options = new() { Height = 8, Width = 12, Channels = 2, Classes = 3, Widths = [8, 16], Heads = 2 };

    private static UNet Make(UNetOptions options, ulong seed = 1)
    {
        var network = new UNet(options);
        Spec image = new(DType.Float32, [options.Height, options.Width, options.Channels]), time = new(DType.Float32, Shape.Scalar);
        network.Build(options.Classes > 0 ? [image, time, new Spec(DType.Int32, Shape.Scalar)] : [image, time]);
        network.Initialize(seed);
        return network;
    }

    private static Tensor Images(UNetOptions o, int count = 3) => Tensor.Create<float>([count, o.Height, o.Width, o.Channels], x => { for (int i = 0; i < x.Length; i++) x[i] = (float)Math.Sin(i * 0.7); });

    private static Tensors Inputs(UNetOptions o, int count = 3, float time = 0.5f, int kind = 1) => o.Classes > 0
        ? [Images(o, count), Tensor.Full([count], time), Tensor.From([.. Enumerable.Repeat(kind, count)])] : [Images(o, count), Tensor.Full([count], time)];

    // A new network's last layer is 0; a step or two wake it.
    private static UNet Trained(UNetOptions options)
    {
        UNet network = Make(options);
        var step = new TrainStep(new FlowMatching(network), new AdamW(0.01));
        Batch batch = options.Classes > 0 ? new([Images(options, 6), Tensor.From([.. Enumerable.Range(0, 6).Select(i => i % options.Classes)])], []) : new(Images(options, 6), []);
        for (int i = 0; i < 5; i++) step.Run(batch, i);
        return network;
    }

    public static TheoryData<string> Kinds => [.. s_kinds.Keys];

    private static readonly Dictionary<string, UNetOptions> s_kinds = new()
    {
        ["usual"] = s_options,
        ["odd sizes"] = s_options with { Height = 7, Width = 5 },
        ["no classes"] = s_options with { Classes = 0 },
        ["no attention"] = s_options with { Heads = 0 },
        ["single pixels"] = s_options with { Patch = 1, Widths = [8, 8, 16] },
        ["large patches"] = s_options with { Patch = 4, Widths = [8] },
        ["two blocks, dropout"] = s_options with { Blocks = 2, Dropout = 0.1 },
        ["smaller than its levels"] = s_options with { Height = 3, Width = 2, Widths = [8, 8, 8] },
        ["seven channels"] = s_options with { Widths = [7, 14], Heads = 7 },
    };

    [Theory, MemberData(nameof(Kinds))]
    public void GivesAnImageOfTheSameSizeAndItsGradientsAreFinite(string kind)
    {
        UNetOptions options = s_kinds[kind];
        UNet network = Make(options);
        Tensor said = network.Forward(Inputs(options))[0];
        Assert.Equal(new Shape(3, options.Height, options.Width, options.Channels), said.Shape);
        Assert.All(said.ToArray<float>(), x => Assert.Equal(0, x)); // nothing is said before anything is learned
        network = Trained(options);
        Batch batch = options.Classes > 0 ? new([Images(options), Tensor.From([0, 1, 2])], []) : new(Images(options), []);
        GradientSet gradients = Gradient.Of(new FlowMatching(network).Compute(batch, Pass.Training(1, 1)).Loss, network.Parameters);
        foreach (Parameter parameter in network.Parameters)
        {
            float[] values = gradients[parameter].ToArray<float>();
            Assert.All(values, x => Assert.True(float.IsFinite(x)));
        }
        Assert.True(network.Variables.Count(v => v.Variable is Parameter p && gradients[p].ToArray<float>().Any(x => x != 0)) > 0.9 * network.Variables.Count);
    }

    [Fact]
    public void TimeAndClassChangeWhatItSays()
    {
        UNet network = Trained(s_options);
        float[] Say(float time, int kind) => network.Forward(Inputs(s_options, time: time, kind: kind))[0].ToArray<float>();
        Assert.NotEqual(Say(0.5f, 1), Say(0.1f, 1));
        Assert.NotEqual(Say(0.5f, 1), Say(0.5f, 2));
        Assert.NotEqual(Say(0.5f, 1), Say(0.5f, 3)); // no class
        Assert.Equal(Say(0.5f, 1), Say(0.5f, 1));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void IsSavedAndMadeAgain(string kind)
    {
        UNetOptions options = s_kinds[kind];
        UNet network = Trained(options);
        string path = Path.Combine(Path.GetTempPath(), $"lamina-{Guid.NewGuid():N}.safetensors");
        try
        {
            Model.Save(path, network);
            UNet again = Model.Load<UNet>(path);
            Assert.Equal(network.ToString(), again.ToString());
            Assert.Equal(network.Forward(Inputs(options))[0].ToArray<float>(), again.Forward(Inputs(options))[0].ToArray<float>());
            Assert.Equal(new FlowSampler(network, 3).Draw(2).ToArray<float>(), new FlowSampler(again, 3).Draw(2).ToArray<float>());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void LearnsToDrawTwoKindsOfImages()
    {
        // Bright at the left, or at the right.
        var options = new UNetOptions { Height = 4, Width = 4, Channels = 1, Classes = 2, Patch = 1, Widths = [16], Heads = 0 };
        UNet network = Make(options);
        Tensor images = Tensor.Create<float>([16, 4, 4, 1], x => { for (int i = 0; i < x.Length; i++) x[i] = (i % 4 < 2) == (i / 16 % 2 == 0) ? 0.8f : -0.8f; });
        var batch = new Batch([images, Tensor.From([.. Enumerable.Range(0, 16).Select(i => i % 2)])], []);
        var step = new TrainStep(new FlowMatching(network), new AdamW(0.005), new StepOptions { Seed = 1 });
        for (int i = 0; i < 400; i++) step.Run(batch, i);
        float[] drawn = new FlowSampler(network, 20, guidance: 1).Draw(8, new() { Classes = [0, 1, 0, 1, 0, 1, 0, 1] }).ToArray<float>();
        int right = Enumerable.Range(0, drawn.Length).Count(i => (drawn[i] > 0) == ((i % 4 < 2) == (i / 16 % 2 == 0)));
        Assert.InRange(right, 0.97 * drawn.Length, drawn.Length);
    }

    [Fact]
    public void OptionsThatMakeNoSenseAreRefused()
    {
        foreach (UNetOptions bad in (UNetOptions[])
        [
            s_options with { Height = 0 }, s_options with { Width = 5_000 }, s_options with { Channels = 0 }, s_options with { Classes = -1 }, s_options with { Patch = 0 },
            s_options with { Patch = 3 }, s_options with { Widths = [] }, s_options with { Widths = [0] }, s_options with { Blocks = 0 }, s_options with { Heads = 3 },
            s_options with { Dropout = 1 }, s_options with { Dropout = double.NaN }, s_options with { Widths = [.. Enumerable.Repeat(8, 9)] },
        ])
            Assert.Throws<ArgumentOutOfRangeException>(() => new UNet(bad));
        Assert.Contains("takes images", Assert.Throws<TensorException>(() => Make(s_options).Forward(Inputs(s_options with { Height = 9 }))).Message);
    }
}
