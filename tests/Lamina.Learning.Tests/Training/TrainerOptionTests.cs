using Lamina.Learning.Data;
using Lamina.Learning.Layers;
using Lamina.Learning.Losses;
using Lamina.Learning.Metrics;
using Lamina.Learning.Modules;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Training;
using Lamina.Tensors;
using Xunit;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Tests.Training;

/// <summary>Accumulation, averaged weights, budgets, groups, asynchronous training.</summary>
public sealed class TrainerOptionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lamina-options-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static TensorDataset Data(int count)
    {
        var random = new RandomStream(3);
        var (x, y) = (new float[count * 2], new float[count]);
        for (int i = 0; i < count; i++)
        {
            (x[2 * i], x[2 * i + 1]) = (random.NextSingle(), random.NextSingle());
            y[i] = x[2 * i] - x[2 * i + 1];
        }
        return new(Tensor.From(x, [count, 2]), Tensor.From(y, [count, 1]));
    }

    private static DataLoader Loader(int size, bool shuffle = true) => new(Data(48), BatchOptions.Training with { Size = size, Shuffle = shuffle });

    private static Sequential Network() => new(new Linear(4), new Tanh(), new Linear(1));

    private static float[] Weights(Module model) => [.. model.Variables.SelectMany(v => v.Variable.Value.ToArray<float>())];

    [Fact]
    public void Accumulated_batches_are_as_one()
    {
        Sequential whole = Network(), parts = Network();
        new Trainer(whole, new MeanSquaredError(), new Sgd(0.1, momentum: 0.9), new TrainerOptions { Epochs = 3 }).Fit(Loader(16, shuffle: false));
        var steps = new List<StepDone>();
        new Trainer(parts, new MeanSquaredError(), new Sgd(0.1, momentum: 0.9), new TrainerOptions { Epochs = 3, AccumulateBatches = 4 })
            .Fit(Loader(4, shuffle: false), events: e => { if (e is StepDone s) steps.Add(s); });
        Assert.Equal(9, steps.Count);
        Assert.All(steps, s => Assert.Equal(16, s.Examples));
        Assert.Equal(Weights(whole), Weights(parts), (a, b) => Math.Abs(a - b) < 1e-5f);
    }

    [Fact]
    public void Averaged_weights_are_kept_and_resumed_to_the_same_bits()
    {
        TrainerOptions options = new() { Epochs = 4, AverageDecay = 0.9 };
        Sequential straight = Network(), plain = Network(), again = Network();
        new Trainer(straight, new MeanSquaredError(), new Adam(0.05), options).Fit(Loader(8), Loader(8));
        new Trainer(plain, new MeanSquaredError(), new Adam(0.05), options with { AverageDecay = null }).Fit(Loader(8), Loader(8));
        Assert.NotEqual(Weights(plain), Weights(straight));

        TrainerOptions saved = options with { Folder = Path.Combine(_folder, "average") };
        using var stop = new CancellationTokenSource();
        new Trainer(Network(), new MeanSquaredError(), new Adam(0.05), saved).Fit(Loader(8), Loader(8), e => { if (e is StepDone { Step: 9 }) stop.Cancel(); }, stop.Token);
        again.Build([2]);
        var rest = new Trainer(again, new MeanSquaredError(), new Adam(0.05), saved);
        Assert.True(rest.Resume(out _));
        rest.Fit(Loader(8), Loader(8));
        Assert.Equal(Weights(straight), Weights(again));
    }

    // What a norm measured belongs to the weights that it was measured with.
    [Fact]
    public void A_norms_statistics_are_averaged_with_the_weights()
    {
        Sequential Normed() => new(new Linear(4), new BatchNorm(), new Relu(), new Linear(1));
        Sequential plain = Normed(), averaged = Normed();
        var norm = (BatchNorm)plain[1];
        double[]? expected = null;
        int step = 0;
        TrainerOptions options = new() { Epochs = 3 };
        new Trainer(plain, new MeanSquaredError(), new Adam(0.05), options).Fit(Loader(8), events: e =>
        {
            if (e is not StepDone) return;
            double[] now = [.. norm.RunningMean.Value.Read<float>().ToArray().Select(x => (double)x)];
            double decay = Math.Min(0.9, (1.0 + ++step) / (10 + step));
            // The mean begins as the statistics do, at 0.
            expected = [.. now.Select((x, i) => (expected?[i] ?? 0) + (1 - decay) * (x - (expected?[i] ?? 0)))];
        });
        new Trainer(averaged, new MeanSquaredError(), new Adam(0.05), options with { AverageDecay = 0.9 }).Fit(Loader(8));
        float[] found = ((BatchNorm)averaged[1]).RunningMean.Value.Read<float>().ToArray();
        Assert.Equal(expected!.Select(x => (float)x), found, (a, b) => Math.Abs(a - b) < 1e-5f);
        Assert.NotEqual(norm.RunningMean.Value.Read<float>().ToArray(), found);
    }

    // The mean of the weights that a run without averaging has after its second, third and fourth epoch.
    [Fact]
    public void Weights_at_the_ends_of_epochs_are_averaged_alike()
    {
        TrainerOptions options = new() { Epochs = 4 };
        var ends = new List<float[]>();
        Sequential plain = Network(), averaged = Network();
        // A run that ends with each of these epochs, and averages nothing before its last.
        for (int epochs = 2; epochs <= 4; epochs++)
        {
            Sequential one = Network();
            TrainerOptions shorter = options with { MaxSteps = 6 * epochs, AverageFromEpoch = epochs };
            new Trainer(one, new MeanSquaredError(), new Adam(0.05), shorter).Fit(Loader(8));
            ends.Add(Weights(one));
        }
        new Trainer(averaged, new MeanSquaredError(), new Adam(0.05), options with { AverageFromEpoch = 2 }).Fit(Loader(8));
        new Trainer(plain, new MeanSquaredError(), new Adam(0.05), options).Fit(Loader(8));
        // Losses fall in this run, so that the last epoch is the best.
        Assert.Equal(Weights(plain), ends[2]);
        Assert.Equal(Enumerable.Range(0, ends[0].Length).Select(i => ends.Average(e => e[i])), Weights(averaged), (a, b) => Math.Abs(a - b) < 1e-6f);
    }

    [Fact]
    public void Averages_over_epochs_are_resumed_to_the_same_bits_and_count_no_epoch_twice()
    {
        TrainerOptions options = new() { Epochs = 4, AverageFromEpoch = 2 };
        Sequential straight = Network(), again = Network();
        new Trainer(straight, new MeanSquaredError(), new Adam(0.05), options).Fit(Loader(8), Loader(8));
        // Once in the middle of the third epoch, and once in its validation: its steps are done, its end comes again.
        foreach (long stopAt in (long[])[15, 18])
        {
            TrainerOptions saved = options with { Folder = Path.Combine(_folder, $"stochastic{stopAt}") };
            using var stop = new CancellationTokenSource();
            again = Network();
            new Trainer(again, new MeanSquaredError(), new Adam(0.05), saved)
                .Fit(Loader(8), Loader(8), e => { if (e is StepDone s && s.Step == stopAt) stop.Cancel(); }, stop.Token);
            again = Network();
            again.Build([2]);
            var rest = new Trainer(again, new MeanSquaredError(), new Adam(0.05), saved);
            Assert.True(rest.Resume(out _));
            rest.Fit(Loader(8), Loader(8));
            Assert.Equal(Weights(straight), Weights(again));
        }
    }

    [Fact]
    public void One_way_to_average_is_enough()
    {
        Trainer Make(TrainerOptions options) => new(Network(), new MeanSquaredError(), new Adam(), options);
        Assert.Throws<ArgumentException>(() => Make(new() { AverageDecay = 0.9, AverageFromEpoch = 2 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Make(new() { AverageFromEpoch = 0 }));
    }

    [Fact]
    public void A_budget_of_steps_ends_in_the_middle_of_an_epoch()
    {
        Finished end = new Trainer(Network(), new MeanSquaredError(), new Adam(0.01), new TrainerOptions { Epochs = 5, MaxSteps = 8 }).Fit(Loader(8), Loader(8));
        Assert.Equal((FinishReason.BudgetSpent, 8L, 2), (end.Reason, end.Steps, end.Epochs));
    }

    [Fact]
    public void A_run_that_ran_out_of_time_can_be_repeated_to_the_same_bits()
    {
        Sequential timed = Network(), repeated = Network();
        TrainerOptions options = new() { Epochs = 1_000_000, Folder = Path.Combine(_folder, "time") };
        Finished end = new Trainer(timed, new MeanSquaredError(), new Adam(0.01), options with { MaxTime = TimeSpan.FromMilliseconds(300) }).Fit(Loader(8), Loader(8));
        Assert.Equal(FinishReason.BudgetSpent, end.Reason);
        Assert.True(end.Steps >= 1);
        Finished other = new Trainer(repeated, new MeanSquaredError(), new Adam(0.01), options with { MaxSteps = end.Steps, Folder = null }).Fit(Loader(8), Loader(8));
        Assert.Equal(end.Steps, other.Steps);
        Assert.Equal(Weights(timed), Weights(repeated));

        var resumed = new Trainer(timed, new MeanSquaredError(), new Adam(0.01), options with { MaxTime = TimeSpan.FromHours(1) });
        Assert.True(resumed.Resume(out _));
        Assert.Equal(end.Steps, resumed.Fit(Loader(8), Loader(8)).Steps);
    }

    [Fact]
    public void Groups_have_rates_and_decays_of_their_own()
    {
        Sequential network = Network();
        network.Build([2]);
        network.Initialize(1);
        float[] first = ((Linear)network[0]).Weight.Value.ToArray<float>(), last = ((Linear)network[2]).Weight.Value.ToArray<float>();
        var optimizer = new Sgd(0.1) { Groups = [new("0.*") { RateFactor = 0 }] };
        var batch = Data(8).Take([0, 1, 2, 3]);
        new TrainStep(network, new MeanSquaredError(), optimizer).Run(batch, 0);
        Assert.Equal(first, ((Linear)network[0]).Weight.Value.ToArray<float>());
        Assert.NotEqual(last, ((Linear)network[2]).Weight.Value.ToArray<float>());
        Assert.Contains("no parameter's path fits the group 'hidden.*'",
            Assert.Throws<ArgumentException>(() => new Sgd(0.1) { Groups = [new("hidden.*")] }.Prepare(network)).Message);
    }

    // With no gradient, weight decay is all that changes a parameter.
    [Fact]
    public void Biases_do_not_decay_unless_a_group_says_so()
    {
        static float Bias(params ParameterGroup[] groups)
        {
            var network = new Sequential(new Linear(1, 1));
            network.Build([1]);
            foreach (NamedVariable v in network.Variables) v.Variable.Value = Tensor.OnesLike(v.Variable.Value);
            var batch = new Batch(Tensor.Zeros([2, 1]), Tensor.Ones([2, 1]));
            new TrainStep(network, new MeanSquaredError(), new AdamW(0.1, weightDecay: 0.5) { Groups = groups }).Run(batch, 0);
            Assert.Equal(0.95f, ((Linear)network[0]).Weight.Value.ToArray<float>()[0], 1e-6f);
            return ((Linear)network[0]).Bias!.Value.ToArray<float>()[0];
        }
        Assert.Equal(1f, Bias());
        Assert.Equal(0.95f, Bias(new ParameterGroup("*.bias") { WeightDecay = 0.5 }), 1e-6f);
    }

    [Fact]
    public async Task Trains_without_blocking()
    {
        int steps = 0;
        var progress = new Counting(e => { if (e is StepDone) steps++; });
        Finished end = await new Trainer(Network(), new MeanSquaredError(), new Adam(0.01), new TrainerOptions { Epochs = 2 }).FitAsync(Loader(8), null, progress, TestContext.Current.CancellationToken);
        Assert.Equal((12, FinishReason.Completed), (steps, end.Reason));
    }

    private sealed class Counting(Action<TrainingEvent> report) : IProgress<TrainingEvent>
    {
        public void Report(TrainingEvent value) => report(value);
    }

    // The higher of two accuracies is the better, the lower of two errors.
    [Fact]
    public void The_direction_of_a_monitored_metric_is_its_own()
    {
        var epochs = new List<EpochDone>();
        Finished end = new Trainer(Network(), new MeanSquaredError(), new Adam(0.02), new TrainerOptions { Epochs = 6, Monitor = "r2" }, [new RSquared()])
            .Fit(Loader(8), Loader(8), epochs.AddIfEpoch);
        Assert.Equal(epochs.MaxBy(e => e.Validation!["r2"])!.Epoch, end.BestEpoch);
    }

    [Fact]
    public void Sequences_of_different_lengths_are_padded_to_a_handful_of_shapes()
    {
        var random = new RandomStream(1);
        Tensor[] sequences = [.. Enumerable.Range(0, 200).Select(i => Tensor.Full([1 + random.NextInt(150), 3], i, Lamina.Tensors.Shapes.DType.Float32))];
        var data = new SequenceDataset(sequences, Tensor.Create<int>([200], y => { for (int i = 0; i < y.Length; i++) y[i] = i; }));
        var loader = new DataLoader(data, BatchOptions.Evaluation with { Size = 16, Shuffle = true, Seed = 5 });
        Assert.InRange(loader.Buckets.Count, 2, 6);
        var seen = new List<int>();
        var shapes = new HashSet<string>();
        foreach (Batch batch in loader.Epoch(1))
        {
            shapes.Add($"{batch.Inputs[0].Shape[1]}");
            for (int row = 0; row < batch.Count; row++)
            {
                int index = batch.Target[row].ToArray<int>()[0], length = sequences[index].Shape[0];
                seen.Add(index);
                float[] mask = batch.Inputs[1][row].ToArray<float>(), steps = batch.Inputs[0][row].ToArray<float>();
                Assert.Equal(length, mask.Sum());
                Assert.All(steps[..(3 * length)], v => Assert.Equal(index, v));
                Assert.All(steps[(3 * length)..], v => Assert.Equal(0, v));
            }
        }
        Assert.Equal(Enumerable.Range(0, 200), seen.Order());
        Assert.Equal(loader.Buckets.Count, shapes.Count);
        Assert.Equal(loader.Order(1), loader.Order(1));
        Assert.NotEqual(loader.Order(1), loader.Order(2));
    }
}
