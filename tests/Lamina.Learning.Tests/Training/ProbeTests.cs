using Lamina.Learning.Data;
using Lamina.Learning.Layers;
using Lamina.Learning.Losses;
using Lamina.Learning.Modules;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Probes;
using Lamina.Learning.Training;
using Lamina.Tensors;
using Lamina.Tensors.Graphs;
using Xunit;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Tests.Training;

/// <summary>What can be seen of a step, and that looking changes nothing.</summary>
public class ProbeTests
{
    private static readonly Batch s_batch = new(Tensor.Create<float>([8, 3], x => { for (int i = 0; i < x.Length; i++) x[i] = MathF.Sin(i); }),
        Tensor.Create<float>([8, 2], x => { for (int i = 0; i < x.Length; i++) x[i] = MathF.Cos(i); }));

    private static Sequential Network()
    {
        var network = new Sequential(new Linear(5), new Relu(), new Linear(2));
        network.Build([3]);
        network.Initialize(4);
        return network;
    }

    [Fact]
    public void Statistics_are_those_of_the_tensors_and_the_bits_of_training_stay()
    {
        Sequential probed = Network(), plain = Network();
        var with = new TrainStep(probed, new MeanSquaredError(), new Sgd(0.1));
        var without = new TrainStep(plain, new MeanSquaredError(), new Sgd(0.1));
        with.Watch([.. Probe.All, Probe.Norm(ProbeTarget.Update), Probe.Saturation(ProbeTarget.Activation, "1", 0.5)]);
        for (int step = 0; step < 4; step++)
        {
            Tensor relu = probed[1].Forward(probed[0].Forward(s_batch.Input));
            float[] before = ((Linear)probed[2]).Weight.Value.ToArray<float>();
            (StepResult result, IReadOnlyList<ProbeValue> values) = with.RunProbed(s_batch, step);
            Assert.Equal(without.Run(s_batch, step).Loss.Item(), result.Loss.Item());

            float[] x = relu.ToArray<float>();
            Assert.Equal(x.Average(), Of("1", ProbeTarget.Activation, "mean"), 1e-5);
            Assert.Equal(x.Count(v => v == 0) / (double)x.Length, Of("1", ProbeTarget.Activation, "zeros"), 1e-6);
            Assert.Equal(x.Count(v => v > 0.5f) / (double)x.Length, Of("1", ProbeTarget.Activation, "saturation"), 1e-6);
            float[] after = ((Linear)probed[2]).Weight.Value.ToArray<float>();
            double moved = Math.Sqrt(after.Zip(before, (a, b) => Math.Pow(a - b, 2)).Sum()), size = Math.Sqrt(before.Sum(b => b * (double)b));
            Assert.Equal(moved, Of("2.weight", ProbeTarget.Update, "norm"), 1e-5);
            Assert.Equal(moved / size, Of("2.weight", ProbeTarget.Update, "ratio"), 1e-5);
            Assert.Equal(moved / 0.1, Of("2.weight", ProbeTarget.Gradient, "norm"), 1e-4);

            double Of(string path, ProbeTarget target, string name) => values.Single(v => v.Path == path && v.Target == target && v.Name == name).Value;
        }
        Assert.Equal(plain.Variables.SelectMany(v => v.Variable.Value.ToArray<float>()), probed.Variables.SelectMany(v => v.Variable.Value.ToArray<float>()));
    }

    [Fact]
    public void Every_call_of_a_step_knows_module_and_phase()
    {
        Sequential network = Network();
        Graph graph = new TrainStep(network, new MeanSquaredError(), new Adam(0.1)).Record(s_batch);
        Assert.Equal(Enum.GetValues<Phase>(), graph.Calls.Select(c => c.Origin.Phase).Distinct().Order());
        GraphCall[] products = [.. graph.Calls.Where(c => c.Op.Name == "matmul")];
        Assert.Equal([network[0], network[2]], products.Where(c => c.Origin.Phase == Phase.Forward).Select(c => c.Origin.Module));
        Assert.All(products.Where(c => c.Origin.Phase == Phase.Gradient), c => Assert.True(c.Origin.Module == network[0] || c.Origin.Module == network[2]));
        Assert.Contains(graph.Calls, c => c.Op.Name == "transpose"); // a view is a call
        Assert.Contains(graph.Calls, c => c.Origin is { Phase: Phase.Update, Module: Parameter });
        Assert.Equal(["output"], graph.Calls.Where(c => c.Origin.Module == network[1] && c.Port is not null && c.Origin.Phase == Phase.Forward).Select(c => c.Port!));
        Assert.Equal(4, graph.Updates.Count(u => u.Variable is Parameter));
        Assert.Equal(8 * (3 * 5 + 5 * 2), graph.Calls.Where(c => c.Origin.Phase == Phase.Forward).Sum(c => c.MultiplyAdds));
    }

    [Fact]
    public void A_profile_accounts_for_every_call_by_module_op_and_phase()
    {
        Sequential network = Network();
        var objective = new Lamina.Learning.Objectives.Supervised(network, new MeanSquaredError());
        StepProfile profile = StepProfile.Of(new TrainStep(objective, new Adam(0.1)), objective, s_batch, 3);
        foreach (IReadOnlyList<ProfileEntry> entries in (IReadOnlyList<ProfileEntry>[])[profile.ByModule, profile.ByOp, profile.ByPhase])
        {
            Assert.Equal(profile.Microseconds, entries.Sum(e => e.Microseconds), 1e-6 * profile.Microseconds);
            Assert.Equal(1, entries.Sum(e => e.Share), 1e-6);
            Assert.All(entries, e => Assert.Equal(e.Microseconds, e.Forward + e.Gradient + e.Update, 1e-6 * profile.Microseconds));
        }
        Assert.Equal(["forward", "gradient", "update"], profile.ByPhase.Select(e => e.Name).Order());
        Assert.Contains(profile.ByModule, e => e.Name == "[0]" && e.MultiplyAdds >= 8 * 3 * 5);
        Assert.Contains(profile.ByModule, e => e.Name == "[0]" && e is { Forward: > 0, Gradient: > 0, Update: > 0 });
        Assert.Contains(profile.ByOp, e => e.Name == "matmul" && e is { Forward: > 0, Gradient: > 0, Update: 0 });
        Assert.Equal(4 * (3 * 5 + 5 + 5 * 2 + 2), profile.Memory.Parameters);
        Assert.True(profile.Memory.OptimizerState >= 2 * profile.Memory.Parameters);
        Assert.Equal(4 * 8 * (3 + 2), profile.Memory.Batch);
        Assert.True(profile.PeakRate > 1e8);
    }

    [Fact]
    public void A_profile_ends_when_it_is_told_to()
    {
        Sequential network = Network();
        var objective = new Lamina.Learning.Objectives.Supervised(network, new MeanSquaredError());
        var step = new TrainStep(objective, new Adam(0.1));
        var done = new List<int>();
        StepProfile profile = StepProfile.Of(step, objective, s_batch, 100, runs => { done.Add(runs); return runs < 3; });
        Assert.Equal([1, 2, 3], done);
        Assert.All(profile.Calls, c => Assert.InRange(c.Microseconds, 0, 1e6));
        Assert.Throws<OperationCanceledException>(() => StepProfile.Of(step, objective, s_batch, 100, _ => throw new OperationCanceledException()));
        Assert.NotEmpty(StepProfile.Of(step, objective, s_batch, 1).Calls); // the step can be used again
        Assert.Throws<ArgumentOutOfRangeException>(() => step.Profile(s_batch, 0));
    }

    [Fact]
    public void A_composite_op_is_a_call_and_so_are_its_parts()
    {
        Graph graph = Graph.Record(x => x[0].GroupNorm(2, x[1], x[2]), [new(Lamina.Tensors.Shapes.DType.Float32, [2, 5, 4]), new(Lamina.Tensors.Shapes.DType.Float32, [4]), new(Lamina.Tensors.Shapes.DType.Float32, [4])]);
        GraphCall composite = graph.Calls.Single(c => c.IsComposite);
        Assert.Equal("group_norm", composite.Op.Name);
        Assert.Equal(graph.Results[0], composite.Outputs[0]);
        Assert.True(graph.Calls.Count(c => c.Composite == composite) > 2);
    }

    private sealed class Watching : TrainingObserver
    {
        public List<long> Steps { get; } = [];

        public List<ProbeValue> Values { get; } = [];

        public int Calls { get; private set; }

        public int Events { get; private set; }

        public override int Every => 3;

        public override IReadOnlyList<Probe> Begin(Graph graph)
        {
            Calls = graph.Calls.Count;
            return [Probe.Norm(ProbeTarget.Gradient, "*.weight")];
        }

        public override void OnProbed(long step, IReadOnlyList<ProbeValue> values)
        {
            Steps.Add(step);
            Values.AddRange(values);
        }

        public override void OnEvent(TrainingEvent e) => Events++;
    }

    [Fact]
    public void Observers_of_a_training_see_graph_values_and_events_and_change_nothing()
    {
        var loader = new DataLoader(new TensorDataset(s_batch.Input, s_batch.Target), BatchOptions.Training with { Size = 4 });
        Sequential watched = Network(), alone = Network();
        Watching one = new(), other = new();
        int events = 0;
        new Trainer(watched, new MeanSquaredError(), new Adam(0.1), new TrainerOptions { Epochs = 4 }, null, [one, other]).Fit(loader, events: _ => events++);
        new Trainer(alone, new MeanSquaredError(), new Adam(0.1), new TrainerOptions { Epochs = 4 }).Fit(loader);
        Assert.Equal([3L, 6], one.Steps);
        Assert.Equal(["0.weight", "2.weight", "0.weight", "2.weight"], one.Values.Select(v => v.Path));
        Assert.Equal(one.Values, other.Values);
        Assert.Equal(events, one.Events);
        Assert.True(one.Calls > 10);
        Assert.Equal(alone.Variables.SelectMany(v => v.Variable.Value.ToArray<float>()), watched.Variables.SelectMany(v => v.Variable.Value.ToArray<float>()));
    }

    [Fact]
    public void A_statistic_that_is_no_scalar_is_refused()
    {
        var step = new TrainStep(Network(), new MeanSquaredError(), new Sgd(0.1));
        step.Watch([new Probe("rows", "*", ProbeTarget.Activation, x => x.Value)]);
        Assert.Contains("'rows' made (8, 5) of 0, not a scalar", Assert.ThrowsAny<Exception>(() => step.RunProbed(s_batch, 0)).Message);
    }
}
