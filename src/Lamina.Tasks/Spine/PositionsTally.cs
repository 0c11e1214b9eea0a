using System.Numerics.Tensors;
using Lamina.Learning.Data;
using Tensor = Lamina.Tensors.Tensor;

namespace Lamina.Tasks.Spine;

/// <summary>
/// Counts predictions of a label for each position: the figures of <see cref="ClassTally"/> over all positions that have a label, and the mean over
/// the sequences of the share of positions that is right. Targets beyond the first are what baselines say; the last one
/// is the number of the sequence.
/// </summary>
internal sealed class PositionsTally(PositionsOutput output) : Tally
{
    private readonly ClassTally _positions = new(output.Classes, 0);
    // Of each counted position its label and what each baseline says, (positions, 1 + baselines).
    private readonly List<int> _labels = [];
    // Of each counted position its sequence and its place in it.
    private readonly List<(int Sequence, int Step)> _places = [];
    private readonly List<(int Right, int Count)> _sequences = [];

    private int Width => 1 + output.Baselines.Count;

    public override int Count => _places.Count;

    public override void Add(Batch batch, Tensor prediction)
    {
        ReadOnlySpan<float> logits = prediction.Read<float>();
        WeightCheck.RequireFinite(logits);
        int steps = batch.Target.Shape[1], labels = output.Names.Count;
        int[][] targets = [.. batch.Targets.Span.ToArray().Select(t => t.Read<int>().ToArray())];
        int[] numbers = targets[^1];
        for (int i = 0; i < batch.Count; i++)
        {
            (int right, int count) = (0, 0);
            for (int s = i * steps; s < (i + 1) * steps; s++)
            {
                int label = targets[0][s];
                if (label < 0) continue;
                ReadOnlySpan<float> own = logits.Slice(s * labels, labels);
                _positions.Add(label, own);
                for (int t = 0; t < Width; t++) _labels.Add(targets[t][s]);
                _places.Add((numbers[i], s - i * steps));
                count++;
                if (TensorPrimitives.IndexOfMax(own) == label) right++;
            }
            _sequences.Add((right, count));
        }
    }

    public override TestReport Report(double loss, Func<int, Sample?> show)
    {
        Sample? At(int position) => show(_places[position].Sequence) is SequenceSample sequence ? sequence.At(_places[position].Step) : null;
        TestReport report = _positions.Report(loss, At);
        BaselineReport[] baselines = [.. output.Baselines.Select((name, b) => new BaselineReport(name, Figures(b)))];
        BaselineReport[] all = [.. baselines.Take(1), .. new[] { report.Baseline }.OfType<BaselineReport>(), .. baselines.Skip(1)];
        (string, Figure)[] own = [.. report.Figures.Select(f => (f.Key, f.Value))];
        // Before the loss, which stands last.
        return report with
        {
            Figures = new([.. own[..^1], ("sequenceAccuracy", OfSequences()), own[^1]]), Baseline = Count == 0 ? null : all.FirstOrDefault(),
                OtherBaselines = Count == 0 ? [] : [.. all.Skip(1)],
        };
    }

    private Figure OfSequences()
    {
        (int Right, int Count)[] measured = [.. _sequences.Where(s => s.Count > 0)];
        if (measured.Length == 0) return new(double.NaN, FigureKind.Share);
        double Of(int i) => (double)measured[i].Right / measured[i].Count;
        Interval?[] interval = Statistics.Bootstrap(measured.Length, 2, (i, sums) => (sums[0], sums[1]) = (sums[0] + 1, sums[1] + Of(i)), sums =>
            sums[1] / sums[0]);
        return new(Enumerable.Range(0, measured.Length).Average(Of), FigureKind.Share, interval[0]);
    }

    private Figures Figures(int baseline)
    {
        ClassCounts counts = ClassCounts.Of(output.Names.Count, Enumerable.Range(0, Count)
            .Select(i => (_labels[i * Width], _labels[i * Width + 1 + baseline])));
        (Figure f1, Figure balanced) = counts.Means();
        Interval? interval = counts.Count > 0 ? Statistics.Wilson(counts.Accuracy, counts.Count) : null;
        return new(("accuracy", new Figure(counts.Accuracy, FigureKind.Share, interval)), ("f1", f1), ("balancedAccuracy", balanced));
    }
}
