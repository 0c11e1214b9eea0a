namespace Lamina.Tasks.Spine;

/// <summary>How often each class was taken for each, and what follows from it.</summary>
internal sealed class ClassCounts
{
    private readonly (int Actual, int Predicted)[] _cells;
    private readonly long[] _counts, _actual, _predicted, _right;

    private ClassCounts(int classes, (int Actual, int Predicted)[] cells, long[] counts)
    {
        (_cells, _counts) = (cells, counts);
        (_actual, _predicted, _right) = (new long[classes], new long[classes], new long[classes]);
        Fill(counts);
    }

    /// <summary>Counts pairs of an actual and a predicted class.</summary>
    public static ClassCounts Of(int classes, IEnumerable<(int Actual, int Predicted)> pairs)
    {
        var found = new Dictionary<(int, int), long>();
        foreach ((int, int) pair in pairs) System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(found, pair, out _)++;
        (int Actual, int Predicted)[] cells = [.. found.Keys.Order()];
        return new(classes, cells, [.. cells.Select(c => found[c])]);
    }

    /// <summary>The number of examples.</summary>
    public long Count { get; private set; }

    /// <summary>Pairs that occur, with their counts, in the order of the classes.</summary>
    public IEnumerable<(int Actual, int Predicted, long Count)> Cells => _cells.Zip(_counts, (cell, count) => (cell.Actual, cell.Predicted, count));

    /// <summary>Examples of a class.</summary>
    public long Actual(int c) => _actual[c];

    /// <summary>Examples that were taken for a class.</summary>
    public long Predicted(int c) => _predicted[c];

    /// <summary>The share of examples that is right; NaN without any.</summary>
    public double Accuracy => Count == 0 ? double.NaN : (double)_right.Sum() / Count;

    /// <summary>The share of what was taken for a class that is of it; 0 where nothing was though the class occurs, NaN where neither.</summary>
    public double Precision(int c) => _predicted[c] > 0 ? (double)_right[c] / _predicted[c] : _actual[c] > 0 ? 0 : double.NaN;

    /// <summary>The share of a class's examples that was found; NaN where there are none.</summary>
    public double Recall(int c) => _actual[c] > 0 ? (double)_right[c] / _actual[c] : double.NaN;

    /// <summary>The harmonic mean of precision and recall; NaN where a class neither occurs nor was predicted.</summary>
    public double F1(int c) => _actual[c] + _predicted[c] > 0 ? 2.0 * _right[c] / (_actual[c] + _predicted[c]) : double.NaN;

    /// <summary>
    /// The figure of <see cref="F1(int)"/> with its interval: <c>f1 = 2 j / (1 + j)</c> of the share <c>j</c> of right ones among the examples that are of the
    /// class or were taken for it, whose interval is Wilson's.
    /// </summary>
    public Figure F1Figure(int c)
    {
        long either = _actual[c] + _predicted[c] - _right[c];
        if (either == 0) return new(double.NaN, FigureKind.Score);
        Interval share = Statistics.Wilson((double)_right[c] / either, either);
        return new(F1(c), FigureKind.Score, new(2 * share.Low / (1 + share.Low), 2 * share.High / (1 + share.High)));
    }

    /// <summary>
    /// The mean of <see cref="F1(int)"/> over the classes that occur or were predicted, and of <see cref="Recall"/> over those that occur, with
    /// bootstrapped intervals.
    /// </summary>
    public (Figure F1, Figure BalancedAccuracy) Means()
    {
        double[] means = [MeanF1(), MeanRecall()];
        Interval?[] intervals = Statistics.BootstrapCounts(_counts, 2, new ClassCounts(_actual.Length, _cells, _counts).Resampled);
        return (new(means[0], FigureKind.Score, intervals[0]), new(means[1], FigureKind.Share, intervals[1]));
    }

    private double[] Resampled(long[] counts)
    {
        Fill(counts);
        return [MeanF1(), MeanRecall()];
    }

    private double MeanF1() => Mean(F1);

    private double MeanRecall() => Mean(Recall);

    // Over the classes for which there is a value.
    private double Mean(Func<int, double> figure)
    {
        double sum = 0;
        int number = 0;
        for (int c = 0; c < _actual.Length; c++)
        {
            double value = figure(c);
            if (double.IsNaN(value)) continue;
            sum += value;
            number++;
        }
        return number == 0 ? double.NaN : sum / number;
    }

    private void Fill(long[] counts)
    {
        foreach (long[] totals in (long[][])[_actual, _predicted, _right]) Array.Clear(totals);
        for (int i = 0; i < counts.Length; i++)
        {
            (int actual, int predicted) = _cells[i];
            _actual[actual] += counts[i];
            _predicted[predicted] += counts[i];
            if (actual == predicted) _right[actual] += counts[i];
        }
        Count = counts.Sum();
    }
}
