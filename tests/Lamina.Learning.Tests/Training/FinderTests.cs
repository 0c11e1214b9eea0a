using Lamina.Learning.Data;
using Lamina.Learning.Layers;
using Lamina.Learning.Losses;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Training;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using Xunit;

namespace Lamina.Learning.Tests.Training;

/// <summary>The finders of learning rates and batch sizes: what they suggest, and that they leave no trace.</summary>
public sealed class FinderTests
{
    // y = x₀ − x₁ with a little noise.
    private static DataLoader Training(float scale = 1)
    {
        var random = new RandomStream(3, 0);
        var (x, y) = (new float[400], new float[200]);
        for (int i = 0; i < y.Length; i++)
        {
            (x[2 * i], x[2 * i + 1]) = (random.NextSingle(), random.NextSingle());
            y[i] = scale * (x[2 * i] - x[2 * i + 1] + 0.05f * (random.NextSingle() - 0.5f));
        }
        return new DataLoader(new TensorDataset(Tensor.From(x, [200, 2]), Tensor.From(y, [200, 1])),
            BatchOptions.Training with { Size = 16, Ahead = 1 });
    }

    private static Sequential Network()
    {
        var network = new Sequential(new Linear(16), new BatchNorm(), new Relu(), new Linear(1));
        network.Build([2]);
        network.Initialize(1);
        return network;
    }

    private static float[] Values(Module model) => [.. model.Variables.SelectMany(v => v.Variable.Value.ToArray<float>())];

    [Fact]
    public void A_suggested_rate_lies_in_the_valley_and_trains_better_than_one_far_off()
    {
        Sequential network = Network();
        LearningRateCurve curve = LearningRateFinder.Run(network, new MeanSquaredError(), new Adam(), Training(), new() { Seed = 1 });
        Assert.NotNull(curve.Suggestion);
        Assert.InRange(curve.Suggestion!.Value, 1e-4, 1);
        Assert.Equal(curve.Points.OrderBy(p => p.LearningRate), curve.Points);
        Assert.Equal(1e-7, curve.Points[0].LearningRate, 1e-12);
        double After(double rate)
        {
            Sequential fresh = Network();
            var trainer = new Trainer(fresh, new MeanSquaredError(), new Adam(rate), new TrainerOptions { Epochs = 3, Seed = 1 });
            trainer.Fit(Training());
            return trainer.Evaluate(Training()).Loss;
        }
        Assert.True(After(curve.Suggestion.Value) < After(curve.Suggestion.Value / 1000));
    }

    [Fact]
    public void Weights_statistics_and_the_optimiser_are_the_same_bits_afterwards_also_when_it_is_cancelled()
    {
        Sequential network = Network();
        var optimizer = new Adam(0.01);
        var trainer = new Trainer(network, new MeanSquaredError(), optimizer, new TrainerOptions { Epochs = 1 });
        trainer.Fit(Training());
        float[] weights = Values(network);
        double[] State() => [.. optimizer.Variables(network)
            .SelectMany(v => v.Variable.Spec.DType == DType.Int64 ? [v.Variable.Value.Item()] : v.Variable.Value.ToArray<float>()
            .Select(x => (double)x))];
        double[] state = State();
        LearningRateCurve first = LearningRateFinder.Run(network, new MeanSquaredError(), optimizer, Training());
        Assert.Equal(weights, Values(network));
        Assert.Equal(first.Points, LearningRateFinder.Run(network, new MeanSquaredError(), optimizer, Training()).Points);
        using var cancel = new CancellationTokenSource();
        int told = 0;
        Assert.Throws<OperationCanceledException>(() =>
            LearningRateFinder.Run(network, new MeanSquaredError(), optimizer, Training(), null, _ => { if (++told == 40) cancel.Cancel(); },
                cancel.Token));
        Assert.Equal(40, told);
        BatchSizeFinder.Run(new Supervised(network, new MeanSquaredError()), optimizer, n => Training().Dataset.Take([.. Enumerable.Range(0, n)]),
            new() { Largest = 32, TimeOfEach = TimeSpan.FromMilliseconds(1) });
        Assert.Equal(weights, Values(network));
        Assert.Equal(state, State());
    }

    [Fact]
    public void Weights_that_nobody_set_are_drawn_by_the_training_after_it_as_if_it_had_not_been()
    {
        float[] Trained(bool isSearched)
        {
            var network = new Sequential(new Linear(8), new Tanh(), new Linear(1));
            if (isSearched) LearningRateFinder.Run(network, new MeanSquaredError(), new Adam(), Training(), new() { Seed = 9 });
            new Trainer(network, new MeanSquaredError(), new Adam(0.01), new TrainerOptions { Epochs = 1, Seed = 4 }).Fit(Training());
            return Values(network);
        }
        Assert.Equal(Trained(false), Trained(true));
    }

    [Fact]
    public void A_search_repeats_to_the_same_bits_and_ends_where_the_loss_diverges()
    {
        LearningRateCurve Search() => LearningRateFinder.Run(Network(), new MeanSquaredError(), new Sgd(1), Training(), new() { Highest = 1e4 });
        LearningRateCurve curve = Search();
        Assert.Equal(curve.Points, Search().Points);
        Assert.True(curve.HasDiverged);
        Assert.True(curve.Points.Count < 100);
        Assert.True(curve.Points[^1].LearningRate > curve.Suggestion);
        Assert.True(curve.Minimum >= curve.Suggestion);
    }

    [Fact]
    public void A_loss_that_is_no_number_at_once_is_no_matter_of_the_rate()
    {
        LearningRateCurve curve = LearningRateFinder.Run(Network(), new MeanSquaredError(), new Adam(), Training(float.NaN));
        Assert.Empty(curve.Points);
        Assert.Null(curve.Suggestion);
        Assert.Contains("first step", curve.Problem);
    }

    [Fact]
    public void Where_no_minimum_shows_or_the_loss_never_falls_it_says_so()
    {
        LearningRateCurve open = LearningRateFinder.Run(Network(), new MeanSquaredError(), new Adam(), Training(),
            new() { Highest = 3e-3, Lowest = 1e-5 });
        Assert.Contains("no minimum", open.Problem);
        Assert.NotNull(open.Suggestion);
        Assert.Null(open.Minimum);
        LearningRateCurve flat = LearningRateFinder.Run(Network(), new MeanSquaredError(), new Adam(), Training(),
            new() { Highest = 1e-9, Lowest = 1e-12 });
        Assert.Null(flat.Suggestion);
        Assert.Contains("doesn't fall", flat.Problem);
        LearningRateCurve rising = LearningRateFinder.Of([.. Enumerable.Range(0, 40).Select(i => (Math.Pow(10, i / 10.0 - 4), 1.0 + i * i))], true);
        Assert.Null(rising.Suggestion);
    }

    [Fact]
    public void The_valley_of_a_known_curve_is_found()
    {
        // Flat to 10⁻⁴, falling to 10⁻², rising from there.
        (double, double)[] points = [.. Enumerable.Range(0, 61).Select(i => -6 + i / 10.0)
            .Select(x => (Math.Pow(10, x), x < -4 ? 2.0 : x < -2 ? 2 - 0.75 * (x + 4) : 0.5 + (x + 2) * 2))];
        LearningRateCurve curve = LearningRateFinder.Of(points, true);
        Assert.InRange(Math.Log10(curve.Suggestion!.Value), -4, -2);
        Assert.InRange(Math.Log10(curve.Steepest!.Value), -4.1, -1.9);
        Assert.InRange(Math.Log10(curve.Minimum!.Value), -2.4, -1.7);
        Assert.Null(curve.Problem);
    }

    [Theory]
    [InlineData(0.0, 1.0, 100)]
    [InlineData(1.0, 1.0, 100)]
    [InlineData(1e-3, double.PositiveInfinity, 100)]
    [InlineData(1e-3, 1.0, 5)]
    public void Rates_that_make_no_sense_are_refused(double lowest, double highest, int steps) => Assert.Throws<ArgumentOutOfRangeException>(() =>
        LearningRateFinder.Run(Network(), new MeanSquaredError(), new Adam(), Training(),
            new() { Lowest = lowest, Highest = highest, Steps = steps }));

    [Fact]
    public void A_batch_size_is_the_smallest_that_is_nearly_as_fast_as_the_fastest()
    {
        BatchSizePoint Point(int size, double throughput) => new(size, size / throughput, new StepMemory(1, 1, 1, 1));
        BatchSizePoint[] points = [Point(8, 1000), Point(16, 1900), Point(32, 2000), Point(64, 2050), Point(128, 1800)];
        Assert.Equal(16, BatchSizeFinder.Best(points, 0.1));
        Assert.Equal(32, BatchSizeFinder.Best(points, 0.05));
        Assert.Equal(64, BatchSizeFinder.Best(points, 0));
        Assert.Null(BatchSizeFinder.Best([], 0.1));
    }

    [Fact]
    public void Batches_that_would_not_fit_are_known_before_they_are_run()
    {
        Sequential network = Network();
        Batch Make(int n) => new(Tensor.From(new float[2 * n], [n, 2]), Tensor.From(new float[n], [n, 1]));
        BatchSizes Run(long limit) => BatchSizeFinder.Run(new Supervised(network, new MeanSquaredError()), new Adam(), Make,
            new() { Largest = 1000, MostBytes = limit, TimeOfEach = TimeSpan.FromMilliseconds(1) });
        BatchSizes all = Run(long.MaxValue);
        Assert.Equal([8, 16, 32, 64, 128, 256, 512, 1000], all.Points.Select(p => p.Size));
        Assert.Null(all.TooLarge);
        Assert.All(all.Points, p => Assert.True(p.Seconds > 0 && p.Memory.Total > 0));
        long half = all.Points.Single(p => p.Size == 128).Memory.Total;
        BatchSizes some = Run(half);
        Assert.Equal(128, some.Points[^1].Size);
        Assert.Equal(256, some.TooLarge);
        Assert.True(some.TooLargeBytes > half);
        BatchSizes none = Run(1);
        Assert.Empty(none.Points);
        Assert.Null(none.Suggestion);
        Assert.Equal(8, none.TooLarge);
    }
}
