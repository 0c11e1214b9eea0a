using Lamina.Formats;
using Lamina.Learning.Checkpoints;
using Lamina.Learning.Data;
using Lamina.Learning.Layers;
using Lamina.Learning.Losses;
using Lamina.Learning.Metrics;
using Lamina.Learning.Modules;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Schedules;
using Lamina.Learning.Training;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using Xunit;

namespace Lamina.Learning.Tests.Training;

/// <summary>What a training keeps, when it stops, and that it goes on as if it never had.</summary>
public sealed class TrainerTests : IDisposable
{
    private const int Epochs = 3, Steps = 5;

    private readonly string _folder = Directory.CreateTempSubdirectory("lamina-trainer-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string At(string name) => Path.Combine(_folder, name);

    // y = x₀ − x₁ in numbers that a straight line fits.
    private static TensorDataset Line(int count, ulong stream)
    {
        var random = new RandomStream(3, stream);
        var (x, y) = (new float[count * 2], new float[count]);
        for (int i = 0; i < count; i++)
        {
            (x[2 * i], x[2 * i + 1]) = (random.NextSingle(), random.NextSingle());
            y[i] = x[2 * i] - x[2 * i + 1];
        }
        return new TensorDataset(Tensor.From(x, [count, 2]), Tensor.From(y, [count, 1]));
    }

    private static DataLoader Training => new(Line(40, 0), BatchOptions.Training with { Size = 8, Ahead = 1 });

    private static DataLoader Validation => new(Line(16, 1), BatchOptions.Evaluation);

    private static (Trainer Trainer, Sequential Model) Make(TrainerOptions options, params Metric[] metrics)
    {
        var model = new Sequential(new Linear(4), new Tanh(), new Dropout(0.2), new Linear(1));
        model.Build([2]);
        model.Initialize(5);
        return (new Trainer(model, new MeanSquaredError(), new Adam(0.02), options with { Epochs = Epochs }, metrics), model);
    }

    private static float[] Weights(Module model) => [.. model.Variables.SelectMany(v => v.Variable.Value.ToArray<float>())];

    // Every step is a moment to be stopped at, and what was told, scores included, is what a run without a stop tells.
    [Fact]
    public void Goes_on_to_the_same_weights_and_scores_after_a_stop_anywhere()
    {
        Metric[] Metrics() => [new MeanAbsolute(), new RootMeanSquare(), new RSquared()];
        foreach (bool validates in new[] { true, false })
        {
            var straight = new List<EpochDone>();
            (Trainer whole, Sequential model) = Make(new() { Schedule = new OnPlateau(0.5, 0) }, Metrics());
            whole.Fit(Training, validates ? Validation : null, e => straight.AddIfEpoch(e));
            for (int at = 1; at < Epochs * Steps; at++)
            {
                TrainerOptions options = new() { Folder = At($"{validates}{at}"), Schedule = new OnPlateau(0.5, 0) };
                var told = new List<EpochDone>();
                using var stop = new CancellationTokenSource();
                Finished broken = Make(options, Metrics()).Trainer.Fit(Training, validates ? Validation : null, e =>
                {
                    told.AddIfEpoch(e);
                    if (e is StepDone step && step.Step == at) stop.Cancel();
                }, stop.Token);
                Assert.Equal(FinishReason.Interrupted, broken.Reason);

                (Trainer rest, Sequential again) = Make(options with { Schedule = new OnPlateau(0.5, 0) }, Metrics());
                Assert.True(rest.Resume(out IReadOnlyList<string> skipped));
                Assert.Empty(skipped);
                Assert.Equal(at, rest.Step);
                rest.Fit(Training, validates ? Validation : null, told.AddIfEpoch);

                Assert.Equal(Weights(model), Weights(again));
                Assert.Equal(straight.Select(Told), told.Select(Told));
            }
        }
    }

    // All but the seconds.
    private static string Told(EpochDone e) => $"{e.Epoch} {e.Step} {e.IsBest} {Told(e.Training)} {(e.Validation is { } v ? Told(v) : "")}";

    private static string Told(Scores scores) => $"{scores.Loss:R} {string.Join(' ', scores.Metrics.Select(m => $"{m.Key} {m.Value:R}"))}";

    [Fact]
    public void Stops_early_and_gives_back_the_best_weights()
    {
        float[][] weights = new float[Epochs + 1][];
        // A rate that goes on to spoil what the first epoch learned.
        var model = new Sequential(new Linear(1));
        var trainer = new Trainer(model, new MeanSquaredError(), new Sgd(1), new TrainerOptions { Epochs = 50, Schedule = new Growing(), Patience = 2, Folder = At("early") });
        var epochs = new List<EpochDone>();
        Finished end = trainer.Fit(Training, Validation, e =>
        {
            epochs.AddIfEpoch(e);
            if (e is EpochDone { Epoch: <= Epochs } done) weights[done.Epoch] = Weights(model);
        });

        EpochDone best = epochs.MinBy(e => e.Validation!.Loss)!;
        Assert.Equal(FinishReason.StoppedEarly, end.Reason);
        Assert.Equal(best.Epoch, end.BestEpoch);
        Assert.Equal(best.Epoch + 3, end.Epochs);
        Assert.Equal(weights[best.Epoch], Weights(model));
        float[] saved = [.. model.Variables.SelectMany(v => SafeTensors.Read(At("early/best/model.safetensors")).Tensors[v.Path].ToArray<float>())];
        Assert.Equal(saved, Weights(model));
    }

    private sealed record Growing : Schedule
    {
        public override double At(long step, long totalSteps) => 0.1 * Math.Pow(1.15, step);
    }

    [Fact]
    public void A_score_that_is_no_number_is_never_the_best_and_stops_nothing()
    {
        // The targets never vary, so that R² is NaN after every epoch.
        var flat = new TensorDataset(Tensor.From([0.1f, 0.2f, 0.3f, 0.4f], [4, 1]), Tensor.From([1f, 1, 1, 1], [4, 1]));
        var loader = new DataLoader(flat, BatchOptions.Training with { Size = 2 });
        var model = new Sequential(new Linear(1));
        var trainer = new Trainer(model, new MeanSquaredError(), new Sgd(), new TrainerOptions { Epochs = 2, Monitor = "r2", Folder = At("nan") }, [new RSquared()]);
        Finished end = trainer.Fit(loader, loader);
        Assert.Equal((FinishReason.Completed, 2, 0), (end.Reason, end.Epochs, end.BestEpoch));
    }

    [Fact]
    public void A_loss_that_is_no_number_names_step_and_layer()
    {
        var data = new TensorDataset(Tensor.From([1f, float.NaN], [2, 1]), Tensor.From([1f, 1], [2, 1]));
        var loader = new DataLoader(data, BatchOptions.Training with { Size = 1, Shuffle = false });
        var trainer = new Trainer(new Sequential(new Linear(1), new Relu()), new MeanSquaredError(), new Sgd(), new TrainerOptions { Epochs = 1, Folder = At("diverged") });
        var error = Assert.Throws<DivergedException>(() => trainer.Fit(loader));
        Assert.Equal(2, error.Step);
        Assert.Contains("[0]: matmul gave NaN", error.Origin);
    }

    [Fact]
    public void Shapes_are_those_of_the_training_set()
    {
        var model = new Sequential(new Linear(3), new Linear(1));
        Assert.False(model.IsBuilt);
        Assert.Contains("Build()", Assert.Throws<TensorException>(() => model.ParameterCount).Message);
        new Trainer(model, new MeanSquaredError(), new Sgd(), new TrainerOptions { Epochs = 1 }).Fit(Training);
        Assert.True(model.IsBuilt);
        Assert.Equal(2 * 3 + 3 + 3 + 1, model.ParameterCount);
    }

    [Fact]
    public void An_earlier_training_is_not_written_over()
    {
        TrainerOptions options = new() { Folder = At("taken") };
        Make(options).Trainer.Fit(Training);
        string[] before = Directory.GetFileSystemEntries(At("taken"), "*", SearchOption.AllDirectories);
        Assert.Contains("Resume()", Assert.Throws<CheckpointException>(() => Make(options).Trainer.Fit(Training)).Message);
        Assert.Equal(before, Directory.GetFileSystemEntries(At("taken"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void Options_are_checked_before_anything_is_done()
    {
        Assert.Contains("only loss, mae", Assert.Throws<ArgumentException>(() => Make(new() { Monitor = "accuracy" }, new MeanAbsolute())).Message);
        Assert.Contains("one name", Assert.Throws<ArgumentException>(() => Make(new(), new MeanAbsolute(), new MeanAbsolute())).Message);
    }

    [Fact]
    public void A_checkpoint_of_another_run_is_refused()
    {
        TrainerOptions options = new() { Folder = At("run") };
        using var stop = new CancellationTokenSource();
        Make(options, new MeanAbsolute()).Trainer.Fit(Training, null, e => { if (e is StepDone { Step: 2 }) stop.Cancel(); }, stop.Token);
        Assert.Contains("seed", Assert.Throws<CheckpointException>(() => Make(options with { Seed = 8 }, new MeanAbsolute()).Trainer.Resume(out _)).Message);
        Assert.Contains("counts mae", Assert.Throws<CheckpointException>(() => Make(options, new RSquared()).Trainer.Resume(out _)).Message);
    }
}

internal static class EventLists
{
    public static void AddIfEpoch(this List<EpochDone> list, TrainingEvent e)
    {
        if (e is EpochDone done) list.Add(done);
    }
}
