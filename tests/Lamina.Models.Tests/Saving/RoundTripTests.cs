using System.Text.Json;
using Lamina.Formats;
using Lamina.Learning.Initializers;
using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Learning.Saving;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Models.Tests.Saving;

/// <summary>Every layer and model goes to a file and comes back with the same bits.</summary>
public sealed class RoundTripTests
{
    private static readonly Spec s_rows = new(DType.Float32, [6]), s_steps = new(DType.Float32, [8, 4]), s_images = new(DType.Float32, [8, 8, 4]), s_tokens = new(DType.Int64, [5]);

    private static readonly UNetOptions s_unet = new() { Height = 7, Width = 8, Channels = 3, Classes = 4, Patch = 1, Widths = [4, 6], Heads = 2, Dropout = 0.25 };

    private static readonly VaeOptions s_vae = new() { Height = 7, Width = 8, Channels = 3, Classes = 4, Filters = [4, 6], Hidden = [10], Code = 3 };

    private static readonly DcganOptions s_dcgan = new() { Height = 7, Width = 8, Channels = 3, Classes = 4, Noise = 5, Filters = [4, 6] };

    // Two examples of values between −1 and 1.
    private static Tensor Drawn(params int[] shape) => Tensor.Create<float>([2, .. shape], values => { for (int i = 0; i < values.Length; i++) values[i] = MathF.Sin(i); });

    // Two targets, a covariate and something known ahead: (window and horizon, channels).
    private static readonly SeriesShape s_series = new() { Window = 6, Horizon = 2, Targets = 2, Covariates = 1, Known = 1 };

    private static readonly Spec s_window = new(DType.Float32, [8, 4]);

    private static readonly GptOptions s_gpt = new() { Vocabulary = 11, Context = 6, Layers = 2, Heads = 2, Width = 8 };

    private static readonly SequenceTaggerOptions s_tagger = new() { Labels = 3, Vocabulary = 11, Features = 2, Width = 4, Hidden = 5, Window = 3, SecondWindow = 5, Members = 2,
        Dropout = 0.4 };

    // Options that aren't the defaults, so that none is lost without a difference.
    private static readonly (Func<Layer> Make, Spec Example)[] s_rowsOf =
    [
        (() => new AvgPool1d(3, 2, 1, countPadding: false), s_steps),
        (() => new AvgPool1d(2), s_steps),
        (() => new AvgPool2d((3, 2), (2, 1), Padding.Of(1, 0, 1, 1), countPadding: false), s_images),
        (() => new MaxPool1d(3, 1, Padding.Same), s_steps),
        (() => new MaxPool1d(3, 1, Padding.Causal), s_steps),
        (() => new MaxPool2d((2, 3), 1, Padding.Same), s_images),
        (() => new BatchNorm(0.3, 0.5), s_images),
        (() => new Conv1d(6, 3, 2, Padding.Of(2, 1), 2, 2, bias: false), s_steps),
        (() => new Conv1d(6, 3, padding: Padding.Causal), s_steps),
        (() => new Conv2d(4, (3, 1), (1, 2), Padding.Of(1, 2, 0, 1), (2, 1), 2, bias: false), s_images),
        (() => new Conv2d(4, 3, padding: Padding.Same), s_images),
        (() => new ConvTranspose1d(6, 3, 2, 1, 1, 2, 2, bias: false), s_steps),
        (() => new ConvTranspose2d(4, (3, 2), (2, 1), Padding.Of(1, 0, 0, 1), (1, 0), (2, 1), 2, bias: false), s_images),
        (() => new DenseBlock(2, 3, 2, 0.25), s_images),
        (() => new DenseBlock(2, 3, bottleneck: 0), s_images),
        (() => new DepthwiseSeparableConv2d(5, (3, 1), (1, 2), Padding.Of(1, 2, 0, 1), (2, 1), 2, bias: false), s_images),
        (() => new Dropout(0.25), s_rows),
        (() => new Embedding(11, 3), s_tokens),
        (() => new Flatten(), s_images),
        (() => new Gelu(approximate: true), s_rows),
        (() => new Gelu(), s_rows),
        (() => new GlobalAveragePool(), s_images),
        (() => new GroupNorm(2, 0.25), s_images),
        (() => new Gru(3), s_steps),
        (() => new Highway(new Sequential(new Linear(6), new Relu()), -1), s_rows),
        (() => new InstanceNorm(0.25), s_images),
        (() => new InstanceNorm(affine: false), s_images),
        (() => new LayerNorm(0.25, 6), s_rows),
        (() => new LayerNorm(), s_rows),
        (() => new LeakyRelu(0.3), s_rows),
        (() => new Linear(3, bias: false), s_rows),
        (() => new Linear(6, 3), s_rows),
        (() => new Lstm(3, forgetBias: 2), s_steps),
        (() => new MultiHeadAttention(4, 2, causal: true, bias: false), s_steps),
        (() => new MultiHeadAttention(4, 4), s_steps),
        (() => new MultiHeadAttention(4, 2, keyValueHeads: 1, window: 3, rotary: new RotaryEmbedding(500)), s_steps),
        (() => new SwiGlu(4, 6, bias: true), s_steps),
        (() => new RotaryEmbedding(500), new(DType.Float32, [5, 2, 4])),
        (() => new Llama(new LlamaOptions { Vocabulary = 11, Context = 6, Layers = 2, Heads = 2, KeyValueHeads = 1, Width = 8, Hidden = 12, Window = 3,
            RotaryBase = 500, Tied = true, Dropout = 0.25 }), s_tokens),
        (() => new LlamaBlock(new LlamaOptions { Vocabulary = 11, Context = 9, Heads = 2, KeyValueHeads = 2, Width = 4, Hidden = 12 }), s_steps),
        (() => new RecurrentLanguageModel(new RecurrentLanguageModelOptions { Vocabulary = 11, Cell = RecurrentCell.Gru, Layers = 3, Width = 8, Dropout = 0.25 }),
            s_tokens),
        (() => new PixelShuffle(2), s_images),
        (() => new RecurrentStack(RecurrentCell.Lstm, 3, 2, bidirectional: true, dropout: 0.25), s_steps),
        (() => new RecurrentStack(RecurrentCell.Gru, 3), s_steps),
        (() => new Relu(), s_rows),
        (() => new ReshapeTo(2, -1), s_rows),
        (() => new Residual(new Sequential(new Linear(4), new Tanh()), new Linear(4, bias: false)), s_rows),
        (() => new Residual(new Linear(6)), s_rows),
        (() => new RmsNorm(0.25, 6), s_rows),
        (() => new Rnn(3), s_steps),
        (() => new Sequential(new Linear(5), new Relu(), new Sequential { new Linear(2) }), s_rows),
        (() => new Sequential(), s_rows),
        (() => new Sigmoid(), s_rows),
        (() => new Silu(), s_rows),
        (() => new Softmax(), s_rows),
        (() => new SpectralNorm(new Linear(3), 2), s_rows),
        (() => new SqueezeExcitation(4, 2), s_images),
        (() => new StochasticDepth(0.4), s_rows),
        (() => new Softplus(), s_rows),
        (() => new Tanh(), s_rows),
        (() => new Upsample((2, 3), UpsampleMode.Bilinear), s_images),
        (() => new WeightNorm(new Conv2d(3, 3, bias: false)), s_images),
        (() => new ConvNet(new ConvNetOptions { Classes = 3, Widths = [4, 8], Hidden = 0 }), s_images),
        (() => new ConvNet(new ConvNetOptions { Classes = 3, Widths = [4], Hidden = 5, Dropout = 0.5 }), s_images),
        (() => new ConvNet(new ConvNetOptions { Classes = 3, Widths = [4, 8], Depths = [2, 1], Hidden = 0 }), s_images),
        (() => new ConvStage(5), s_images),
        (() => new ConvStage(5, 3), s_images),
        (() => new Gpt(s_gpt), s_tokens),
        (() => new GptBlock(s_gpt), new Spec(DType.Float32, [5, 8])),
        (() => new Mlp(3, 7, 5), s_rows),
        (() => new Mlp(2), s_rows),
        (() => new PaddedShortcut(7, 3), s_images),
        (() => new ResNet(new ResNetOptions { Classes = 3, Blocks = 2, Widths = [4, 8] }), s_images),
        (() => new ResNet(new ResNetOptions
        {
            Classes = 3, Depths = [1, 2], Widths = [4, 6], Bottleneck = true, Stem = ResNetStem.Large, Shortcut = ResNetShortcut.Padding, ZeroInitialized = true,
        }), s_images),
        (() => new TextClassifier(new TextClassifierOptions { Classes = 3, Vocabulary = 20 }), s_tokens),
        (() => new TextClassifier(new TextClassifierOptions { Classes = 3, Vocabulary = 20, HasEvidence = false, Width = 4, Hidden = [5, 6], TokenDropout = 0.3, Dropout = 0.2 }), s_tokens),
        (() => new TabularNet(new TabularNetOptions { Outputs = 3, Numbers = 6, Edges = [[-1, 0, 1.5f], [], [0, 1], [], [], []], Hidden = [5], Dropout = 0.3, Members = 2 }), s_rows),
        (() => new Autoencoder(new AutoencoderOptions { Steps = 8, Channels = 4, Hidden = [6], Code = 2, HidesChannels = true, HiddenShare = 0.4 }), s_window),
        (() => new Autoencoder(new AutoencoderOptions { Steps = 8, Channels = 4, Kind = AutoencoderKind.Convolutional, Hidden = [5, 6], Code = 3, Limit = 0 }), s_window),
        (() => new DLinear(new DLinearOptions { Shape = s_series, Kernel = 3, Level = 2 }), s_window),
        (() => new PatchTst(new PatchTstOptions { Shape = s_series, Patch = 3, Stride = 2, Layers = 2, Heads = 2, Width = 4, Dense = 6, Dropout = 0.1 }), s_window),
        (() => new ConvForecast(new ConvForecastOptions { Shape = s_series, Widths = [4, 5], Kernel = 2, Dropout = 0.1 }), s_window),
        (() => new CovariateHead(s_series), s_window),
        (() => new PatchTstBlock(new PatchTstOptions { Shape = s_series, Width = 8, Dense = 5, Heads = 2 }), new Spec(DType.Float32, [5, 8])),
        (() => new TemporalConvNet(4, new TemporalConvNetOptions { Outputs = 2, Widths = [4, 6], Kernel = 2, Dropout = 0.1 }), s_steps),
        (() => new WideAndDeep(new TabularNetOptions { Outputs = 2, Numbers = 6, Hidden = [5], Members = 2 }, 1), s_rows),
        (() => new SinusoidalPositions(), s_steps),
        (() => new TransformerBlock(4, 2, 6, causal: true, dropout: 0.25), s_steps),
        (() => new MatrixFactorization(new MatrixFactorizationOptions { Items = 5, Length = 3, Users = 4, Width = 4, Dropout = 0.4 }), new(DType.Float32, [8])),
        (() => new SequenceTagger(s_tagger), new(DType.Int64, [5, 2])),
        (() => new TaggerMember(s_tagger), new(DType.Int64, [5, 2])),
        (() => new SoundNet(new SoundNetOptions { Classes = 3, Widths = [4, 8], Hidden = 6, Recurrent = 5, Dropout = 0.4 }), new(DType.Float32, [16, 8, 1])),
        (() => new SoundStage(5, 2), s_images),
        (() => new UNetAttention(4, 2), s_images),
    ];

    private static readonly Tensor[] s_series3 =
        [Tensor.From([.. Enumerable.Range(0, 48).Select(i => MathF.Sin(i))], (3, 8, 2)), Tensor.From([.. Enumerable.Range(0, 24).Select(i => i % 8 < 6 ? 1f : 0)], (3, 8))];

    // Those of several inputs.
    private static readonly (Func<Network> Make, Tensor[] Inputs)[] s_networksOf =
    [
        (() => new RecurrentClassifier(new RecurrentClassifierOptions { Classes = 3, Cell = RecurrentCell.Lstm, Hidden = 5, Layers = 1, Bidirectional = false,
            Dropout = 0.4 }), s_series3),
        (() => new SeriesConvNet(new SeriesConvNetOptions { Classes = 3, Widths = [4, 6], Kernels = [5, 3], Dropout = 0.4 }), s_series3),
        (() => new TransformerTranslator(new TranslatorOptions { Vocabulary = 11, EncoderLayers = 1, DecoderLayers = 2, Heads = 2, Width = 8, Hidden = 12, Dropout = 0.25 }),
            [Tensor.From((int[])[3, 4, 0, 5, 6, 7], new Shape(2, 3)), Tensor.From((int[])[1, 4, 1, 5], new Shape(2, 2))]),
        (() => new UNet(s_unet), [Drawn(7, 8, 3), Tensor.From(0.25f, 0.75f), Tensor.From((int[])[3, 0])]),
        (() => new UNetBlock(6, isSame: false, dropout: 0.25), [Drawn(7, 8, 3), Drawn(5)]),
        (() => new Vae(s_vae), [Drawn(7, 8, 3), Tensor.From((int[])[3, 0])]),
        (() => new Vae(s_vae with { Classes = 0, Filters = [], Hidden = [] }), [Drawn(7, 8, 3)]),
        (() => new Dcgan(s_dcgan), [Drawn(5), Tensor.From((int[])[3, 0])]),
        (() => new DcganGenerator(s_dcgan), [Drawn(5), Tensor.From((int[])[3, 0])]),
        (() => new DcganDiscriminator(s_dcgan with { HasSpectralNorm = false }), [Drawn(7, 8, 3), Tensor.From((int[])[3, 0])]),
    ];

    public static TheoryData<int> Networks => [.. Enumerable.Range(0, s_networksOf.Length)];

    [Theory, MemberData(nameof(Networks))]
    public void NetworksOfSeveralInputsToo(int row)
    {
        (Func<Network> make, Tensor[] inputs) = s_networksOf[row];
        Network network = make();
        var x = Lamina.Tensors.Tensors.Create(inputs);
        network.Build(Specs.Create([.. inputs.Select(i => i.Spec with { Shape = i.Shape.Without(0) })]));
        network.Initialize(5);
        network.Forward(x, Pass.Training(1, 0));
        string path = Path.Combine(Path.GetTempPath(), $"lamina-{Guid.NewGuid():N}.safetensors");
        try
        {
            Model.Save(path, network);
            var again = Model.Load<Network>(path);
            Assert.IsType(network.GetType(), again);
            Assert.Equal(network.ToString(), again.ToString());
            Assert.Equal(network.Forward(x)[0].ReadBytes().ToArray(), again.Forward(x)[0].ReadBytes().ToArray());
            Assert.Equal(network.Forward(x, Pass.Training(2, 1))[0].ReadBytes().ToArray(), again.Forward(x, Pass.Training(2, 1))[0].ReadBytes().ToArray());
        }
        finally
        {
            File.Delete(path);
        }
    }

    public static TheoryData<int> Rows => [.. Enumerable.Range(0, s_rowsOf.Length)];

    [Theory, MemberData(nameof(Rows))]
    public void SameOptionsSameBits(int row)
    {
        (Func<Layer> make, Spec example) = s_rowsOf[row];
        Layer network = make();
        network.Build(example);
        network.Initialize(5);
        Tensor x = Input(example);
        // A training pass moves running values, which have to be saved too.
        network.Forward(x, Pass.Training(1, 0));
        string path = Path.Combine(Path.GetTempPath(), $"lamina-{Guid.NewGuid():N}.safetensors");
        try
        {
            Model.Save(path, network);
            var again = Model.Load<Layer>(path);
            Assert.IsType(network.GetType(), again);
            Assert.Equal(network.ToString(), again.ToString());
            Assert.Equal(network.Forward(x).ReadBytes().ToArray(), again.Forward(x).ReadBytes().ToArray());
            // Options that only training sees, such as a dropout's rate.
            Assert.Equal(network.Forward(x, Pass.Training(2, 1)).ReadBytes().ToArray(), again.Forward(x, Pass.Training(2, 1)).ReadBytes().ToArray());
            Assert.Equal(network.Forward(x).ReadBytes().ToArray(), again.Forward(x).ReadBytes().ToArray());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void NoLayerOrModelIsLeftOut()
    {
        Type[] all = [.. new[] { typeof(Network).Assembly, typeof(Mlp).Assembly }.SelectMany(a => a.GetTypes()).Where(t => t.IsSubclassOf(typeof(Network)) && !t.IsAbstract)];
        Assert.NotEmpty(all);
        string[] missing = [.. all.Except(s_rowsOf.Select(r => r.Make().GetType())).Except(s_networksOf.Select(r => r.Make().GetType())).Select(t => t.Name)];
        Assert.True(missing.Length == 0, $"no row saves {string.Join(", ", missing)}: a layer or model that can't be saved can't be opened elsewhere");
    }

    [Fact]
    public void NoOptionIsLeftOut()
    {
        string path = Path.Combine(Path.GetTempPath(), $"lamina-{Guid.NewGuid():N}.safetensors");
        foreach ((Func<Layer> make, Spec example) in s_rowsOf)
        {
            Layer network = make();
            network.Build(example);
            Model.Save(path, network);
            using JsonDocument json = JsonDocument.Parse(SafeTensors.Read(path).Metadata["lamina.model"]);
            string[] saved = [.. json.RootElement.GetProperty("network").GetProperty("options").EnumerateObject().Select(o => o.Name)];
            // Of some constructor all parameters but first values.
            Assert.Contains(network.GetType().GetConstructors(), c => c.GetParameters().Where(p => p.ParameterType != typeof(Initializer)).All(p => saved.Contains(p.Name)));
        }
        File.Delete(path);
    }

    private static Tensor Input(Spec example)
    {
        Shape shape = [3, .. example.Shape.Span.ToArray()];
        if (example.DType == DType.Int64) return Tensor.Create<long>(shape, values => { for (int i = 0; i < values.Length; i++) values[i] = i * 7 % 11; });
        var random = new RandomStream(3);
        return Tensor.Create<float>(shape, values => { foreach (ref float value in values) value = 2 * random.NextSingle() - 1; });
    }
}
