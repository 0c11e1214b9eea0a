using Lamina.Learning.Data;
using Tensor = Lamina.Tensors.Tensor;

namespace Lamina.Tasks.Spine;

/// <summary>Counts a network's predictions on a test set, and a baseline's by the same rules. It keeps at most 16 bytes an example and output.</summary>
internal abstract class Tally
{
    protected const int ShownMistakes = 3, ShownSamples = 4, MostWorst = 24;

    /// <summary>The tally for outputs of this meaning.</summary>
    /// <param name="output">What the outputs mean.</param>
    /// <param name="count">The number of examples that will be counted, as far as it is known.</param>
    public static Tally Of(OutputMeaning output, int count = 0) => output switch
    {
        ClassOutput classes => new ClassTally(classes, count),
        NumberOutput number => new NumberTally([number], count),
        LabelsOutput labels => new LabelsTally(labels, count),
        NumbersOutput numbers => new NumberTally(numbers.Numbers, count),
        AnomalyOutput anomalies => new AnomalyTally(anomalies),
        SeriesOutput series => new SeriesTally(series, count),
        TokenOutput tokens => new TokenTally(tokens, count),
        PositionsOutput positions => new PositionsTally(positions),
        DrawingOutput => new LossTally(),
        _ => throw new ArgumentException($"there are no figures for {output}", nameof(output)),
    };

    /// <summary>Number of examples counted.</summary>
    public abstract int Count { get; }

    /// <summary>Counts a batch.</summary>
    /// <exception cref="TaskException">The network gives NaN or infinity.</exception>
    public abstract void Add(Batch batch, Tensor prediction);

    /// <summary>What was counted.</summary>
    /// <param name="loss">The mean of the loss.</param>
    /// <param name="show">Gives an example to be shown.</param>
    public abstract TestReport Report(double loss, Func<int, Sample?> show);

    /// <summary>The examples of which a measure is greatest, the greatest first, equal ones in their order; those with NaN are left out.</summary>
    protected static int[] Greatest(int count, int most, Func<int, double> measure)
    {
        // The least of those kept comes out first: of equal ones the last.
        var kept = new PriorityQueue<int, (double, int)>();
        for (int i = 0; i < count; i++)
        {
            double value = measure(i);
            if (double.IsNaN(value)) continue;
            if (kept.Count < most) kept.Enqueue(i, (value, -i));
            else kept.EnqueueDequeue(i, (value, -i));
        }
        var greatest = new int[kept.Count];
        for (int i = greatest.Length; i-- > 0;) greatest[i] = kept.Dequeue();
        return greatest;
    }
}
