using Lamina.Learning.Data;
using Lamina.Learning.Layers;
using Lamina.Learning.Losses;
using Lamina.Learning.Modules;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Training;
using Lamina.Tensors;
using Lamina.Tensors.Plans;
using Lamina.Tensors.Shapes;
using Xunit;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Tests.Training;

/// <summary>What changes between two steps holds from the next step on, and weights depend on seed and path alone.</summary>
public sealed partial class StaleStepTests
{
    private static readonly Batch s_batch = new(Tensor.Create<float>([8, 3], x => { for (int i = 0; i < x.Length; i++) x[i] = MathF.Sin(i); }),
        Tensor.Create<float>([8, 2], x => { for (int i = 0; i < x.Length; i++) x[i] = MathF.Cos(i); }));

    private static float[] Values(Variable variable) => variable.Value.ToArray<float>();

    [Fact]
    public void Freezing_and_unfreezing_hold_from_the_next_step_on()
    {
        var network = new Sequential(new Linear(4), new Tanh(), new Linear(2));
        var step = new TrainStep(network, new MeanSquaredError(), new Adam(0.1));
        step.Run(s_batch, 0);
        Parameter first = ((Linear)network[0]).Weight, last = ((Linear)network[2]).Weight;
        float[] before = Values(first), other = Values(last);
        first.IsFrozen = true;
        step.Run(s_batch, 1);
        Assert.Equal(before, Values(first));
        Assert.NotEqual(other, Values(last));
        first.IsFrozen = false;
        step.Run(s_batch, 2);
        Assert.NotEqual(before, Values(first));
    }

    private sealed partial class Growing : Layer
    {
        public List<Layer> Layers { get; } = [new Linear(2)];

        protected override Tensor Compute(Tensor x, Pass pass)
        {
            foreach (Layer layer in Layers) x = layer.Forward(x, pass);
            return x;
        }
    }

    [Fact]
    public void A_layer_that_is_added_is_used_and_trained()
    {
        var network = new Growing();
        var step = new TrainStep(network, new MeanSquaredError(), new Sgd(0.1));
        step.Run(s_batch, 0);
        var added = new Linear(2);
        network.Layers.Add(added);
        double loss = step.Run(s_batch, 1).Loss.Item();
        float[] once = Values(added.Weight);
        Assert.Equal(2, network.Layers.Count);
        step.Run(s_batch, 2);
        Assert.NotEqual(once, Values(added.Weight));
        Assert.True(double.IsFinite(loss));
    }

    private sealed partial class Weighted : Loss
    {
        public double Beta { get; set; } = 1;

        public override Tensor Compute(Tensor prediction, Tensor target) => Beta * (prediction - target).Abs().Mean();
    }

    [Fact]
    public void A_field_of_a_loss_that_is_changed_holds_from_the_next_step_on()
    {
        var network = new Sequential(new Linear(2));
        network.Build([3]);
        network.Initialize(1);
        var loss = new Weighted();
        var step = new TrainStep(network, loss, new Sgd(1e-9));
        double one = step.Run(s_batch, 0).Loss.Item();
        loss.Beta = 4;
        Assert.Equal(4 * one, step.Run(s_batch, 1).Loss.Item(), 1e-4);
        loss.Beta = 1;
        Assert.Equal(one, step.Run(s_batch, 2).Loss.Item(), 1e-4);
    }

    [Fact]
    public void Recordings_are_kept_for_the_shapes_used_last()
    {
        var plan = new Plan(x => x[0] * 2 + 1);
        for (int length = 1; length <= 200; length++) plan.Run(Tensor.Ones([length, 1000]));
        Assert.InRange(plan.Recordings, 2, 16);
        Assert.Equal(3, plan.Run(Tensor.Ones([1, 1000]))[0][0][0].Item());
    }

    // The same seed gives the same weights, whatever was made or asked before.
    [Fact]
    public void Weights_depend_on_seed_and_path_alone()
    {
        static float[] Train(long seed, bool looksFirst)
        {
            var network = new Sequential(new Linear(4), new Tanh(), new Linear(2));
            if (looksFirst) network.Forward(s_batch.Input);
            new Trainer(network, new MeanSquaredError(), new Adam(0.01), new TrainerOptions { Epochs = 2, Seed = seed })
                .Fit(new DataLoader(new TensorDataset(s_batch.Input, s_batch.Target), BatchOptions.Training with { Size = 4 }));
            return [.. network.Variables.SelectMany(v => Values(v.Variable))];
        }
        float[] first = Train(3, looksFirst: false);
        _ = new Linear(5, 5).Forward(Tensor.Ones([1, 5]));
        Assert.Equal(first, Train(3, looksFirst: true));
        Assert.NotEqual(first, Train(4, looksFirst: false));
    }

    [Fact]
    public void Weights_that_were_set_are_left()
    {
        var network = new Sequential(new Linear(2));
        network.Build([3]);
        Parameter weight = ((Linear)network[0]).Weight;
        weight.Value = Tensor.Full([3, 2], 0.5, DType.Float32);
        new TrainStep(network, new MeanSquaredError(), new Sgd(1e-12), new StepOptions { Seed = 9 }).Run(s_batch, 0);
        Assert.All(Values(weight), v => Assert.Equal(0.5f, v, 1e-6f));
    }

    [Fact]
    public void Inference_keeps_no_graph_and_evaluation_can_be_differentiated()
    {
        var network = new Sequential(new Linear(2));
        Assert.False(network.Forward(s_batch.Input).IsTracked);
        Assert.True(network.Forward(s_batch.Input, Pass.Evaluation).IsTracked);
    }

    private sealed partial class Cutting : Layer
    {
        public Linear Inner { get; } = new(2);

        protected override Tensor Compute(Tensor x, Pass pass) => Inner.Forward(x);
    }

    [Fact]
    public void A_pass_that_isnt_handed_on_is_refused()
    {
        string message = Assert.Throws<TensorException>(() => new TrainStep(new Cutting(), new MeanSquaredError(), new Sgd(0.1)).Run(s_batch, 0)).Message;
        Assert.Contains("Forward(x, pass)", message);
        Assert.Equal(2, new Cutting().Forward(s_batch.Input).Shape[1]);
    }
}
