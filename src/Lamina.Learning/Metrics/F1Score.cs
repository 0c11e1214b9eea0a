namespace Lamina.Learning.Metrics;

/// <summary>
/// Precision, recall and F1 of each class (van Rijsbergen, 1979). Its value is the macro F1: the mean over all classes that
/// occur, each counting the same however rare it is.
/// </summary>
public sealed class F1Score : ClassMetric
{
    private readonly ConfusionMatrix _matrix;

    /// <summary>For so many classes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are no classes.</exception>
    public F1Score(int classes) => _matrix = new ConfusionMatrix(classes);

    /// <inheritdoc/>
    public override string Name => "f1";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override double Value => Mean(F1);

    /// <summary>The mean precision over all classes that occur.</summary>
    public double MacroPrecision => Mean(Precision);

    /// <summary>The mean recall over all classes that occur, also known as balanced accuracy.</summary>
    public double MacroRecall => Mean(Recall);

    /// <summary>Of what was taken for the class, the share that was it; 0 where nothing was.</summary>
    public double Precision(int label) => Share(_matrix[label, label], _matrix.Predicted(label));

    /// <summary>Of the class's examples, the share that was found; 0 where there are none.</summary>
    public double Recall(int label) => Share(_matrix[label, label], _matrix.Actual(label));

    /// <summary>The harmonic mean of precision and recall.</summary>
    public double F1(int label) => Share(2 * _matrix[label, label], _matrix.Predicted(label) + _matrix.Actual(label));

    /// <inheritdoc/>
    public override IReadOnlyList<double> Totals
    {
        get => _matrix.Totals;
        set => _matrix.Totals = value;
    }

    /// <inheritdoc/>
    public override void Reset() => _matrix.Reset();

    /// <inheritdoc/>
    protected override void Add(ReadOnlySpan<float> scores, int label) => _matrix.Take(scores, label);

    private static double Share(long part, long whole) => whole == 0 ? 0 : (double)part / whole;

    // Classes that are neither in the data nor predicted say nothing.
    private double Mean(Func<int, double> score)
    {
        int[] occurring = [.. Enumerable.Range(0, _matrix.Classes).Where(c => _matrix.Actual(c) + _matrix.Predicted(c) > 0)];
        return occurring.Length == 0 ? double.NaN : occurring.Average(score);
    }
}
