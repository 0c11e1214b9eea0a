using System.Globalization;
using System.Numerics.Tensors;
using Lamina.Learning.Data;
using Tensor = Lamina.Tensors.Tensor;

namespace Lamina.Tasks.Spine;

/// <summary>Counts a network's predictions on a test set, and a baseline's by the same rules.</summary>
internal abstract class Tally
{
    protected const int ShownMistakes = 3, ShownSamples = 4;

    /// <summary>The tally for outputs of this meaning.</summary>
    public static Tally Of(OutputMeaning output) => output switch
    {
        ClassOutput classes => new ClassTally(classes),
        NumberOutput number => new NumberTally(number),
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
}

/// <summary>Counts predictions of classes.</summary>
internal sealed class ClassTally(ClassOutput output) : Tally
{
    private readonly List<int> _labels = [], _said = [];
    private readonly List<double> _losses = [];

    public override int Count => _labels.Count;

    public override void Add(Batch batch, Tensor prediction)
    {
        ReadOnlySpan<float> logits = prediction.Read<float>();
        WeightCheck.RequireFinite(logits);
        ReadOnlySpan<int> labels = batch.Target.Read<int>();
        int classes = output.Names.Count;
        for (int i = 0; i < batch.Count; i++)
        {
            ReadOnlySpan<float> row = logits.Slice(i * classes, classes);
            int best = TensorPrimitives.IndexOfMax(row);
            double sum = 0;
            foreach (float logit in row) sum += Math.Exp((double)logit - row[best]);
            _labels.Add(labels[i]);
            _said.Add(best);
            _losses.Add(Math.Log(sum) + row[best] - row[labels[i]]);
        }
    }

    public override TestReport Report(double loss, Func<int, Sample?> show) => new(FiguresOf([.. _said], [.. _losses], loss), Count, Confused(show)) { Baseline = Baseline() };

    private Figures FiguresOf(int[] said, double[] losses, double? loss = null)
    {
        int right = 0;
        for (int i = 0; i < said.Length; i++) right += said[i] == _labels[i] ? 1 : 0;
        double share = (double)right / said.Length;
        return new(
            ("accuracy", new Figure(share, FigureKind.Share, said.Length > 0 ? Statistics.Wilson(share, said.Length) : null)),
            ("loss", new Figure(loss ?? losses.Average(), FigureKind.Error, Statistics.Bootstrap(losses.Length, x => Mean(losses, x)))));
    }

    // Always the most frequent class of the training set, with the training set's shares as probabilities (one more of each, after Laplace).
    private BaselineReport? Baseline()
    {
        if (output.Counts is not { } counts || Count == 0) return null;
        double all = counts.Sum() + counts.Count;
        int most = Enumerable.Range(0, counts.Count).MaxBy(c => counts[c]);
        return new("always the most frequent class", FiguresOf([.. _labels.Select(_ => most)], [.. _labels.Select(label => -Math.Log((counts[label] + 1) / all))]));
    }

    private Mistake[] Confused(Func<int, Sample?> show) =>
    [
        .. Enumerable.Range(0, Count).Where(i => _said[i] != _labels[i]).GroupBy(i => (Actual: _labels[i], Predicted: _said[i]))
            .OrderByDescending(pair => pair.Count()).ThenBy(pair => pair.Key).Take(ShownMistakes)
            .Select(pair => new Mistake(output.Names[pair.Key.Actual], output.Names[pair.Key.Predicted], pair.Count(), [.. pair.Take(ShownSamples).Select(show).OfType<Sample>()])),
    ];

    private static double Mean(double[] values, int[] indices)
    {
        double sum = 0;
        foreach (int i in indices) sum += values[i];
        return sum / indices.Length;
    }
}

/// <summary>Counts predictions of a number, in its own unit.</summary>
internal sealed class NumberTally(NumberOutput output) : Tally
{
    private readonly List<double> _actual = [], _said = [];

    public override int Count => _actual.Count;

    public override void Add(Batch batch, Tensor prediction)
    {
        ReadOnlySpan<float> said = prediction.Read<float>(), actual = batch.Target.Read<float>();
        WeightCheck.RequireFinite(said);
        for (int i = 0; i < batch.Count; i++)
        {
            _said.Add(said[i] * output.Deviation + output.Mean);
            _actual.Add(actual[i] * output.Deviation + output.Mean);
        }
    }

    public override TestReport Report(double loss, Func<int, Sample?> show)
    {
        var worst = Enumerable.Range(0, Count).OrderByDescending(i => Math.Abs(_said[i] - _actual[i])).Take(ShownMistakes)
            .Select(i => new Mistake(Text(_actual[i]), Text(_said[i]), 1, show(i) is { } sample ? [sample] : []) { IsNumber = true });
        double[] mean = [.. _actual.Select(_ => output.Mean)];
        return new(FiguresOf([.. _said], loss), Count, [.. worst])
        {
            MistakesTitle = "largest errors",
            Baseline = new("always the mean", FiguresOf(mean, mean.Zip(_actual, (m, a) => Square((m - a) / output.Deviation)).DefaultIfEmpty(double.NaN).Average())),
        };
    }

    private Figures FiguresOf(double[] said, double loss)
    {
        int[] all = [.. Enumerable.Range(0, Count)];
        double Mae(int[] x) => x.Average(i => Math.Abs(said[i] - _actual[i]));
        double Rmse(int[] x) => Math.Sqrt(x.Average(i => Square(said[i] - _actual[i])));
        double R2(int[] x)
        {
            double mean = x.Average(i => _actual[i]), total = x.Sum(i => Square(_actual[i] - mean));
            return total > 0 ? 1 - x.Sum(i => Square(said[i] - _actual[i])) / total : double.NaN;
        }

        (string, Figure) Of(string name, FigureKind kind, Func<int[], double> statistic) =>
            (name, Count == 0 ? new Figure(double.NaN, kind) : new Figure(statistic(all), kind, Statistics.Bootstrap(Count, statistic)));

        return new(Of("r2", FigureKind.Score, R2), Of("mae", FigureKind.Error, Mae), Of("rmse", FigureKind.Error, Rmse), ("loss", new Figure(loss, FigureKind.Error)));
    }

    private static double Square(double x) => x * x;

    private static string Text(double value) => value.ToString("G5", CultureInfo.InvariantCulture);
}
