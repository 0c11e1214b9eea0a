using Lamina.Learning.Data;
using Lamina.Learning.Layers;
using Lamina.Learning.Losses;
using Lamina.Learning.Metrics;
using Lamina.Learning.Modules;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Training;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Xunit;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Tests.Losses;

/// <summary>Class weights: a mean over examples is the same however they are cut into batches.</summary>
public class WeightedLossTests
{
    private static readonly float s_ln3 = MathF.Log(3);

    // Logits 0, 0 three times and ln 3, 0; labels 0, 0, 0, 1.
    private static TensorDataset Data => new(Tensor.From([0f, 0, 0, 0, 0, 0, s_ln3, 0], [4, 2]), Tensor.From(0, 0, 0, 1));

    // A network that gives its input, so that losses are known: the weight is 1 at first.
    private static Sequential Identity()
    {
        var model = new Sequential(new Linear(2));
        model.Build([2]);
        model[0].Variables[0].Variable.Value = Tensor.From(new float[,] { { 1, 0 }, { 0, 1 } });
        return model;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void An_epochs_loss_does_not_depend_on_the_batch_size(int size)
    {
        double expected = 1.5 * Math.Log(2);
        var loader = new DataLoader(Data, BatchOptions.Evaluation with { Size = size });
        CrossEntropy loss = new(classWeights: [1, 3]);
        Scores evaluated = new Evaluator(Identity(), loss).Run(loader, [new Accuracy()]);
        Assert.Equal(expected, evaluated.Loss, 1e-6);
        Assert.Equal(0.75, evaluated["accuracy"]);

        var epochs = new List<EpochDone>();
        // A rate so small that nothing moves.
        new Trainer(Identity(), loss, new Sgd(1e-30), new TrainerOptions { Epochs = 1 }, [new Accuracy()])
            .Fit(loader, loader, e => { if (e is EpochDone done) epochs.Add(done); });
        Assert.Equal(expected, epochs[0].Training.Loss, 1e-6);
        Assert.Equal(expected, epochs[0].Validation!.Loss, 1e-6);
        Assert.Equal(0.75, epochs[0].Training["accuracy"]);
    }

    // Smoothing adds the terms of all classes, also where the label's own class weighs nothing.
    [Theory]
    [InlineData(0.0, 1.0, 0.0)]
    [InlineData(0.2, 0.0, 5.0)]
    [InlineData(0.1, 2e38, 3e38)]
    [InlineData(0.1, 1e-44, 3e-44)]
    public void Nor_does_it_with_weights_of_any_size(double smoothing, double first, double second)
    {
        CrossEntropy loss = new(smoothing, [first, second]);
        double[] losses = [.. Enumerable.Range(1, 4).Select(size => new Evaluator(Identity(), loss).Run(new DataLoader(Data, BatchOptions.Evaluation with { Size = size }), []).Loss)];
        Assert.All(losses, l => Assert.Equal(losses[3], l, 1e-6));
        Assert.True(double.IsFinite(losses[3]) && losses[3] > 0, $"{losses[3]}");
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.3)]
    public void A_batch_that_weighs_nothing_has_no_loss_and_no_gradients(double smoothing)
    {
        CrossEntropy loss = new(smoothing, [0, 1]);
        var logits = new Variable[] { new Parameter(Lamina.Learning.Initializers.Constant.One, [3, 2]) };
        Tensor value = loss.Compute(logits[0].Value, Tensor.From(0, 0, 0));
        Assert.Equal(0, value.Item());
        Assert.All(Gradient.Of(value, logits)[logits[0]].ToArray<float>(), g => Assert.Equal(0, g));
    }

    [Fact]
    public void Training_goes_on_after_batches_and_epochs_that_weigh_nothing()
    {
        foreach (double[] weights in (double[][])[[0, 1], [0, 0]])
        {
            var epochs = new List<EpochDone>();
            Sequential model = Identity();
            new Trainer(model, new CrossEntropy(classWeights: weights), new Adam(), new TrainerOptions { Epochs = 2, ClipNorm = 1 })
                .Fit(new DataLoader(Data, BatchOptions.Evaluation with { Size = 1 }), null, e => { if (e is EpochDone done) epochs.Add(done); });
            Assert.Equal(2, epochs.Count);
            // Only the last example counts, and its loss is 2 ln 2 at first.
            Assert.Equal(weights[1] * 2 * Math.Log(2), epochs[0].Training.Loss, 1e-5);
            Assert.All(model.Variables, v => Assert.All(v.Variable.Value.ToArray<float>(), x => Assert.True(float.IsFinite(x))));
        }
    }

    [Fact]
    public void Sums_of_an_epoch_that_was_broken_off_go_on()
    {
        string folder = Directory.CreateTempSubdirectory("lamina-weighted-").FullName;
        try
        {
            var loader = new DataLoader(Data, BatchOptions.Evaluation with { Size = 1 });
            Trainer Make() => new(Identity(), new CrossEntropy(classWeights: [1, 3]), new Sgd(1e-30), new TrainerOptions { Epochs = 1, Folder = folder });
            using var stop = new CancellationTokenSource();
            Make().Fit(loader, null, e => { if (e is StepDone { Step: 3 }) stop.Cancel(); }, stop.Token);
            Trainer rest = Make();
            Assert.True(rest.Resume(out _));
            double loss = double.NaN;
            rest.Fit(loader, null, e => { if (e is EpochDone done) loss = done.Training.Loss; });
            Assert.Equal(1.5 * Math.Log(2), loss, 1e-6);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
