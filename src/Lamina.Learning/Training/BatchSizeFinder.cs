using System.Diagnostics;
using Lamina.Learning.Data;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Learning.Optimizers;

namespace Lamina.Learning.Training;

/// <summary>Which batch sizes are tried, and how.</summary>
public sealed record BatchSizeFinderOptions
{
    /// <summary>The smallest size, from 1; each next one is twice as large.</summary>
    public int Smallest { get; init; } = 8;

    /// <summary>The largest size, which is tried too.</summary>
    public int Largest { get; init; } = 4096;

    /// <summary>The most bytes that a training step may hold; larger sizes aren't run. Null: what the process may still take.</summary>
    public long? MostBytes { get; init; }

    /// <summary>By how much of the best throughput the suggested size may fall short, 0 to below 1.</summary>
    public double Tolerance { get; init; } = 0.1;

    /// <summary>The time for each size.</summary>
    public TimeSpan TimeOfEach { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>The random seed of weights that nobody set.</summary>
    public long Seed { get; init; }

    /// <summary>The largest norm of all gradients together, as in the training that the size is for; null: no limit.</summary>
    public double? ClipNorm { get; init; }
}

/// <summary>A batch size that was tried.</summary>
/// <param name="Size">Examples in a step.</param>
/// <param name="Seconds">The least time of a step.</param>
/// <param name="Memory">The memory that a step holds.</param>
public sealed record BatchSizePoint(int Size, double Seconds, StepMemory Memory)
{
    /// <summary>Examples in a second.</summary>
    public double Throughput => Size / Seconds;
}

/// <summary>The speed of training by batch size.</summary>
/// <param name="Points">The sizes that were tried, ascending.</param>
/// <param name="Suggestion">The smallest size whose throughput is nearly the best; null where not even the smallest one fits into the
/// memory.</param>
/// <param name="Limit">The most bytes that a step was allowed to hold.</param>
public sealed record BatchSizes(IReadOnlyList<BatchSizePoint> Points, int? Suggestion, long Limit)
{
    /// <summary>The first size that wasn't run, since it would hold more than the limit; null where all were.</summary>
    public int? TooLarge { get; init; }

    /// <summary>The bytes that it would hold.</summary>
    public long TooLargeBytes { get; init; }
}

/// <summary>
/// Finds a batch size by measuring training steps of growing sizes: the smallest one that is nearly as fast for each example as the fastest,
/// within a limit of memory, which is known before a step is run. Smaller batches make more steps of an epoch, and mostly learn more from it.
/// Model and optimiser keep their values, bit for bit.
/// </summary>
public static class BatchSizeFinder
{
    private const int FewestRuns = 2;

    /// <summary>Measures steps of an objective's model.</summary>
    /// <param name="objective">What is trained, and what is minimised; its shapes are known.</param>
    /// <param name="optimizer">The optimiser.</param>
    /// <param name="create">Makes a batch of so many examples; what is in it hardly matters.</param>
    /// <param name="options">Which sizes are tried; null: 8 to 4,096.</param>
    /// <param name="tell">Called after each size.</param>
    /// <param name="cancel">Stops after the step in progress.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static BatchSizes Run(Objective objective, Optimizer optimizer, Func<int, Batch> create, BatchSizeFinderOptions? options = null,
        Action<BatchSizePoint>? tell = null, CancellationToken cancel = default)
    {
        BatchSizeFinderOptions o = options ?? new();
        ArgumentOutOfRangeException.ThrowIfLessThan(o.Smallest, 1, nameof(o.Smallest));
        ArgumentOutOfRangeException.ThrowIfLessThan(o.Largest, o.Smallest, nameof(o.Largest));
        if (!(o.Tolerance is >= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(o.Tolerance), o.Tolerance,
            "the tolerance is a share from 0 to below 1");
        if (!objective.Model.IsBuilt) objective.Build(create(1).Example);
        using var before = new Restoring(objective, optimizer, o.Seed);
        long limit = o.MostBytes ?? Free();
        var points = new List<BatchSizePoint>();
        for (int size = o.Smallest; ; size = (int)Math.Min(2L * size, o.Largest))
        {
            cancel.ThrowIfCancellationRequested();
            // A step of its own, so that the plans of other sizes don't take memory.
            var step = new TrainStep(objective, optimizer, new StepOptions { Seed = o.Seed, ClipNorm = o.ClipNorm, MeasureNorm = true });
            Batch batch = create(size);
            StepMemory memory = step.Memory(batch);
            if (memory.Total > limit) return new(points, Best(points, o.Tolerance), limit) { TooLarge = size, TooLargeBytes = memory.Total };
            var point = new BatchSizePoint(size, Time(step, batch, o.TimeOfEach, cancel), memory);
            points.Add(point);
            tell?.Invoke(point);
            if (size == o.Largest) return new(points, Best(points, o.Tolerance), limit);
        }
    }

    /// <summary>The smallest size whose throughput falls short of the best by no more than a share.</summary>
    internal static int? Best(IReadOnlyList<BatchSizePoint> points, double tolerance)
    {
        if (points.Count == 0) return null;
        double best = points.Max(p => p.Throughput);
        return points.First(p => p.Throughput >= (1 - tolerance) * best).Size;
    }

    private static double Time(TrainStep step, Batch batch, TimeSpan time, CancellationToken cancel)
    {
        step.Run(batch, 0, 0); // the plan is made, memory is touched
        long began = Stopwatch.GetTimestamp();
        double least = double.PositiveInfinity;
        for (int run = 0; run < FewestRuns || Stopwatch.GetElapsedTime(began) < time; run++)
        {
            cancel.ThrowIfCancellationRequested();
            long start = Stopwatch.GetTimestamp();
            step.Run(batch, 0, 0);
            least = Math.Min(least, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return least;
    }

    private static long Free()
    {
        GCMemoryInfo memory = GC.GetGCMemoryInfo();
        return Math.Max(0, memory.TotalAvailableMemoryBytes - Math.Max(memory.MemoryLoadBytes, Environment.WorkingSet));
    }
}
