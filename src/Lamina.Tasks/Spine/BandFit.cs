using System.Runtime.InteropServices;
using Lamina.Learning.Data;
using Lamina.Learning.Modules;
using Lamina.Learning.Training;
using Lamina.Tasks.Runs;
using Tensor = Lamina.Tensors.Tensor;

namespace Lamina.Tasks.Spine;

/// <summary>Measures the band around forecasts on the validation windows.</summary>
internal static class BandFit
{
    private const double Low = 0.1, High = 0.9;
    private const int Batch = 256, FewestErrors = 60;
    private const long MostErrors = 20_000_000;

    /// <summary>The output with its band; as it was where there is nothing to measure on.</summary>
    public static SeriesOutput Of(SeriesOutput output, LearningTask task, Network network, RunInfo run, Dataset validation, CancellationToken cancel)
    {
        int columns = output.Columns.Count, size = output.Horizon * columns;
        if (validation.Count < 1 || output.Band is not null) return output;
        int every = (int)Math.Max(1, (long)validation.Count * size / MostErrors), seen = 0;
        const double power = 0;
        var errors = new List<float>[size];
        for (int i = 0; i < size; i++) errors[i] = [];
        var loader = new DataLoader(validation, BatchOptions.Evaluation with { Size = Batch });
        new Evaluator(task.CreateObjective(network, run)).Run(loader, [], null, (batch, predictions) =>
        {
            ReadOnlySpan<float> said = predictions[0].Read<float>(), actual = batch.Target.Read<float>(), inputs = batch.Input.Read<float>(), mask = batch.Targets.Count > 1 ? batch.Targets[1].Read<float>() : default;
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
        float[] low = new float[size], high = new float[size];
        for (int c = 0; c < columns; c++)
            for (int h = 0; h < output.Horizon; h++) (low[h * columns + c], high[h * columns + c]) = Quantiles(errors, c, h, columns, output.Horizon);
        return output with { Band = new(Low, High, power, low, high) };
    }

    // Where a step alone has too few errors, those of its neighbours count too.
    private static (float Low, float High) Quantiles(List<float>[] errors, int column, int step, int columns, int horizon)
    {
        var its = new List<float>(errors[step * columns + column]);
        for (int away = 1; its.Count < FewestErrors && away < horizon; away++)
            foreach (int other in (int[])[step - away, step + away])
                if (other >= 0 && other < horizon) its.AddRange(errors[other * columns + column]);
        if (its.Count == 0) return (0, 0);
        its.Sort();
        ReadOnlySpan<float> sorted = CollectionsMarshal.AsSpan(its);
        // The finite-sample ranks of conformal prediction: a little further out where there are few.
        int first = Math.Max(0, (int)Math.Floor((sorted.Length + 1) * Low) - 1), last = Math.Min(sorted.Length - 1, (int)Math.Ceiling((sorted.Length + 1) * High) - 1);
        return (sorted[first], sorted[last]);
    }
}
