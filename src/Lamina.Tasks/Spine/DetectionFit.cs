using Lamina.Learning.Data;
using Lamina.Learning.Modules;
using Lamina.Learning.Training;
using Lamina.Tasks.Detection;
using Lamina.Tasks.Runs;

namespace Lamina.Tasks.Spine;

/// <summary>Measures what is usual of series on all steps, when the network is trained.</summary>
internal static class DetectionFit
{
    private const int Batch = 256;

    /// <summary>The output with its scale.</summary>
    public static AnomalyOutput Of(AnomalyOutput output, LearningTask task, Network network, RunInfo run, Dataset all, CancellationToken cancel)
    {
        if (output.Scale is not null) return output;
        StepCollector steps = Collect(output, task, network, run, all, cancel);
        return output with { Scale = DetectionScale.Of(steps.Values, steps.Errors, steps.IsStep, output.Columns.Count, output.Season, output.Share) };
    }

    /// <summary>All steps with what a network makes of them.</summary>
    public static StepCollector Collect(AnomalyOutput output, LearningTask task, Network network, RunInfo run, Dataset all, CancellationToken cancel)
    {
        var steps = new StepCollector(output.Columns.Count);
        var loader = new DataLoader(all, BatchOptions.Evaluation with { Size = Batch });
        new Evaluator(task.CreateObjective(network, run)).Run(loader, [], null, (batch, predictions) =>
        {
            WeightCheck.RequireFinite(predictions[0].Read<float>());
            steps.Add(batch, predictions[0]);
        }, cancel);
        return steps;
    }
}
