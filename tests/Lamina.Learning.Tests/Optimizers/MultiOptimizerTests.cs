using Lamina.Learning.Layers;
using Lamina.Learning.Losses;
using Lamina.Learning.Modules;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Data;
using Lamina.Learning.Training;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using Xunit;

namespace Lamina.Learning.Tests.Optimizers;

/// <summary>Several optimisers, each for its part of a network.</summary>
public sealed class MultiOptimizerTests
{
    private static readonly Batch s_batch = new(
        Tensor.Create<float>([8, 3], x => { for (int i = 0; i < x.Length; i++) x[i] = MathF.Sin(i); }),
        Tensor.Create<float>([8, 2], x => { for (int i = 0; i < x.Length; i++) x[i] = MathF.Cos(i); }));

    private static Sequential Make()
    {
        var network = new Sequential(new Linear(5), new Tanh(), new Linear(2));
        network.Build([3]);
        network.Initialize(7);
        return network;
    }

    private static float[] Values(Module module, string prefix = "") =>
        [.. module.Variables.Where(v => v.Path.StartsWith(prefix, StringComparison.Ordinal)).SelectMany(v => v.Variable.Value.ToArray<float>())];

    private static void Train(Sequential network, Optimizer optimizer, int from, int to, double? rate = null)
    {
        var step = new TrainStep(network, new MeanSquaredError(), optimizer);
        for (int i = from; i < to; i++) step.Run(s_batch, i, rate);
    }

    [Fact]
    public void EachPartIsAsWithItsOptimizerAlone()
    {
        // The first step's gradients don't depend on who updates.
        Sequential both = Make(), adam = Make(), sgd = Make();
        Train(both, new MultiOptimizer(("0.*", new Adam(0.02)), ("*", new Sgd(0.3))), 0, 1);
        Train(adam, new Adam(0.02), 0, 1);
        Train(sgd, new Sgd(0.3), 0, 1);
        Assert.Equal(Values(adam, "0."), Values(both, "0."));
        Assert.Equal(Values(sgd, "2."), Values(both, "2."));
    }

    [Fact]
    public void AllOfOneKindIsThatOptimizer()
    {
        Sequential both = Make(), one = Make();
        Train(both, new MultiOptimizer(("0.*", new Adam(0.02)), ("2.*", new Adam(0.02))), 0, 6);
        Train(one, new Adam(0.02), 0, 6);
        Assert.Equal(Values(one), Values(both));
    }

    [Fact]
    public void ARateThatIsGivenChangesAllInProportion()
    {
        Sequential both = Make(), halves = Make();
        Train(both, new MultiOptimizer(("0.*", new Sgd(0.5)), ("2.*", new Sgd(0.25))), 0, 4, rate: 0.25);
        Train(halves, new MultiOptimizer(("0.*", new Sgd(0.25)), ("2.*", new Sgd(0.125))), 0, 4);
        Assert.Equal(Values(halves), Values(both));
    }

    [Fact]
    public void StateSavedAndRestoredGoesOnToTheSameBits()
    {
        MultiOptimizer New() => new(("0.*", new AdamW(0.02, weightDecay: 0.1)), ("2.*", new Sgd(0.1, momentum: 0.9)));
        Sequential through = Make(), first = Make(), second = Make();
        MultiOptimizer before = New(), after = New();
        Train(through, New(), 0, 6);
        Train(first, before, 0, 3);
        foreach (NamedVariable v in first.Variables) second.Variables.Single(o => o.Path == v.Path).Variable.Value = v.Variable.Value;
        Dictionary<string, Tensor> saved = before.Variables(first).ToDictionary(v => v.Path, v => v.Variable.Value.Keep());
        Assert.Contains("0.weight/square", saved.Keys);
        Assert.Contains("2.weight/momentum", saved.Keys);
        after.Restore(second, saved);
        Train(second, after, 3, 6);
        Assert.Equal(Values(through), Values(second));
        saved.Remove("2.weight/momentum");
        Assert.Contains("'2.weight/momentum'", Assert.Throws<TensorException>(() => New().Restore(second, saved)).Message);
    }

    [Fact]
    public void AReplayAllocatesNothing()
    {
        Sequential network = Make();
        var step = new TrainStep(network, new MeanSquaredError(), new MultiOptimizer(("0.*", new Adam(0.01)), ("*", new Sgd(0.1))));
        for (int i = 0; i < 3; i++) step.Run(s_batch, i);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 3; i < 10; i++) step.Run(s_batch, i);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void WhatFitsNothingIsRefused()
    {
        Sequential network = Make();
        Assert.Throws<ArgumentException>(() => new MultiOptimizer());
        Assert.Throws<ArgumentException>(() => new MultiOptimizer(("0.*", new Sgd(0)), ("2.*", new Sgd(0.1))));
        var adam = new Adam();
        Assert.Throws<ArgumentException>(() => new MultiOptimizer(("0.*", adam), ("2.*", adam)));
        Assert.Contains("2.weight", Assert.Throws<ArgumentException>(() => new MultiOptimizer(("0.*", new Adam())).Prepare(network)).Message);
        Assert.Contains("'head.*'", Assert.Throws<ArgumentException>(() => new MultiOptimizer(("*", new Adam()), ("head.*", new Sgd())).Prepare(network)).Message);
        Assert.Throws<InvalidOperationException>(() => new MultiOptimizer(("*", new Adam())).Prepare(network.Parameters));
    }
}
