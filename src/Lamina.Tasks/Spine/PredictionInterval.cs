using Lamina.Learning.Data;
using Lamina.Learning.Modules;
using Lamina.Learning.Training;
using Lamina.Tasks.Runs;
using Tensor = Lamina.Tensors.Tensor;

namespace Lamina.Tasks.Spine;

/// <summary>
/// How far predicted numbers are off: half the width of an interval that holds 90 % of cases like those of the validation set, by split conformal prediction
/// (Lei et al., 2018: "Distribution-free predictive inference for regression").
/// </summary>
internal static class PredictionInterval
{
    private const double Coverage = 0.9;
    private const int Fewest = 20, Batch = 256;

    /// <summary>The output with its intervals; as it was where it is no number, or too few examples say how far off it is.</summary>
    public static OutputMeaning Of(LearningTask task, Network network, RunInfo run, TaskData data, CancellationToken cancel)
    {
        if (run.Output is SeriesOutput series) return BandFit.Of(series, task, network, run, data, cancel);
        if (run.Output is AnomalyOutput anomalies) return DetectionFit.Of(anomalies, task, network, run, data.Test, cancel);
        Dataset validation = data.Validation;
        IReadOnlyList<NumberOutput> numbers = run.Output switch { NumberOutput one => [one], NumbersOutput several => several.Numbers, _ => [] };
        if (numbers.Count == 0 || validation.Count < Fewest || numbers.All(n => n.Interval is not null)) return run.Output;
        var errors = new List<double>[numbers.Count];
        for (int i = 0; i < errors.Length; i++) errors[i] = new(validation.Count);
        var loader = new DataLoader(validation, BatchOptions.Evaluation with { Size = Batch });
        new Evaluator(task.CreateObjective(network, run)).Run(loader, [], null, (batch, predictions) => Add(numbers, errors, batch, predictions[0]), cancel);
        NumberOutput[] known = [.. numbers.Select((n, i) => n with { Interval = Quantile(errors[i]) })];
        return run.Output is NumberOutput ? known[0] : new NumbersOutput(known);
    }

    private static void Add(IReadOnlyList<NumberOutput> numbers, List<double>[] errors, Batch batch, Tensor prediction)
    {
        ReadOnlySpan<float> said = prediction.Read<float>(), actual = batch.Target.Read<float>();
        for (int i = 0; i < batch.Count * numbers.Count; i++)
        {
            NumberOutput number = numbers[i % numbers.Count];
            errors[i % numbers.Count].Add(Math.Abs(number.ToUnit(said[i]) - number.ToUnit(actual[i])));
        }
    }

    internal static double? Quantile(List<double> errors)
    {
        errors.Sort();
        double half = errors[Math.Min(errors.Count - 1, (int)Math.Ceiling((errors.Count + 1) * Coverage) - 1)];
        return double.IsFinite(half) ? half : null;
    }
}
