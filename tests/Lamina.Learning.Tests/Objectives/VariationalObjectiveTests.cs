using Lamina.Learning.Data;
using Lamina.Learning.Layers;
using Lamina.Learning.Losses;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Training;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Shapes;
using Xunit;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Tests.Objectives;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>The loss of a variational autoencoder beside its slow definition, its gradients, and what others got wrong with it.</summary>
public sealed partial class VariationalObjectiveTests
{
    private const int Count = 5, Width = 6, Code = 2;

    /// <summary>The smallest variational autoencoder: one layer each way.</summary>
    internal sealed partial class Coder(int width, int code) : Network, IVariational
    {
        public Linear Encoder { get; } = new(2 * code);

        public Linear Decoder { get; } = new(width);

        public override IReadOnlyList<string> InputNames { get; } = ["x"];

        public override IReadOnlyList<string> OutputNames { get; } = ["logits"];

        public (Tensor Mean, Tensor LogVariance) Encode(Tensors inputs, Pass pass)
        {
            Tensor both = Encoder.Forward(inputs[0], pass);
            return (both.Narrow(-1, 0, code), both.Narrow(-1, code, code));
        }

        public Tensor Decode(Tensor code, Tensors conditions, Pass pass) => Decoder.Forward(code, pass);

        protected override Tensors Compute(Tensors inputs, Pass pass) => [Decode(Encode(inputs, pass).Mean, Tensors.Create([]), pass)];
    }

    private static readonly Batch s_batch = new(Tensors.Create([Tensor.Create<float>([Count, Width], x => { for (int i = 0; i < x.Length; i++) x[i] = i * 7 % 11 / 10f; })]),
        Tensors.Create([]));

    private static Coder Make(bool isDouble = false)
    {
        var network = new Coder(Width, Code);
        network.Build(new Spec(DType.Float32, [Width]));
        network.Initialize(2);
        if (!isDouble) return network;
        var other = new Coder(Width, Code);
        foreach ((NamedVariable from, NamedVariable to) in network.Variables.Zip(other.Variables))
        {
            var variable = (ModuleVariable)to.Variable;
            variable.Ensure(from.Variable.Value.Shape);
            variable.Value = from.Variable.Value.Cast(DType.Float64);
        }
        return other;
    }

    // In double precision, element by element, from what the network says.
    private static (double Reconstruction, double Divergence) Slow(Coder network, int example, Pass pass, Tensor noise)
    {
        (Tensor mean, Tensor logVariance) = network.Encode(s_batch.Inputs, Pass.Evaluation);
        var code = new float[Count * Code];
        for (int i = 0; i < code.Length; i++) code[i] = (float)(mean.Element(i) + Math.Exp(0.5 * logVariance.Element(i)) * noise.Element(i));
        Tensor logits = network.Decode(Tensor.From(code, [Count, Code]), Tensors.Create([]), Pass.Evaluation);
        double reconstruction = 0, divergence = 0;
        for (int i = example * Width; i < (example + 1) * Width; i++)
        {
            double p = 1 / (1 + Math.Exp(-logits.Element(i))), t = s_batch.Input.Element(i);
            reconstruction -= t * Math.Log(p) + (1 - t) * Math.Log(1 - p);
        }
        for (int i = example * Code; i < (example + 1) * Code; i++)
        {
            double variance = Math.Exp(logVariance.Element(i)), m = mean.Element(i);
            divergence += 0.5 * (variance + m * m - 1 - Math.Log(variance));
        }
        return (reconstruction, divergence);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0.25)]
    [InlineData(4)]
    public void TheLossIsThatOfThePaper(double beta)
    {
        Coder network = Make();
        ObjectiveResult result = new VariationalObjective(network, beta: beta).Compute(s_batch, Pass.Training(3, 8));
        Tensor noise = Tensor.RandomNormal([Count, Code], Tensor.From(3L, 8L), 0);
        var each = Enumerable.Range(0, Count).Select(i => Slow(network, i, Pass.Evaluation, noise)).ToArray();
        Assert.Equal(each.Average(e => e.Reconstruction), result.Parts![0].Item(), 1e-5);
        Assert.Equal(each.Average(e => e.Divergence), result.Parts![1].Item(), 1e-5);
        Assert.Equal(each.Average(e => e.Reconstruction + beta * e.Divergence), result.Loss.Item(), 1e-4);
    }

    [Fact]
    public void ExamplesCountByTheirWeights()
    {
        Coder network = Make();
        float[] weights = [1, 0, 3, 0.5f, 2];
        var batch = new Batch(s_batch.Inputs, s_batch.Targets, Tensor.From(weights));
        ObjectiveResult result = new VariationalObjective(network).Compute(batch, Pass.Training(3, 8));
        Tensor noise = Tensor.RandomNormal([Count, Code], Tensor.From(3L, 8L), 0);
        double sum = Enumerable.Range(0, Count).Sum(i => weights[i] * (Slow(network, i, Pass.Evaluation, noise) is var e ? e.Reconstruction + e.Divergence : 0));
        Assert.Equal(6.5, result.Weight!.Item(), 1e-6);
        Assert.Equal(sum, result.Sum!.Item(), 1e-4);
        Assert.Equal(sum / 6.5, result.Loss.Item(), 1e-5);
        var none = new Batch(s_batch.Inputs, s_batch.Targets, Tensor.Zeros([Count]));
        Assert.Equal(0, new VariationalObjective(network).Compute(none, Pass.Training(3, 8)).Loss.Item());
    }

    // The integral of q ln(q/p) over a fine grid, for one number of the code.
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1.5, 0)]
    [InlineData(-0.7, -3)]
    [InlineData(0.2, 1.2)]
    public void TheDivergenceIsItsIntegral(double mean, double logVariance)
    {
        double deviation = Math.Exp(logVariance / 2), sum = 0;
        const int Points = 40_000;
        for (int i = 0; i < Points; i++)
        {
            double z = -12 + 24 * (i + 0.5) / Points, x = mean + deviation * z;
            sum += Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI) * (x * x - z * z - logVariance) / 2 * 24 / Points;
        }
        Assert.Equal(sum, VariationalObjective.Divergence(Tensor.From([mean], [1, 1]), Tensor.From([logVariance], [1, 1])).Item(), 1e-9);
    }

    // Through the draw too: a draw that cuts the graph leaves the encoder with the divergence's gradient alone.
    [Fact]
    public void GradientsAreCentralDifferences()
    {
        Coder network = Make(isDouble: true);
        var objective = new VariationalObjective(network);
        var batch = new Batch(Tensors.Create([s_batch.Input.Cast(DType.Float64)]), Tensors.Create([]));
        GradientSet gradients = Gradient.Of(objective.Compute(batch, Pass.Training(1, 2)).Loss, network.Parameters);
        const double Step = 1e-5;
        foreach ((Variable parameter, Tensor gradient) in gradients)
        {
            double[] values = parameter.Value.ToArray<double>();
            for (int i = 0; i < values.Length; i++)
            {
                double At(double by)
                {
                    double[] moved = [.. values];
                    moved[i] += by;
                    parameter.Value = Tensor.From(moved, parameter.Spec.Shape);
                    return objective.Compute(batch, Pass.Training(1, 2)).Loss.Item();
                }
                Assert.Equal((At(Step) - At(-Step)) / (2 * Step), gradient.Element(i), 1e-7);
            }
            parameter.Value = Tensor.From(values, parameter.Spec.Shape);
        }
    }

    [Fact]
    public void EvaluationGivesTheSameFigureTwiceAndTrainingAnotherEachStep()
    {
        Coder network = Make();
        var objective = new VariationalObjective(network);
        double Loss(Pass pass) => objective.Compute(s_batch, pass).Loss.Item();
        Assert.Equal(Loss(Pass.Evaluation), Loss(Pass.Evaluation));
        Assert.Equal(Loss(Pass.Training(1, 5)), Loss(Pass.Training(1, 5)));
        Assert.NotEqual(Loss(Pass.Training(1, 5)), Loss(Pass.Training(1, 6)));
        Assert.NotEqual(Loss(Pass.Training(1, 5)), Loss(Pass.Training(2, 5)));
        var loader = new DataLoader(new TensorDataset(s_batch.Inputs, s_batch.Targets, null), BatchOptions.Evaluation with { Size = 2 });
        Scores first = new Evaluator(objective).Run(loader, []), second = new Evaluator(objective).Run(loader, []);
        Assert.Equal(first.Loss, second.Loss);
        Assert.Equal(first.Loss, first["reconstruction"] + first["divergence"], 1e-4);
    }

    [Fact]
    public void StepsDependOnSeedAndNumberAloneAndAllocateNothing()
    {
        Coder straight = Make(), broken = Make();
        Train(straight, 0, 6);
        Train(broken, 0, 3);
        Train(broken, 3, 6);
        Assert.Equal(Values(straight), Values(broken));
        var step = new TrainStep(new VariationalObjective(Make()), new Sgd(0.01));
        for (int i = 0; i < 3; i++) step.Run(s_batch, i);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 3; i < 10; i++) step.Run(s_batch, i);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        StepResult result = step.Run(s_batch, 10);
        Assert.Equal(result.Loss.Item(), result.Parts[0].Item() + result.Parts[1].Item(), 1e-5);
        Assert.Equal(new Shape(Count, Width), result.Prediction.Shape);
    }

    // A sum over pixels beside a mean over the code, or the other way round, and the code says nothing.
    [Fact]
    public void TheCodeOfATrainedNetworkSaysWhatTheExampleIs()
    {
        // Four kinds of examples that are told apart by two numbers.
        Tensor x = Tensor.Create<float>([64, Width], v => { for (int i = 0; i < v.Length; i++) v[i] = (i / Width % 4 & (i % 2 + 1)) != 0 ? 0.95f : 0.05f; });
        var network = new Coder(Width, Code);
        var epochs = new List<EpochDone>();
        new Trainer(new VariationalObjective(network), new Adam(0.03), new TrainerOptions { Epochs = 60, Seed = 1 })
            .Fit(new DataLoader(new TensorDataset(Tensors.Create([x]), Tensors.Create([]), null), BatchOptions.Training with { Size = 16 }), null, e => { if (e is EpochDone done) epochs.Add(done); });
        Scores last = epochs[^1].Training;
        Assert.InRange(last["divergence"], 1, 8);
        Assert.True(last["reconstruction"] < 0.7 * epochs[0].Training["reconstruction"], $"{last["reconstruction"]} of {epochs[0].Training["reconstruction"]}");
        Assert.Equal(last.Loss, last["reconstruction"] + last["divergence"], 1e-3);
    }

    [Fact]
    public void WhatCannotBeIsRefused()
    {
        Assert.Throws<ArgumentException>(() => new VariationalObjective(new Sequential(new Linear(1))));
        Assert.Throws<ArgumentOutOfRangeException>(() => new VariationalObjective(Make(), beta: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new VariationalObjective(Make(), beta: double.NaN));
    }

    private static void Train(Coder network, int from, int to)
    {
        var step = new TrainStep(new VariationalObjective(network), new Sgd(0.01), new StepOptions { Seed = 4 });
        for (int i = from; i < to; i++) step.Run(s_batch, i);
    }

    private static float[] Values(Module module) => [.. module.Variables.SelectMany(v => v.Variable.Value.ToArray<float>())];
}
