using System.Runtime.InteropServices;
using Lamina.Learning.Columns;
using Lamina.Tensors;

namespace Lamina.Tasks.Tables;

/// <summary>Learns a column's encoding from the training rows, one cell at a time and in bounded memory.</summary>
internal abstract class ColumnFit(string name)
{
    private const int MostWatched = 2_000;
    protected const double SureRepeats = 5;

    private readonly Dictionary<string, (double Target, long Count)> _targets = [];
    private bool _isWatched = true;
    private long _rows;

    public string Name => name;

    public abstract void Add(ReadOnlySpan<char> cell, double target);

    /// <summary>The encoding.</summary>
    public abstract ColumnEncoding Finish(List<string> notes);

    /// <summary>Whether the column says the target outright: each of its values always goes with one value of the target.</summary>
    public virtual bool TellsTarget => _isWatched && _rows > 0 && _targets.Count > 1 && _rows >= SureRepeats * _targets.Count
        && _targets.Values.Select(t => t.Target).Distinct().Count() > 1;

    /// <summary>The edges of a number's bins in the network's units; none for other columns.</summary>
    public virtual IReadOnlyList<float> Edges(ColumnEncoding encoding, int bins) => [];

    protected void Watch(ReadOnlySpan<char> cell, double target)
    {
        _rows++;
        if (!_isWatched) return;
        Dictionary<string, (double Target, long Count)>.AlternateLookup<ReadOnlySpan<char>> lookup = _targets.GetAlternateLookup<ReadOnlySpan<char>>();
        if (lookup.TryGetValue(cell, out (double Target, long Count) known)) _isWatched = known.Target == target;
        else if (_targets.Count == MostWatched) _isWatched = false;
        else lookup[cell] = (target, 1);
        if (!_isWatched) _targets.Clear();
    }
}

/// <summary>Learns the scale of numbers.</summary>
/// <param name="name">The column's name.</param>
/// <param name="mark">The decimal mark.</param>
/// <param name="isRegression">Whether the target is a number that the column's could be compared with.</param>
internal sealed class NumberFit(string name, DecimalMark mark, bool isRegression) : ColumnFit(name)
{
    private const int MostKept = 50_000, KnotCount = 257, FewestToTell = 10, FewestInStretches = 50;

    // A normal column has a kurtosis of 3; one with a few far outliers, which would leave the rest in a point, has thousands.
    private const double FarOutliers = 50, SameLine = 0.99999;

    private readonly List<double> _kept = [], _targets = []; // a sample of the numbers, and of their rows' targets
    private readonly RandomStream _random = new(0, 0x7AB1E);
    private long _count, _missing;
    private double _mean, _m2, _targetMean, _targetM2, _both;

    public override void Add(ReadOnlySpan<char> cell, double target)
    {
        Watch(cell, target);
        if (!Cell.TryNumber(cell, mark, out double x))
        {
            _missing++;
            return;
        }
        _count++;
        double before = x - _mean, targetBefore = target - _targetMean;
        _mean += before / _count;
        _m2 += before * (x - _mean);
        _targetMean += targetBefore / _count;
        _targetM2 += targetBefore * (target - _targetMean);
        _both += before * (target - _targetMean);
        // A fair sample of all that came (Vitter's algorithm R, 1985).
        if (_kept.Count < MostKept)
        {
            _kept.Add(x);
            _targets.Add(target);
        }
        else if ((long)(_random.NextDouble() * _count) is var at && at < MostKept) (_kept[(int)at], _targets[(int)at]) = (x, target);
    }

    // A straight line, another function that only rises or falls, such as a logarithm, or classes that each have a stretch of their own.
    public override bool TellsTarget => isRegression
        ? _count >= FewestToTell && _m2 > 0 && _targetM2 > 0
            && (Math.Abs(_both) >= SameLine * Math.Sqrt(_m2) * Math.Sqrt(_targetM2) || IsMonotonic(1) || IsMonotonic(-1))
        : base.TellsTarget || IsInStretches();

    public override ColumnEncoding Finish(List<string> notes)
    {
        CollectionsMarshal.AsSpan(_kept).Sort(CollectionsMarshal.AsSpan(_targets));
        double deviation = _count > 0 ? Math.Sqrt(_m2 / _count) : 0;
        if (!(deviation > 1e-12 * Math.Max(1e-12, Math.Abs(_mean))) || !double.IsFinite(deviation)) deviation = 1;
        double kurtosis = _kept.Count == 0 ? 0 : _kept.Average(x => Math.Pow((x - _mean) / deviation, 4));
        bool isSkewed = _kept.Count >= KnotCount && kurtosis > FarOutliers;
        double[] knots = isSkewed ? [.. Enumerable.Range(0, KnotCount).Select(i => _kept[(int)((long)i * (_kept.Count - 1) / (KnotCount - 1))])] : [];
        return new NumberColumn(Name, double.IsFinite(_mean) ? _mean : 0, deviation, _missing > 0, mark, knots);
    }

    private bool IsMonotonic(int sign)
    {
        int steps = 0;
        for (int i = 1; i < _kept.Count; i++)
        {
            if (sign * (_targets[i] - _targets[i - 1]) < 0) return false;
            if (_kept[i] > _kept[i - 1] && _targets[i] != _targets[i - 1]) steps++;
        }
        return steps >= FewestToTell;
    }

    private bool IsInStretches()
    {
        if (_missing > 0 || _kept.Count < FewestInStretches) return false;
        int stretches = 1;
        for (int i = 1; i < _targets.Count; i++)
            if (_targets[i] != _targets[i - 1]) stretches++;
        return stretches > 1 && stretches * SureRepeats <= _targets.Count && _targets.Distinct().Count() == stretches;
    }

    public override IReadOnlyList<float> Edges(ColumnEncoding encoding, int bins)
    {
        if (_kept.Count == 0) return [];
        var column = (NumberColumn)encoding;
        var edges = new List<float>();
        for (int i = 0; i <= bins; i++)
        {
            float edge = (float)column.Scaled(_kept[(int)((long)i * (_kept.Count - 1) / bins)]);
            if (edges.Count == 0 || edge > edges[^1] + 1e-5f) edges.Add(edge);
        }
        return edges.Count > 2 ? edges : [];
    }
}

/// <summary>Learns the names of categories.</summary>
internal sealed class CategoryFit(string name) : ColumnFit(name)
{
    private const int MostCategories = 20_000, FewToDrop = 50;

    private readonly Dictionary<string, long> _counts = [];

    public override void Add(ReadOnlySpan<char> cell, double target)
    {
        Watch(cell, target);
        ReadOnlySpan<char> value = Cell.IsMissing(cell) ? [] : cell;
        Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> lookup = _counts.GetAlternateLookup<ReadOnlySpan<char>>();
        if (lookup.TryGetValue(value, out long count)) lookup[value] = count + 1;
        else if (_counts.Count <= ColumnSurvey.MostValues) lookup[value] = 1;
    }

    public override ColumnEncoding Finish(List<string> notes)
    {
        // In a long list those that came once teach what an unknown one is.
        int least = _counts.Count > FewToDrop ? 2 : 1;
        string[] values = [.. _counts.Where(c => c.Value >= least).OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal)
            .Take(MostCategories).Select(c => c.Key)];
        if (values.Length < _counts.Count) notes.Add($"'{Name}' has {_counts.Count:N0} categories; the {values.Length:N0} most frequent are told apart");
        return new CategoryColumn(Name, values);
    }
}

/// <summary>Learns the scale of dates.</summary>
internal sealed class DateFit(string name, DateOrder order) : ColumnFit(name)
{
    private long _count;
    private double _mean, _m2;

    public override void Add(ReadOnlySpan<char> cell, double target)
    {
        Watch(cell, target);
        if (!DateColumn.TryDays(cell, order, out double days)) return;
        double before = days - _mean;
        _mean += before / ++_count;
        _m2 += before * (days - _mean);
    }

    public override ColumnEncoding Finish(List<string> notes)
    {
        double deviation = _count > 0 ? Math.Sqrt(_m2 / _count) : 0;
        return new DateColumn(Name, order, _mean, deviation > 1e-6 ? deviation : 1);
    }
}
