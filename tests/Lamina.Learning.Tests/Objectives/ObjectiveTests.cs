using Lamina.Learning.Data;
using Lamina.Learning.Layers;
using Lamina.Learning.Losses;
using Lamina.Learning.Metrics;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Training;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using Xunit;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Tests.Objectives;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>Networks of several inputs and outputs, batches of several targets with weights, and objectives that aren't a loss of one of them.</summary>
public sealed partial class ObjectiveTests
{
    /// <summary>Adds two inputs' features, and says which is the larger.</summary>
    private sealed partial class TwoHeaded : Network
    {
        public Linear Left { get; } = new(4);

        public Linear Right { get; } = new(4);

        public Linear Sum { get; } = new(1);

        public Linear Larger { get; } = new(2);

        public override IReadOnlyList<string> InputNames { get; } = ["left", "right"];

        public override IReadOnlyList<string> OutputNames { get; } = ["sum", "larger"];

        protected override Tensors Compute(Tensors inputs, Pass pass)
        {
            Tensor hidden = Left.Forward(inputs[0], pass) + Right.Forward(inputs[1], pass);
            return [Sum.Forward(hidden, pass), Larger.Forward(hidden, pass)];
        }
    }

    private sealed partial class Both(TwoHeaded network) : Objective
    {
        public TwoHeaded Network { get; } = network;

        public MeanSquaredError Squares { get; } = new();

        public CrossEntropy Choice { get; } = new();

        public override Module Model => Network;

        public override void Build(Specs inputs) => Network.Build(inputs);

        public override ObjectiveResult Compute(Batch batch, Pass pass)
        {
            Tensors outputs = Network.Forward(batch.Inputs, pass);
            return new(Squares.Compute(outputs[0], batch.Targets[0]) + Choice.Compute(outputs[1], batch.Targets[1]), outputs);
        }

        public override (Tensor Prediction, Tensor Target) Compared(Tensors predictions, Batch batch) => (predictions[1], batch.Targets[1]);
    }

    private static TensorDataset Pairs(int count)
    {
        var random = new RandomStream(1);
        var (left, right, sum, larger) = (new float[count], new float[count], new float[count], new int[count]);
        for (int i = 0; i < count; i++)
        {
            (left[i], right[i]) = (random.NextSingle(), random.NextSingle());
            (sum[i], larger[i]) = (left[i] + right[i], left[i] > right[i] ? 0 : 1);
        }
        return new([Tensor.From(left, [count, 1]), Tensor.From(right, [count, 1])], [Tensor.From(sum, [count, 1]), Tensor.From(larger)], null);
    }

    [Fact]
    public void Several_inputs_and_targets_are_trained_measured_and_predicted()
    {
        var network = new TwoHeaded();
        var trainer = new Trainer(new Both(network), new Adam(0.05), new TrainerOptions { Epochs = 30, Monitor = "accuracy" }, [new Accuracy()]);
        var loader = new DataLoader(Pairs(256), BatchOptions.Training with { Size = 32 });
        var test = new DataLoader(Pairs(64), BatchOptions.Evaluation);
        trainer.Fit(loader, test);
        Scores scores = trainer.Evaluate(test);
        Assert.True(scores["accuracy"] > 0.95, $"accuracy {scores["accuracy"]}");
        Tensors outputs = trainer.Predict(new DataLoader(Pairs(10), BatchOptions.Evaluation with { Size = 3 }));
        Assert.Equal(["(10, 1)", "(10, 2)"], outputs.Specs.ToArray().Select(s => s.Shape.ToString()));
        Batch ten = Pairs(10).Take(Enumerable.Range(0, 10).ToArray());
        Assert.Equal(network.Forward(ten.Inputs)[0].ToArray<float>(), outputs[0].ToArray<float>(), (a, b) => Math.Abs(a - b) < 1e-5f);
    }

    [Fact]
    public void A_network_of_several_inputs_is_summarised_and_counted()
    {
        Summary summary = Summary.Of(new TwoHeaded(), [new(DType.Float32, [1]), new(DType.Float32, [3])]);
        Assert.Equal(["", "left", "right", "sum", "larger"], summary.Rows.Select(r => r.Path));
        Assert.Equal(2, summary.Rows[0].Inputs.Count);
        Assert.Equal(2, summary.Rows[0].Outputs.Count);
        Assert.Equal(8 + 16 + 5 + 10, summary.Parameters);
        Assert.Contains("takes 2 inputs (left, right), not 1", Assert.Throws<TensorException>(() => new TwoHeaded().Forward((Tensors)Tensor.Ones([1, 1]))).Message);
    }

    // A mean over weighted examples is the same whatever batches they are cut into, and weight 2 counts as twice the example.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Example_weights_count_the_same_at_every_batch_size(int size)
    {
        Tensor x = Tensor.From([1f, 2, 3, 4], [4, 1]), y = Tensor.From([0f, 0, 0, 0], [4, 1]);
        var identity = new Sequential(new Linear(1, 1));
        identity.Build([1]);
        foreach (NamedVariable v in identity.Variables) v.Variable.Value = Tensor.Full(v.Variable.Spec.Shape, v.Path.EndsWith("weight", StringComparison.Ordinal) ? 1 : 0, DType.Float32);
        var data = new TensorDataset(x, y, Tensor.From([1f, 0, 2, 0.5f]));
        Scores scores = new Evaluator(identity, new MeanSquaredError()).Run(new DataLoader(data, BatchOptions.Evaluation with { Size = size }), []);
        Assert.Equal((1 * 1 + 2 * 9 + 0.5 * 16) / 3.5, scores.Loss, 1e-5);
    }

    [Fact]
    public void A_batch_without_weight_changes_nothing()
    {
        var network = new Sequential(new Linear(1, 1));
        network.Initialize(1);
        float[] before = [.. network.Variables.SelectMany(v => v.Variable.Value.ToArray<float>())];
        StepResult result = new TrainStep(network, new MeanSquaredError(), new Sgd(0.1)).Run(new Batch(Tensor.Ones([2, 1]), Tensor.Zeros([2, 1]), Tensor.From([0f, 0])), 0);
        Assert.Equal((0, 0), (result.Loss.Item(), result.Weight.Item()));
        Assert.Equal(before, network.Variables.SelectMany(v => v.Variable.Value.ToArray<float>()));
    }

    [Fact]
    public void Weights_and_shapes_that_dont_fit_are_refused()
    {
        Assert.Contains("one float32 number for each example", Assert.Throws<TensorException>(() => new Batch(Tensor.Ones([2, 1]), Tensor.Ones([2, 1]), Tensor.Ones([3]))).Message);
        Assert.Contains("0 or more", Assert.Throws<TensorException>(() => new TensorDataset(Tensor.Ones([2, 1]), Tensor.Ones([2, 1]), Tensor.From([1f, -1]))).Message);
        Assert.Contains("the first axis of each", Assert.Throws<TensorException>(() => new Batch([Tensor.Ones([2, 1]), Tensor.Ones([3, 1])], Tensor.Ones([2, 1]))).Message);
    }
}
