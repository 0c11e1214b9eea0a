using Lamina.Learning.Data;
using Lamina.Learning.Layers;
using Lamina.Learning.Losses;
using Lamina.Learning.Modules;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Training;
using Lamina.Tensors;
using Xunit;

namespace Lamina.Learning.Tests.Training;

/// <summary>Frozen layers stay as they are, to the bit, until it is their turn.</summary>
public sealed class FreezingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lamina-freezing-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static DataLoader Training
    {
        get
        {
            var random = new RandomStream(3, 0);
            var (x, y) = (new float[160], new float[40]);
            for (int i = 0; i < x.Length; i++) x[i] = random.NextSingle();
            for (int i = 0; i < y.Length; i++) y[i] = x[4 * i] - x[4 * i + 1];
            return new DataLoader(new TensorDataset(Tensor.From(x, [40, 4]), Tensor.From(y, [40, 1])),
                BatchOptions.Training with { Size = 8, Ahead = 1 });
        }
    }

    // Three layers, the first two with a norm.
    private static Sequential Network()
    {
        var network = new Sequential(new Linear(6), new BatchNorm(), new Relu(), new Linear(5), new BatchNorm(), new Relu(), new Linear(1));
        network.Build([4]);
        network.Initialize(5);
        return network;
    }

    private static Trainer Make(Sequential network, Freezing? freezing, string? folder = null, int epochs = 4, Optimizer? optimizer = null) =>
        new(network, new MeanSquaredError(), optimizer ?? new Adam(0.02),
            new TrainerOptions { Epochs = epochs, Freezing = freezing, Folder = folder, CheckpointEvery = TimeSpan.Zero });

    private static Dictionary<string, float[]> Values(Module model) =>
        model.Variables.ToDictionary(v => v.Path, v => v.Variable.Value.ToArray<float>());

    private static string[] Changed(Dictionary<string, float[]> before, Module model) =>
        [.. Values(model).Where(v => !v.Value.SequenceEqual(before[v.Key])).Select(v => v.Key.Split('.')[^2]).Distinct()
            .Order(StringComparer.Ordinal)];

    [Fact]
    public void A_layer_is_a_weight_with_its_bias_and_its_norm()
    {
        FrozenLayer[] layers = [.. Freezing.LayersOf(Network())];
        Assert.Equal(3, layers.Length);
        Assert.Equal([4, 4, 2], layers.Select(l => l.Parameters.Count));
        Assert.EndsWith("0", layers[0].Path);
        Assert.Equal(2, Freezing.AllButHead.FrozenOf(Network()).Count);
    }

    [Theory]
    [InlineData(1, new[] { "3", "4", "6" })]
    [InlineData(2, new[] { "6" })]
    public void The_first_layers_keep_weights_and_statistics_and_the_others_learn(int first, string[] changed)
    {
        Sequential network = Network();
        Dictionary<string, float[]> before = Values(network);
        Make(network, new Freezing { First = first }).Fit(Training);
        Assert.Equal(changed, Changed(before, network));
        Assert.All(network.Parameters, p => Assert.False(p.IsFrozen)); // as it was before
        Assert.Equal(14 - 4, network.Parameters.Count());
    }

    [Fact]
    public void Patterns_name_layers_and_what_is_frozen_by_itself_stays_so()
    {
        Sequential network = Network();
        string first = Freezing.LayersOf(network)[0].Path;
        Freezing.LayersOf(network)[1].Parameters[0].IsFrozen = true;
        Dictionary<string, float[]> before = Values(network);
        Make(network, new Freezing { Patterns = [first] }).Fit(Training);
        Assert.Equal(["3", "4", "6"], Changed(before, network));
        Assert.Equal(before.Single(v => v.Key.EndsWith("3.weight")).Value, Values(network).Single(v => v.Key.EndsWith("3.weight")).Value);
        Assert.True(Freezing.LayersOf(network)[1].Parameters[0].IsFrozen);
        Assert.Single(network.Variables, v => v.Variable is Parameter { IsFrozen: true });
    }

    [Fact]
    public void Layers_are_set_free_from_the_head_down()
    {
        Sequential network = Network();
        var told = new List<LayersFrozen>();
        var changed = new List<string>();
        Dictionary<string, float[]> before = Values(network);
        Make(network, new Freezing { UnfreezeEvery = 2 }, epochs: 6).Fit(Training, events: e =>
        {
            if (e is LayersFrozen frozen) told.Add(frozen);
            if (e is EpochDone { Epoch: 2 or 4 or 6 }) changed.Add(string.Join(',', Changed(before, network)));
        });
        Assert.Equal([(1, 2), (3, 1), (5, 0)], told.Select(t => (t.Epoch, t.Layers.Count)));
        Assert.Null(told[0].Freed);
        Assert.EndsWith("[3]", told[1].Freed);
        Assert.Equal(["6", "3,4,6", "0,1,3,4,6"], changed);
    }

    // A layer that joins later has a state of its own that counts from then: its first step is as long as any first step.
    [Fact]
    public void A_layer_that_is_set_free_begins_as_an_optimiser_begins()
    {
        Sequential network = Network();
        var optimizer = new Adam(0.02);
        Make(network, new Freezing { UnfreezeEvery = 2 }, epochs: 3, optimizer: optimizer).Fit(Training);
        double Steps(string ending) => optimizer.Variables(network)
            .Single(v => v.Path.EndsWith(ending, StringComparison.Ordinal)).Variable.Value.Item();
        Assert.Equal((15, 5, 0), (Steps("6.weight/step"), Steps("3.weight/step"), Steps("0.weight/step")));
    }

    [Theory, InlineData(false), InlineData(true)]
    public void A_run_resumes_to_the_same_bits_wherever_it_stopped(bool isGradual)
    {
        var freezing = new Freezing { UnfreezeEvery = isGradual ? 1 : null };
        Sequential straight = Network();
        Make(straight, freezing, Path.Combine(_folder, "straight"), 3).Fit(Training);
        for (int stop = 1; stop < 15; stop += 3)
        {
            string folder = Path.Combine(_folder, $"stop-{stop}");
            Sequential first = Network(), second = Network();
            using var cancel = new CancellationTokenSource();
            Make(first, freezing, folder, 3).Fit(Training, events: e =>
            {
                if (e is StepDone step && step.Step == stop) cancel.Cancel();
            }, cancel: cancel.Token);
            Trainer resumed = Make(second, freezing, folder, 3);
            Assert.True(resumed.Resume(out IReadOnlyList<string> skipped));
            Assert.Empty(skipped);
            Assert.All(second.Variables, v => Assert.False(v.Variable is Parameter { IsFrozen: true }));
            resumed.Fit(Training);
            foreach ((string path, float[] values) in Values(straight)) Assert.Equal(values, Values(second)[path]);
        }
    }

    [Fact]
    public void What_makes_no_sense_is_refused_before_a_step()
    {
        Sequential network = Network();
        Dictionary<string, float[]> before = Values(network);
        Assert.Contains("nothing is left", Assert.Throws<ArgumentException>(() => Make(network, new Freezing { First = 3 }).Fit(Training)).Message);
        Assert.Contains("nothing is left", Assert.Throws<ArgumentException>(() => Make(network, new Freezing { Patterns = ["*"] })
            .Fit(Training)).Message);
        Assert.Contains("no layer", Assert.Throws<ArgumentException>(() => Make(network, new Freezing { Patterns = ["backbone"] })
            .Fit(Training)).Message);
        Assert.Throws<ArgumentException>(() => Make(network, new Freezing { First = 1, Patterns = ["*"] }));
        Assert.Throws<ArgumentException>(() => Make(network, new Freezing { Patterns = [] }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Make(network, new Freezing { First = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Make(network, new Freezing { UnfreezeEvery = 0 }));
        foreach ((string path, float[] values) in before) Assert.Equal(values, Values(network)[path]);
    }

    [Fact]
    public void A_frozen_norm_takes_its_running_statistics()
    {
        var norm = new BatchNorm();
        norm.Build([2]);
        Tensor x = Tensor.From(new float[,] { { 1, 5 }, { 3, 9 } });
        norm.Weight.IsFrozen = norm.Bias.IsFrozen = true;
        Assert.Equal(norm.Forward(x).ToArray<float>(), norm.Forward(x, Pass.Training(1, 1)).ToArray<float>());
        Assert.Equal([0, 0], norm.RunningMean.Value.ToArray<float>());
        norm.Bias.IsFrozen = false;
        Assert.NotEqual(norm.Forward(x).ToArray<float>(), norm.Forward(x, Pass.Training(1, 1)).ToArray<float>());
        Assert.NotEqual([0, 0], norm.RunningMean.Value.ToArray<float>());
    }
}
