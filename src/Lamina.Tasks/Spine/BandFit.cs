using Lamina.Learning.Data;
using Lamina.Learning.Modules;
using Lamina.Learning.Training;
using Lamina.Tasks.Runs;
using Tensor = Lamina.Tensors.Tensor;

namespace Lamina.Tasks.Spine;

/// <summary>
/// Measures the band around forecasts: quantiles of the errors of each step and column. The errors on the validation windows and those on the
/// training windows have half of the weight each: the former are of steps that were not learned, the latter of all times of the year
/// (docs/decisions/0029).
/// </summary>
internal static class BandFit
{
    private const double Low = 0.1, High = 0.9;
    private const int Batch = 256, FewestErrors = 60, FewestDifferences = 24;
    private const long MostErrors = 20_000_000;

    /// <summary>The output with its band; as it was where there is nothing to measure on.</summary>
    public static SeriesOutput Of(SeriesOutput output, LearningTask task, Network network, RunInfo run, TaskData data, CancellationToken cancel)
    {
        if (data.Validation.Count < 1 || output.Band is not null) return output;
        // The unrest of a window that holds few differences says little.
        double power = output.Differences >= FewestDifferences ? 1 : 0;
        var evaluator = new Evaluator(task.CreateObjective(network, run));
        List<float>[] validation = Errors(output, evaluator, data.Validation, power, cancel),
            training = Errors(output, evaluator, data.Training, power, cancel);
        int columns = output.Columns.Count, size = output.Horizon * columns;
        float[] low = new float[size], high = new float[size];
        for (int c = 0; c < columns; c++)
            for (int h = 0; h < output.Horizon; h++)
                (low[h * columns + c], high[h * columns + c]) = Quantiles(Near(validation, c, h, output), Near(training, c, h, output));
        return output with { Band = new(Low, High, power, low, high) };
    }

    // (horizon, columns) lists of errors, actual less forecast, each relative to the unrest of its window.
    private static List<float>[] Errors(SeriesOutput output, Evaluator evaluator, Dataset set, double power, CancellationToken cancel)
    {
        int columns = output.Columns.Count, size = output.Horizon * columns, seen = 0;
        int every = (int)Math.Max(1, (long)set.Count * size / MostErrors);
        var errors = new List<float>[size];
        for (int i = 0; i < size; i++) errors[i] = [];
        var loader = new DataLoader(set, BatchOptions.Evaluation with { Size = Batch });
        evaluator.Run(loader, [], null, (batch, predictions) =>
        {
            ReadOnlySpan<float> said = predictions[0].Read<float>(), actual = batch.Target.Read<float>(), inputs = batch.Input.Read<float>();
            ReadOnlySpan<float> mask = batch.Targets.Count > 1 ? batch.Targets[1].Read<float>() : default;
            int channels = batch.Input.Shape[2], each = batch.Input.Shape[1] * channels;
            for (int i = 0; i < batch.Count; i++)
            {
                if (seen++ % every != 0) continue;
                for (int c = 0; c < columns; c++)
                {
                    double unrest = Math.Pow(output.UnrestOf(inputs.Slice(i * each, each), channels, c), power);
                    for (int at = c; at < size; at += columns)
                        if (mask.IsEmpty || mask[i * size + at] > 0) errors[at].Add((float)((actual[i * size + at] - said[i * size + at]) / unrest));
                }
            }
        }, cancel);
        return errors;
    }

    // The errors of a step, sorted. Where it has too few, those of its neighbours count too.
    private static float[] Near(List<float>[] errors, int column, int step, SeriesOutput output)
    {
        int columns = output.Columns.Count;
        var its = new List<float>(errors[step * columns + column]);
        for (int away = 1; its.Count < FewestErrors && away < output.Horizon; away++)
            foreach (int other in (int[])[step - away, step + away])
                if (other >= 0 && other < output.Horizon) its.AddRange(errors[other * columns + column]);
        its.Sort();
        return [.. its];
    }

    // Quantiles of two sorted lists that weigh the same, however long they are.
    private static (float Low, float High) Quantiles(float[] one, float[] other)
    {
        if (one.Length == 0 || other.Length == 0) (one, other) = one.Length == 0 ? (other, other) : (one, one);
        if (one.Length == 0) return (0, 0);
        (int i, int j) = (0, 0);
        (float? low, float high) = (null, Math.Max(one[^1], other[^1]));
        while (i < one.Length || j < other.Length)
        {
            float value = j >= other.Length || i < one.Length && one[i] <= other[j] ? one[i++] : other[j++];
            // A conformal quantile lies a rank further out.
            double share = ((double)i / one.Length + (double)j / other.Length) / 2, inside = 1.0 / (one.Length + other.Length);
            if (low is null && share >= Low - inside) low = value;
            if (share < High + inside) continue;
            high = value;
            break;
        }
        return (low ?? one[0], high);
    }
}
