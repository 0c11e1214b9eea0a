using Lamina.Formats;
using Lamina.Learning.Data;
using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Learning.Saving;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using Xunit;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Tests.Saving;

using Tensors = Lamina.Tensors.Tensors;

public sealed partial class ModelTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"lamina-{Guid.NewGuid():N}.safetensors");

    public void Dispose() => File.Delete(_path);

    private static Tensor X => Tensor.From([0.5f, -1f, 2f, 3f, -0.25f, 1f], [2, 3]);

    private T Again<T>(T network, ModelInfo? info = null) where T : Network
    {
        Model.Save(_path, network, info);
        return Model.Load<T>(_path);
    }

    [Fact]
    public void OptionsOfEveryKindComeBack()
    {
        var network = new Everything(
            new OwnOptions { Width = 3, Inner = new(double.NaN, Mode.Times) { Names = ["a", "b\"ü"] }, Table = { ["one"] = [1, 2], ["none"] = [] } },
            Mode.Times, null, [long.MaxValue, -1], [new(0.1), new(double.NegativeInfinity, Mode.Plus)], (2, 5), Padding.Of(1, 2, 3, 4), [4, 0, 7], 0.1f, null,
            new Linear(3), [new Tanh(), new Sequential(new Scale(0.3))], bias: false, 'ß', new DateOnly(2024, 2, 29)) { Beta = 1.5 };
        network.Build([3]);
        Everything again = Again(network);
        Assert.Equal(network.Told, again.Told);
        Assert.Equal(network.Forward(X).ReadBytes().ToArray(), again.Forward(X).ReadBytes().ToArray());
    }

    [Fact]
    public void AModuleInTwoPlacesIsStillOne()
    {
        var shared = new Linear(3);
        var network = new Sequential(shared, new Residual(shared, new Sequential(shared)), new Tanh());
        network.Build([3]);
        Sequential again = Again(network);
        Assert.Equal(2, again.Variables.Count);
        Assert.Same(again[0], ((Residual)again[1]).Body);
        Assert.Equal(network.Forward(X).ReadBytes().ToArray(), again.Forward(X).ReadBytes().ToArray());
    }

    [Fact]
    public void ANetworkOfSeveralInputsAndOutputsComesBack()
    {
        var network = new TwoInputs(4);
        network.Build(Specs.Create([new Spec(DType.Float32, [3]), new Spec(DType.Float32, [2])]));
        TwoInputs again = Again(network);
        Tensors x = [X, Tensor.From([1f, 2f, 3f, 4f], [2, 2])], y = network.Forward(x), z = again.Forward(x);
        for (int i = 0; i < 2; i++) Assert.Equal(y[i].ReadBytes().ToArray(), z[i].ReadBytes().ToArray());
        Assert.Equal(["left", "right"], Model.Open(_path).Info.Inputs.Select(i => i.Name));
    }

    [Fact]
    public void WhatIsKnownOfAModelComesBack()
    {
        var network = new Linear(2);
        network.Build([3]);
        Model.Save(_path, network, new ModelInfo
        {
            Task = "curve", Notes = new Dictionary<string, string> { ["data"] = "of May" },
            Inputs = [new InputInfo { Name = "x", Preprocessing = [new NumberColumns(["a", "b", "c"]), new NormalizeNumbers(new Normalization([1f, 2f, 3f], [0.5f, 1f, 2f])), new Halve(2)] }],
            Outputs = [new OutputInfo { Name = "y", Meaning = new Quantities(["u", "v"], ["m", "s"], [2f, 1f], [0f, 5f]) }],
        });
        ModelInfo info = Model.Open(_path).Info;
        Assert.Equal(("curve", "of May", 1, "x", "y"), (info.Task, info.Notes["data"], info.FormatVersion, info.Inputs[0].Name, info.Outputs[0].Name));
        Assert.Equal(new Shape(3), info.Inputs[0].Shape);
        Assert.Equal(new Normalization([1f, 2f, 3f], [0.5f, 1f, 2f]), ((NormalizeNumbers)info.Inputs[0].Preprocessing[1]).Scale);
        Assert.Equal(new Halve(2), info.Inputs[0].Preprocessing[2]);
        Assert.Equal(["m", "s"], ((Quantities)info.Outputs[0].Meaning!).Units);
        Assert.Matches(@"^\d+\.\d+\.\d+$", info.LibraryVersion);
    }

    [Fact]
    public void NamesAreThoseThatWereGiven()
    {
        Again(new Renamed(2));
        Assert.Contains("tests.old-name", SafeTensors.Read(_path).Metadata["lamina.model"]);
        Model.Register<Private>("tests.private");
        Again(new Private(3));
        Assert.Contains("tests.private", SafeTensors.Read(_path).Metadata["lamina.model"]);
        Assert.Contains("is Lamina.Learning.Layers.Linear's", Assert.Throws<ArgumentException>(() => Model.Register<Private>("Linear")).Message);
    }

    private sealed partial class Private(int times) : Layer
    {
        public int Times { get; } = times;

        protected override Tensor Compute(Tensor x, Pass pass) => x * (float)Times;
    }

    [Fact]
    public void WhatCannotBeSavedSaysWhy()
    {
        Assert.Contains("NotDescribed doesn't say what it is made of", Fails(new Sequential(new NotDescribed())));
        Assert.Contains("LAMINA005", Fails(new Function(x => x)));
        Assert.Contains("shape isn't known yet\n  try network.Build", Fails(new Linear(2)).Replace("; what was there before is untouched", ""));
        var growing = new Growing(1);
        growing.Layers.Add(new Linear(2));
        growing.Build([2]);
        Assert.Contains("'layers.1.weight' (2, 2) is not what its options make again", Fails(growing));
        Layer deep = new Relu();
        for (int i = 0; i < 100; i++) deep = new Sequential(deep);
        Assert.Contains("more than 64 deep", Fails(deep));
        Assert.False(File.Exists(_path));

        string Fails(Network network) => Assert.Throws<SaveException>(() => Model.Save(_path, network)).Message;
    }

    [Fact]
    public void WeightsAloneAreAnsweredWithWhatToDo()
    {
        SafeTensors.Write(_path, [KeyValuePair.Create("weight", Tensor.Zeros([2, 2]))]);
        string message = Assert.Throws<FileFormatException>(() => Model.Load(_path)).Message;
        Assert.Contains("weights alone", message);
        Assert.Contains("Model.LoadWeights", message);
    }

    [Theory]
    [InlineData("\"format\":1", "\"format\":2", "format version 2; this Lamina reads up to 1")]
    [InlineData("\"format\":1", "\"format\":0", "a format version from 1")]
    [InlineData("\"format\":1", "\"format\":\"1\"", "a whole number")]
    [InlineData("\"Linear\"", "\"Liner\"", "such as Linear")]
    [InlineData("\"Linear\"", "\"System.Diagnostics.Process\"", "that this program knows")]
    [InlineData("\"Linear\"", "\"NormalizeNumbers\"", "expected a Layer")]
    [InlineData("\"outputs\":3", "\"outputs\":0", "outputs must be 1 or more")]
    [InlineData("\"outputs\":3", "\"outputs\":99999999999", "a whole number (of type Int32)")]
    [InlineData("\"outputs\":3", "\"outputs\":3.5", "a whole number")]
    [InlineData("\"outputs\":3", "\"outputs\":4", "of another shape")]
    [InlineData("\"outputs\":3", "\"outputs\":3,\"outputs\":3", "no name comes twice")]
    [InlineData("\"outputs\":3,", "", "the option \"outputs\"")]
    [InlineData("\"bias\":true", "\"bias\":false", "1 unexpected: 0.bias")]
    [InlineData("\"bias\":true", "\"biass\":true", "found \"biass\"")]
    [InlineData("\"bias\":true", "\"bias\":null", "true or false")]
    [InlineData("\"shape\":[3]", "\"shape\":[7]", "shapes that fit the network")]
    [InlineData("\"shape\":[3]", "\"shape\":[-1]", "damaged")]
    [InlineData("\"type\":\"Float32\"", "\"type\":\"0\"", "one of Float32")]
    [InlineData("{\"type\":\"Relu\",\"options\":{}}", "{\"same\":17}", "the number of a module that comes before")]
    [InlineData("{\"type\":\"Relu\",\"options\":{}}", "{\"same\":0}", "the number of a module that comes before")]
    [InlineData("{\"type\":\"Relu\",\"options\":{}}", "null", "an object of options")]
    [InlineData("{\"type\":\"Relu\",\"options\":{}}", "{\"type\":\"\\ud800\"}", "half of a surrogate pair")]
    public void ADamagedDescriptionIsRefused(string from, string to, string says)
    {
        var network = new Sequential(new Linear(3), new Relu());
        network.Build([3]);
        Model.Save(_path, network);
        Rewrite(text => text.Contains(from) ? text.Replace(from, to) : throw new InvalidOperationException(text));
        Assert.Contains(says, Assert.Throws<FileFormatException>(() => Model.Load(_path)).Message);
    }

    [Fact]
    public void DepthIsBounded()
    {
        foreach (int depth in new[] { 65, 100_000 })
        {
            string network = string.Concat(Enumerable.Repeat("{\"type\":\"Sequential\",\"options\":{\"layers\":[", depth)) + string.Concat(Enumerable.Repeat("]}}", depth));
            SafeTensors.Write(_path, [], new Dictionary<string, string> { ["lamina.model"] = $"{{\"format\":1,\"library\":\"\",\"task\":\"\",\"inputs\":[],\"outputs\":[],\"notes\":{{}},\"network\":{network}}}" });
            Assert.Throws<FileFormatException>(() => Model.Load(_path));
        }
    }

    [Fact]
    public void EveryCutAndFlipIsAFaultOrANetwork()
    {
        var network = new Sequential(new Linear(3), new Relu());
        network.Build([3]);
        Model.Save(_path, network, ModelInfo.Of([new Halve(1)], new ClassLabels(["a", "b", "c"]), "t"));
        string whole = SafeTensors.Read(_path).Metadata["lamina.model"];
        var random = new Random(5);
        for (int i = 0; i < 400; i++)
        {
            char[] text = whole.ToCharArray();
            text[random.Next(text.Length)] = "{}[]\",:0-9xe\\"[random.Next(13)];
            string changed = i % 2 == 0 ? new(text) : whole[..random.Next(whole.Length)];
            Rewrite(_ => changed);
            try
            {
                Model.Load(_path);
            }
            catch (FileFormatException)
            {
            }
        }
    }

    private void Rewrite(Func<string, string> change)
    {
        SafeTensorsFile file = SafeTensors.Read(_path);
        SafeTensors.Write(_path, file.Tensors, new Dictionary<string, string> { ["lamina.model"] = change(file.Metadata["lamina.model"]) });
    }
}
