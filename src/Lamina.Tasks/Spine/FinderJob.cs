using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Learning.Training;
using Lamina.Tasks.Runs;

namespace Lamina.Tasks.Spine;

/// <summary>Looks for a learning rate or a batch size by the steps that a run would make.</summary>
internal static class FinderJob
{
    /// <exception cref="TaskException">The loss is no number at the first step.</exception>
    public static RateSearch Rate(LearningTask task, RunInfo info, TaskData data, Network network, LearningRateFinderOptions? options,
        TaskContext context)
    {
        LearningRateFinderOptions asked = options ?? new();
        Objective objective = task.CreateObjective(network, info);
        if (!objective.LossRanksEpochs)
            throw new TaskException($"the loss of a run of {task.Name} with two networks that learn against each other doesn't say which rate is good", "trying some rates with --learning-rate");
        int done = 0;
        foreach (FrozenLayer layer in CommonOptions.FreezingOf(info.Settings)?.FrozenOf(network) ?? [])
            foreach (Parameter parameter in layer.Parameters) parameter.IsFrozen = true;
        LearningRateCurve curve = LearningRateFinder.Run(objective, task.CreateOptimizer(info),
            TrainingJob.TrainingLoader(data, info.Settings),
            asked with { Seed = info.Settings.Seed, ClipNorm = TrainingJob.CreateStepOptions(info.Settings).ClipNorm },
            _ => context.Tell(new Preparing("trying learning rates", ++done, asked.Steps)), context.Cancel);
        if (curve.Points.Count == 0)
            throw new TaskException(curve.Problem!, "lamina data on the data, to look for values that are infinite or far too large");
        return new(network.ToString(), data.Source, info.Settings.Batch, info.Settings.Optimizer, info.Settings.LearningRate, curve);
    }

    // No batch is larger than the training examples, where their number is known.
    public static BatchSearch Batch(LearningTask task, RunInfo info, int? training, BatchSizeFinderOptions? options, TaskContext context)
    {
        BatchSizeFinderOptions asked = options ?? new();
        if (training is { } count) asked = asked with { Largest = Math.Max(1, Math.Min(asked.Largest, count)) };
        asked = asked with { Smallest = Math.Min(asked.Smallest, asked.Largest), Seed = info.Settings.Seed,
            ClipNorm = TrainingJob.CreateStepOptions(info.Settings).ClipNorm };
        int total = 1 + (int)Math.Ceiling(Math.Log2((double)asked.Largest / asked.Smallest)), done = 0;
        Network network = TrainingJob.Build(task, info, out _);
        network.Initialize((ulong)info.Settings.Seed);
        BatchSizes sizes = BatchSizeFinder.Run(task.CreateObjective(network, info), task.CreateOptimizer(info), size =>
            task.CreateSyntheticBatch(info, size),
            asked, _ => context.Tell(new Preparing("measuring batch sizes", ++done, total)), context.Cancel);
        return new(network.ToString(), info.Settings.Batch, training, sizes);
    }
}
