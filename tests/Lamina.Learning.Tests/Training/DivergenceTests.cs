using Lamina.Formats;
using Lamina.Learning.Checkpoints;
using Lamina.Learning.Data;
using Lamina.Learning.Initializers;
using Lamina.Learning.Layers;
using Lamina.Learning.Losses;
using Lamina.Learning.Modules;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Training;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using Xunit;
using static Lamina.Tensors.Ops.TensorOps;
using Buffer = Lamina.Learning.Modules.Buffer;

namespace Lamina.Learning.Tests.Training;

/// <summary>Values that are not finite: never saved as good, traced to the op that made them, and not repeated in silence.</summary>
public sealed partial class DivergenceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lamina-diverged-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string At(string name) => Path.Combine(_folder, name);

    // Ten examples of one number; the target is their half.
    private static DataLoader Loader(Func<int, float>? x = null, int count = 10, int size = 1) => new(
        new TensorDataset(Tensor.From([.. Enumerable.Range(0, count).Select(x ?? (i => 1 + 0.1f * i))], [count, 1]), Tensor.Full([count, 1], 0.5)),
        BatchOptions.Training with { Size = size, Shuffle = false });

    private static DivergedException Diverge(Layer model, TrainerOptions options, DataLoader loader, Optimizer? optimizer = null) =>
        Assert.Throws<DivergedException>(() => new Trainer(model, new MeanSquaredError(), optimizer ?? new Sgd(1e-3), options).Fit(loader, loader));

    private static void AssertFinite(Layer model) =>
        Assert.All(model.Variables, v => Assert.True(double.IsFinite(v.Variable.Value.Norm().Item()), v.Path));

    private static void AssertAllSavedIsFinite(string folder)
    {
        string[] files = Directory.GetFiles(folder, "*.safetensors", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        foreach (string file in files)
            foreach ((string path, Tensor value) in SafeTensors.Read(file).Tensors)
                if (value.DType.IsFloat) Assert.True(double.IsFinite(value.Norm().Item()), $"{file}: {path}");
    }

    /// <summary>Scores of which the second is hidden by an intended −∞, as in attention.</summary>
    private sealed partial class Masked : Layer
    {
        public Buffer Mask { get; } = new(Constant.Zero, [2]);

        protected override Tensor Compute(Tensor x, Pass pass)
        {
            Tensor scores = Tensor.Concat([x, x], -1) + Mask.Value;
            Tensor filled = Tensor.Where(Tensor.Equal(scores, scores), scores, Tensor.Full([], double.NegativeInfinity).BroadcastTo(scores.Shape));
            return filled.Softmax()[.., 0..1] * x;
        }
    }

    private static Sequential WithMask()
    {
        var masked = new Masked();
        masked.Mask.Value = Tensor.From(0f, float.NegativeInfinity);
        return new Sequential(masked, new Linear(1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_intended_mask_is_not_blamed(bool saves)
    {
        TrainerOptions options = new() { Epochs = 2, Folder = saves ? At("mask") : null };
        // All is well with it, and after two epochs it is still there.
        Sequential model = WithMask();
        Assert.Equal(FinishReason.Completed, new Trainer(model, new MeanSquaredError(), new Sgd(1e-3), options).Fit(Loader()).Reason);
        Assert.Equal(float.NegativeInfinity, ((Masked)model[0]).Mask.Value.Element(1));

        DivergedException e = Diverge(WithMask(), options with { Folder = saves ? At("mask2") : null }, Loader(i => i == 7 ? 1e30f : 1));
        Assert.Equal(8, e.Step);
        Assert.DoesNotContain("fill", e.Origin);
        Assert.StartsWith("MeanSquaredError: multiply gave an infinity", e.Origin); // the square of 1e30
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_loss_that_overflows_is_traced_with_and_without_a_folder(bool saves)
    {
        var model = new Sequential(new Linear(1), new Relu());
        DivergedException e = Diverge(model, new() { Epochs = 3, Folder = saves ? At("nan") : null }, Loader(i => i == 6 ? float.NaN : 1));
        Assert.Equal(7, e.Step);
        Assert.StartsWith("[0]: matmul gave NaN", e.Origin);
        Assert.Equal(saves ? At("nan/checkpoints/000000000") : null, e.Checkpoint);
        Assert.Contains(saves ? $"kept  the checkpoint of step 0, {At("nan/checkpoints/000000000")}" : "kept  the network as it was after step 0, in memory", e.Message);
        Assert.DoesNotContain("--", e.Message);
        AssertFinite(model);
        if (saves) AssertAllSavedIsFinite(At("nan"));
    }

    // In the only, and so the last, step: no later loss would show it.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_nan_in_the_gradients_of_the_last_step_is_no_completed_run(bool saves)
    {
        var model = new Sequential(new Linear(1, bias: false), new SteepAtZero(), new Linear(1));
        DivergedException e = Diverge(model, new() { Epochs = 1, Folder = saves ? At("gradient") : null }, Loader(i => i == 9 ? 0 : 1));
        Assert.Equal(10, e.Step);
        Assert.StartsWith("the gradient became", e.Problem);
        Assert.StartsWith("[1], in the gradient of", e.Origin);
        AssertFinite(model);
        if (!saves) return;
        AssertAllSavedIsFinite(At("gradient"));
        Assert.False(File.Exists(At("gradient/best/model.safetensors")));
    }

    /// <summary>x, but where it is 0 a 0 whose slope is 1e38 · 1e38: finite forward, infinite backward.</summary>
    private sealed partial class SteepAtZero : Layer
    {
        protected override Tensor Compute(Tensor x, Pass pass) => Tensor.Where(Tensor.Equal(x, Tensor.ZerosLike(x)), x * 1e38 * 1e38, x);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_update_that_overflows_is_found_before_it_is_saved(bool saves)
    {
        // The loss and its gradient are finite in the one step of the epoch; the rate throws the weight out of range.
        var model = new Sequential(new Linear(1));
        DivergedException e = Diverge(model, new() { Epochs = 1, Folder = saves ? At("update") : null }, Loader(_ => 1e4f, 1), new Sgd(1e38));
        Assert.Equal("[0].weight became infinite", e.Problem);
        Assert.StartsWith("[0].weight, in the update: ", e.Origin);
        AssertFinite(model);
        if (saves) AssertAllSavedIsFinite(At("update"));
    }

    [Fact]
    public void The_optimisers_state_counts_too()
    {
        // The square of the gradient overflows: the weight stays, but it would never move again.
        var model = new Sequential(new Linear(1));
        DivergedException e = Diverge(model, new() { Epochs = 1, Folder = At("state") }, Loader(_ => 1e15f, 4), new Adam());
        Assert.Equal("[0].weight/square became infinite", e.Problem);
        Assert.Equal(4, e.Step);
        Assert.StartsWith("[0].weight/square, in the update: adam_update gave an infinity", e.Origin);
        AssertAllSavedIsFinite(At("state"));
    }

    [Fact]
    public void A_long_way_back_is_gone_in_copies()
    {
        var model = new Sequential(new Linear(1));
        DivergedException e = Diverge(model, new() { Epochs = 1 }, Loader(i => i == 75 ? float.NegativeInfinity : 1, 90), new Sgd(1e-4));
        Assert.Equal(76, e.Step);
        Assert.StartsWith("[0]: matmul gave", e.Origin);
    }

    [Fact]
    public void A_diverged_run_says_so_until_something_is_changed()
    {
        TrainerOptions options = new() { Epochs = 3, Folder = At("again") };
        Sequential Model() => new(new Linear(1));
        DivergedException first = Diverge(Model(), options, Loader(), new Sgd(1e3));

        var told = new List<TrainingEvent>();
        Trainer same = Make(1e3);
        DivergedException again = Assert.Throws<DivergedException>(() => same.Fit(Loader(), Loader(), told.Add));
        Assert.Equal((first.Step, first.Problem, first.Origin, first.Checkpoint), (again.Step, again.Problem, again.Origin, again.Checkpoint));
        Assert.StartsWith("this run diverged before: ", again.Message);
        Assert.Contains("try a lower learning rate, or clip the gradients", again.Message);
        Assert.Empty(told);

        // Clipping or a lower rate is a change; so is other data in the step where it happened.
        Finished end = Make(1e-2).Fit(Loader(), Loader(), told.Add);
        Assert.Equal((FinishReason.Completed, 30), (end.Reason, end.Steps));
        Assert.Contains($"diverged at step {first.Step} before", Assert.IsType<Noted>(told[0]).Message);
        // It is past: nobody is told again.
        Assert.False(new CheckpointStore(At("again/checkpoints")).HasDiverged);

        Trainer Make(double rate)
        {
            Sequential model = Model();
            model.Build([1]);
            var trainer = new Trainer(model, new MeanSquaredError(), new Sgd(rate), options);
            Assert.True(trainer.Resume(out IReadOnlyList<string> skipped));
            Assert.Empty(skipped);
            return trainer;
        }
    }

    [Fact]
    public void Other_data_is_a_change()
    {
        TrainerOptions options = new() { Epochs = 1, Folder = At("data") };
        Diverge(new Sequential(new Linear(1)), options, Loader(i => i == 3 ? float.NaN : 1));
        var model = new Sequential(new Linear(1));
        model.Build([1]);
        var trainer = new Trainer(model, new MeanSquaredError(), new Sgd(1e-3), options);
        trainer.Resume(out _);
        Assert.Equal(FinishReason.Completed, trainer.Fit(Loader(_ => 1)).Reason);
    }

    [Fact]
    public void Weights_that_are_nan_already_are_refused()
    {
        var model = new Sequential(new Linear(1, 1));
        model.Variables[0].Variable.Value = Tensor.From(new float[,] { { float.NaN } });
        DivergedException e = Diverge(model, new() { Epochs = 1, Folder = At("loaded") }, Loader());
        Assert.StartsWith("[0].weight is NaN before the first step", e.Message);
        Assert.Null(e.Checkpoint);
        Assert.DoesNotContain("kept", e.Message);
        Assert.False(Directory.Exists(At("loaded/checkpoints")));
    }

    [Fact]
    public void A_checkpoint_that_holds_nan_is_passed_over()
    {
        var model = new Sequential(new Linear(1, 1));
        var store = new CheckpointStore(At("old"));
        store.Save(model.Variables, [], new TrainingState { Step = 1, Seed = 0 });
        float good = (float)model.Variables[0].Variable.Value.Item();
        model.Variables[0].Variable.Value = Tensor.From(new float[,] { { float.PositiveInfinity } });
        store.Save(model.Variables, [], new TrainingState { Step = 2, Seed = 0 });
        Assert.Equal(1, store.Load(model.Variables, [], out IReadOnlyList<string> skipped)!.Step);
        Assert.Contains("'0.weight' holds NaN or an infinity", Assert.Single(skipped));
        Assert.Equal(good, model.Variables[0].Variable.Value.Item());
    }
}
