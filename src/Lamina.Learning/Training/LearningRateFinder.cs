using Lamina.Learning.Checkpoints;
using Lamina.Learning.Data;
using Lamina.Learning.Losses;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Learning.Optimizers;
using Lamina.Tensors;

namespace Lamina.Learning.Training;

/// <summary>Which learning rates are tried, and how.</summary>
public sealed record LearningRateFinderOptions
{
    /// <summary>The lowest rate, above 0; it comes first.</summary>
    public double Lowest { get; init; } = 1e-7;

    /// <summary>The highest rate, above <see cref="Lowest"/>.</summary>
    public double Highest { get; init; } = 10;

    /// <summary>Number of rates and of training steps, from 10; each is higher than the one before by the same factor.</summary>
    public int Steps { get; init; } = 100;

    /// <summary>The random seed: of the order of examples, of dropout, and of weights that nobody set.</summary>
    public long Seed { get; init; }

    /// <summary>The largest norm of all gradients together, as in the training that the rate is for; null: no limit.</summary>
    public double? ClipNorm { get; init; }
}

/// <summary>A rate that was tried.</summary>
/// <param name="LearningRate">The learning rate.</param>
/// <param name="Loss">The batch's loss before the update with it.</param>
/// <param name="Smoothed">The loss smoothed over the rates around it.</param>
public readonly record struct RatePoint(double LearningRate, double Loss, double Smoothed);

/// <summary>The loss by learning rate, and what follows from it.</summary>
/// <param name="Points">The rates that were tried, ascending.</param>
/// <param name="HasDiverged">Whether it ended because the loss diverged; otherwise all rates were tried.</param>
public sealed record LearningRateCurve(IReadOnlyList<RatePoint> Points, bool HasDiverged)
{
    /// <summary>
    /// A rate for training, the highest one where a schedule changes it: a tenth of that of the least loss, or the <see cref="Valley"/> where no
    /// least one shows. Null where the loss doesn't fall.
    /// </summary>
    public double? Suggestion { get; init; }

    /// <summary>The middle of the longest fall of the loss, a more careful choice; null where it doesn't fall.</summary>
    public double? Valley { get; init; }

    /// <summary>The rate at which the loss falls fastest; null where it doesn't fall.</summary>
    public double? Steepest { get; init; }

    /// <summary>The rate at which the loss is least; null where it doesn't fall, or was still falling at the highest one.</summary>
    public double? Minimum { get; init; }

    /// <summary>What a person should know, as a sentence: why nothing is suggested, or that no minimum shows. Null for nothing.</summary>
    public string? Problem { get; init; }
}

/// <summary>
/// Finds a learning rate by a range test (Smith, 2017: "Cyclical learning rates for training neural networks"): a hundred training steps on real
/// batches with a rate that grows exponentially, until the loss diverges. Suggested is a tenth of the rate at which the smoothed loss is least;
/// the steepest place and the "valley" of fastai are given beside it. Model and optimiser have the values afterwards that they had before, bit for
/// bit, however it ends.
/// </summary>
public static class LearningRateFinder
{
    private const double Keep = 0.9, KeepBothWays = 0.8, DivergedTimes = 4, LeastFall = 0.01, LeastFallOfScatter = 2.5, DivergedScatter = 3;
    private const int FewestPoints = 10;

    /// <summary>Tries rates on a network by a loss.</summary>
    /// <inheritdoc cref="Run(Objective, Optimizer, DataLoader, LearningRateFinderOptions?, Action{RatePoint}?, CancellationToken)"/>
    public static LearningRateCurve Run(Network network, Loss loss, Optimizer optimizer, DataLoader training,
        LearningRateFinderOptions? options = null,
        Action<RatePoint>? tell = null, CancellationToken cancel = default) =>
            Run(new Supervised(network, loss), optimizer, training, options, tell, cancel);

    /// <summary>Tries rates on an objective's model.</summary>
    /// <param name="objective">What is trained, and what is minimised.</param>
    /// <param name="optimizer">The optimiser that the rate is for; its own rate isn't used.</param>
    /// <param name="training">The examples; of a small set several epochs.</param>
    /// <param name="options">Which rates are tried; null: 100 from 10⁻⁷ to 10.</param>
    /// <param name="tell">Called after each step.</param>
    /// <param name="cancel">Stops after the step in progress.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="Lamina.Tensors.Shapes.TensorException">The network can't be trained on batches of this shape or size.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static LearningRateCurve Run(Objective objective, Optimizer optimizer, DataLoader training, LearningRateFinderOptions? options = null,
        Action<RatePoint>? tell = null, CancellationToken cancel = default)
    {
        LearningRateFinderOptions o = Checked(options ?? new());
        Module model = objective.Model;
        if (!model.IsBuilt) objective.Build(training.Dataset.Inputs);
        using var before = new Restoring(objective, optimizer, o.Seed);
        int batches = BatchCheck.UsableBatches(objective, training, out _);
        var step = new TrainStep(objective, optimizer, new StepOptions { Seed = o.Seed, ClipNorm = o.ClipNorm });
        double growth = Math.Pow(o.Highest / o.Lowest, 1.0 / (o.Steps - 1)), mean = 0, least = double.PositiveInfinity, first = double.NaN, sum = 0,
            squares = 0;
        var tried = new List<(double Rate, double Loss)>();
        bool hasDiverged = false;
        foreach (Batch batch in Batches(training, batches, o.Seed))
        {
            cancel.ThrowIfCancellationRequested();
            double rate = o.Lowest * Math.Pow(growth, tried.Count), loss = step.Run(batch, tried.Count, rate).Loss.Item();
            if (!double.IsFinite(loss))
            {
                hasDiverged = true;
                break;
            }
            tried.Add((rate, loss));
            mean = Keep * mean + (1 - Keep) * loss;
            double smoothed = mean / (1 - Math.Pow(Keep, tried.Count));
            if (tried.Count == 1) first = smoothed;
            least = Math.Min(least, smoothed);
            tell?.Invoke(new(rate, loss, smoothed));
            // Above four times the least, above where it began, and by more than losses differ from batch to batch.
            double scatter = Math.Sqrt(Math.Max(0, squares - sum * sum / Math.Max(1, tried.Count - 1)) / Math.Max(1, tried.Count - 1));
            (sum, squares) = (sum + loss, squares + loss * loss);
            hasDiverged = tried.Count >= FewestPoints
                && smoothed > least + Math.Max(Math.Max((DivergedTimes - 1) * Math.Abs(least), first - least), DivergedScatter * scatter);
            if (hasDiverged || tried.Count == o.Steps) break;
        }
        return Of(tried, hasDiverged);
    }

    /// <summary>What a curve says.</summary>
    internal static LearningRateCurve Of(IReadOnlyList<(double Rate, double Loss)> tried, bool hasDiverged)
    {
        if (tried.Count == 0)
            return new([], hasDiverged) { Problem = "the loss is NaN or infinite at the first step, before any weight was changed: the learning rate isn't the cause" };
        double[] smoothed = Smooth([.. tried.Select(t => t.Loss)]);
        var curve = new LearningRateCurve([.. tried.Select((t, i) => new RatePoint(t.Rate, t.Loss, smoothed[i]))], hasDiverged);
        if (tried.Count < FewestPoints)
            return curve with { Problem = $"the loss became NaN or infinite after {tried.Count} steps, with a rate of {tried[^1].Rate:G2}: too soon to suggest a rate" };
        int minimum = Array.IndexOf(smoothed, smoothed.Min());
        double highest = smoothed.Take(minimum + 1).Max();
        // Against the scatter of the losses from batch to batch, too: smoothed noise alone goes up and down by one to two of its deviations.
        double scatter = Math.Sqrt(tried.Select((t, i) => (t.Loss - smoothed[i]) * (t.Loss - smoothed[i])).Take(minimum + 1).Average());
        if (minimum == 0 || highest - smoothed[minimum] < Math.Max(LeastFall * Math.Abs(highest), LeastFallOfScatter * scatter))
            return curve with { Problem = "the loss doesn't fall at any rate, so none is suggested" };
        // The end isn't above the least by more than the losses scatter.
        bool isOpen = !hasDiverged && smoothed[^1] - smoothed[minimum] <= Math.Max(0.05 * (highest - smoothed[minimum]), scatter / 2);
        int steepest = Enumerable.Range(1, minimum).MinBy(i => smoothed[Math.Min(i + 1, minimum)] - smoothed[i - 1]);
        return curve with
        {
            Suggestion = isOpen ? tried[Valley(smoothed)].Rate : tried[minimum].Rate / 10,
            Valley = tried[Valley(smoothed)].Rate,
            Steepest = tried[steepest].Rate,
            Minimum = isOpen ? null : tried[minimum].Rate,
            Problem = isOpen ? $"no minimum shows up to the highest rate, {tried[^1].Rate:G2}" : null,
        };
    }

    // The middle of the longest falling subsequence, a third and a sixth of its length from its beginning, as in fastai.
    private static int Valley(double[] losses)
    {
        var lengths = new int[losses.Length];
        int end = 0;
        for (int i = 0; i < losses.Length; i++)
        {
            lengths[i] = 1;
            for (int j = 0; j < i; j++)
                if (losses[i] < losses[j] && lengths[i] < lengths[j] + 1) lengths[i] = lengths[j] + 1;
            if (lengths[i] > lengths[end]) end = i;
        }
        int start = Math.Max(0, end - lengths[end]), third = (end - start) / 3;
        return start + third + third / 2;
    }

    // Exponential means from both ends, so that the curve isn't shifted to higher rates.
    private static double[] Smooth(double[] losses)
    {
        double[] forward = OneWay(losses), backward = OneWay([.. losses.Reverse()]);
        return [.. forward.Select((f, i) => (f + backward[losses.Length - 1 - i]) / 2)];

        static double[] OneWay(double[] values)
        {
            double mean = 0;
            return [.. values.Select((v, i) => (mean = KeepBothWays * mean + (1 - KeepBothWays) * v) / (1 - Math.Pow(KeepBothWays, i + 1)))];
        }
    }

    private static IEnumerable<Batch> Batches(DataLoader training, int batches, long seed)
    {
        for (int epoch = 0; ; epoch++)
        {
            int left = batches;
            foreach (Batch batch in training.Epoch(epoch, 0, CancellationToken.None, seed))
            {
                if (left-- == 0) break;
                yield return batch;
            }
        }
    }

    private static LearningRateFinderOptions Checked(LearningRateFinderOptions o)
    {
        if (!(o.Lowest > 0)) throw new ArgumentOutOfRangeException(nameof(o.Lowest), o.Lowest, "the lowest rate is a number above 0, such as 1e-7");
        if (!(o.Highest > o.Lowest) || !float.IsFinite((float)o.Highest))
            throw new ArgumentOutOfRangeException(nameof(o.Highest), o.Highest, $"the highest rate is above the lowest, {o.Lowest}");
        ArgumentOutOfRangeException.ThrowIfLessThan(o.Steps, FewestPoints, nameof(o.Steps));
        return o;
    }
}

/// <summary>Gives a model and an optimiser back the values that they had; weights that nobody set are unset again.</summary>
internal sealed class Restoring : IDisposable
{
    private readonly List<(ModuleVariable Variable, Tensor? Value)> _unset = [];
    private readonly StateCopy _copy;

    /// <param name="objective">What is trained, its model's shapes known.</param>
    /// <param name="optimizer">The optimiser.</param>
    /// <param name="seed">Weights that nobody set are drawn from it until then.</param>
    public Restoring(Objective objective, Optimizer optimizer, long seed)
    {
        Module model = objective.Model;
        foreach ((_, Variable variable) in model.Variables)
            if (variable is ModuleVariable { IsSet: false } unset) _unset.Add((unset, unset.HasValue ? unset.Value.Keep() : null));
        model.InitializeUnset((ulong)seed);
        OptimizerState.Prepare(objective, optimizer);
        optimizer.Prepare(model);
        _copy = new StateCopy(new TrainingState(), model.Variables.Concat(optimizer.Variables(model)).Select(v => v.Variable));
    }

    public void Dispose()
    {
        _copy.Restore();
        foreach ((ModuleVariable variable, Tensor? value) in _unset)
        {
            if (value is null) variable.Reset();
            else variable.SetDefault(value);
        }
    }
}
