using System.Diagnostics;
using Lamina.Learning.Data;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Training;
using Lamina.Tasks.Runs;

namespace Lamina.Tasks.Spine;

/// <summary>Where the time and memory of a run's training steps go.</summary>
/// <param name="Network">The network's name.</param>
/// <param name="Batch">Batch size.</param>
/// <param name="Step">The profile of one step.</param>
public sealed record RunProfile(string Network, int Batch, StepProfile Step);

/// <summary>Profiles the training step of a run's network on made-up examples: the run's data may be gone, and its weights aren't read.</summary>
internal static class ProfileJob
{
    // The least time of a call is found soon; a large network's step isn't run for minutes.
    private const int MostRuns = 20, FewestRuns = 3;
    private static readonly TimeSpan s_enough = TimeSpan.FromSeconds(5), s_beforeTelling = TimeSpan.FromSeconds(2);

    /// <exception cref="TaskException">The batch size is below 1, or the network can't be built or doesn't fit.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static RunProfile Run(LearningTask task, RunInfo run, int? batchSize, TaskContext context)
    {
        int size = batchSize ?? run.Settings.Batch;
        if (size < 1) throw new TaskException($"a batch of {size} examples can't be trained on", "a batch size of 1 or more");
        long began = Stopwatch.GetTimestamp();
        Network network = TrainingJob.Build(task, run, out _);
        network.Initialize((ulong)run.Settings.Seed);
        Objective objective = task.CreateObjective(network, run);
        Batch batch = task.CreateSyntheticBatch(run, size);
        Optimizer optimizer = task.CreateOptimizer(run);
        var step = new TrainStep(objective, optimizer, TrainingJob.CreateStepOptions(run.Settings));
        context.Cancel.ThrowIfCancellationRequested();
        return new(network.ToString(), size, StepProfile.Of(step, objective, batch, MostRuns, GoOn));

        bool GoOn(int done)
        {
            context.Cancel.ThrowIfCancellationRequested();
            TimeSpan time = Stopwatch.GetElapsedTime(began);
            if (time > s_beforeTelling) context.Tell(new Preparing("measuring steps", done, MostRuns));
            return done < FewestRuns || time < s_enough;
        }
    }
}
