using Lamina.Formats;
using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Learning.Saving;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using Xunit;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Tests.Saving;

public sealed class LoadWeightsTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"lamina-{Guid.NewGuid():N}.safetensors");

    public void Dispose() => File.Delete(_path);

    private static Sequential Network(int outputs, bool built = true)
    {
        var network = new Sequential(new Linear(4), new Relu(), new Linear(outputs));
        if (built) network.Build([3]);
        return network;
    }

    [Fact]
    public void APrefixAndNewNamesFindAPart()
    {
        Sequential whole = Network(2);
        Model.Save(_path, new Residual(whole, new Linear(2)).Built());
        Sequential part = Network(2, built: false);
        LoadReport report = Model.LoadWeights(part, _path, new LoadOptions { Prefix = "body." });
        Assert.True(report.IsWhole);
        Assert.Equal(["0.bias", "0.weight", "2.bias", "2.weight"], report.Loaded);
        Tensor x = Tensor.From([1f, 2f, 3f], [1, 3]);
        Assert.Equal(whole.Forward(x).ReadBytes().ToArray(), part.Forward(x).ReadBytes().ToArray());

        var last = new Linear(2);
        report = Model.LoadWeights(last, _path, new LoadOptions { Prefix = "body.", Rename = name => name.StartsWith("2.") ? name[2..] : null });
        Assert.Equal(["bias", "weight"], report.Loaded);
    }

    [Fact]
    public void WhatIsLeftOverIsReportedAndRefusedUnlessAllowed()
    {
        SafeTensors.Write(_path,
        [
            KeyValuePair.Create("0.weight", Tensor.Ones([3, 4])), KeyValuePair.Create("2.weight", Tensor.Ones([4, 9])),
            KeyValuePair.Create("2.bias", Tensor.Ones([2])), KeyValuePair.Create("head", Tensor.Ones([1])),
        ]);
        Sequential network = Network(2);
        byte[] before = network.Variables[0].Variable.Value.ReadBytes().ToArray();
        string message = Assert.Throws<FileFormatException>(() => Model.LoadWeights(network, _path, new LoadOptions { AllowMissing = true, AllowUnexpected = true })).Message;
        Assert.Contains("1 of another shape: 2.weight", message);
        Assert.Throws<FileFormatException>(() => Model.LoadWeights(network, _path, new LoadOptions { AllowMissing = true, AllowOtherShapes = true }));
        Assert.Throws<FileFormatException>(() => Model.LoadWeights(network, _path, new LoadOptions { AllowUnexpected = true, AllowOtherShapes = true }));
        Assert.Equal(before, network.Variables[0].Variable.Value.ReadBytes().ToArray());

        LoadReport report = Model.LoadWeights(network, _path, new LoadOptions { AllowMissing = true, AllowUnexpected = true, AllowOtherShapes = true });
        Assert.Equal(["0.weight", "2.bias"], report.Loaded);
        Assert.Equal(["0.bias"], report.Missing);
        Assert.Equal(["head"], report.Unexpected);
        Assert.Equal("2.weight", Assert.Single(report.OtherShapes).Path);
        Assert.Equal(1f, network.Variables[0].Variable.Value.Read<float>()[0]);
    }

    [Fact]
    public void HalfPrecisionIsWidened()
    {
        SafeTensors.Write(_path, [KeyValuePair.Create("weight", Tensor.From([0.5f, 2f], [2, 1]).Cast(DType.BFloat16)), KeyValuePair.Create("bias", Tensor.From([1f]).Cast(DType.Float16))]);
        foreach (bool built in new[] { false, true })
        {
            var network = new Linear(1);
            if (built) network.Build([2]);
            if (built) network.Initialize(1);
            Model.LoadWeights(network, _path);
            Assert.Equal(4f, network.Forward(Tensor.From([2f, 1f], [1, 2])).Item());
        }
    }

    [Fact]
    public void TwoNamesForOnePathAreRefused()
    {
        SafeTensors.Write(_path, [KeyValuePair.Create("a", Tensor.Ones([2])), KeyValuePair.Create("b", Tensor.Ones([2]))]);
        Assert.Contains("'bias' a second time", Assert.Throws<FileFormatException>(() => Model.LoadWeights(new Linear(2), _path, new LoadOptions { Rename = _ => "bias" })).Message);
    }
}

file static class Building
{
    public static Network Built(this Network network)
    {
        network.Build([3]);
        return network;
    }
}
