using Lamina.Learning.Data;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Anomalies;

/// <summary>
/// Windows of series (steps, columns) that are their own targets; a second target is 0 for missing values and 1 for the others. To measure by, a
/// third says where each step lies and how it is labelled: (steps, 2) of its position and 1, 0 or −1 for unknown.
/// </summary>
/// <param name="series">The series.</param>
/// <param name="window">The steps of a window.</param>
/// <param name="starts">Where windows begin.</param>
/// <param name="isMeasured">Whether there is the third target.</param>
internal sealed class AnomalyWindows(WatchedSeries series, int window, int[] starts, bool isMeasured) : Dataset
{
    private readonly int _columns = series.Columns;

    /// <inheritdoc/>
    public override int Count => starts.Length;

    /// <inheritdoc/>
    public override Specs Inputs { get; } = new Spec(DType.Float32, [window, series.Columns]);

    /// <inheritdoc/>
    public override Specs Targets { get; } = Specs.Create([new Spec(DType.Float32, [window, series.Columns]),
        new Spec(DType.Float32, [window, series.Columns]),
        .. isMeasured ? (Spec[])[new Spec(DType.Int32, [window, 2])] : []]);

    /// <inheritdoc/>
    public override void Read(in ReadCall call)
    {
        int size = window * _columns;
        Span<float> inputs = call.Inputs<float>(), targets = call.Targets<float>(), mask = call.Targets<float>(1);
        for (int i = 0; i < call.Indices.Length; i++)
        {
            int first = starts[call.Indices[i]] * _columns;
            series.Values.AsSpan(first, size).CopyTo(inputs.Slice(i * size, size));
            series.Values.AsSpan(first, size).CopyTo(targets.Slice(i * size, size));
            for (int k = 0; k < size; k++) mask[i * size + k] = series.IsPresent[first + k] ? 1 : 0;
        }
        if (!isMeasured) return;
        Span<int> places = call.Targets<int>(2);
        for (int i = 0; i < call.Indices.Length; i++)
            for (int k = 0; k < window; k++)
            {
                int step = starts[call.Indices[i]] + k;
                (places[2 * (i * window + k)], places[2 * (i * window + k) + 1]) = (step, series.Labels[step]);
            }
    }
}

/// <summary>Series as the network sees them, one behind the other with room between them.</summary>
/// <param name="Values">(positions, columns) in robust units, without missing values.</param>
/// <param name="IsPresent">(positions, columns): whether a value was there.</param>
/// <param name="Labels">1 for odd steps, 0 for others, −1 where nothing is known.</param>
/// <param name="Columns">The number of columns.</param>
/// <param name="Starts">The position of each track's first step.</param>
/// <param name="Lengths">The number of each track's steps.</param>
internal sealed record WatchedSeries(float[] Values, bool[] IsPresent, sbyte[] Labels, int Columns, int[] Starts, int[] Lengths);
