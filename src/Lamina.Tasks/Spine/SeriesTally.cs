using Lamina.Learning.Data;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;
using Tensor = Lamina.Tensors.Tensor;

namespace Lamina.Tasks.Spine;

/// <summary>
/// Counts forecasts: mse and mae in standard units over all windows, steps and columns; mase, the mean absolute error relative to the mean absolute
/// difference over a season in the training steps (Hyndman and Koehler, 2006), averaged over the columns; the share of values within the band;
/// loss; mae of
/// each column in
/// its own unit. Baselines are measured alike: the last season repeated, the last value repeated, a linear map. Sums are kept, and a few windows to
/// be drawn.
/// </summary>
internal sealed class SeriesTally(SeriesOutput output, int capacity) : Tally
{
    private const int Network = 0, Seasonal = 1, Naive = 2, Linear = 3, Predictors = 4, Drawn = 4, DrawnPast = 4;

    private static readonly string[] s_names = ["", "the last season repeated", "the last value repeated", "a linear map of the window"];

    private readonly int _columns = output.Columns.Count, _horizon = output.Horizon, _window = output.Window;
    // Of each predictor and column: squares and absolute errors in standard units, absolute errors in the column's own.
    private readonly double[,] _squares = new double[Predictors, output.Columns.Count], _absolute = new double[Predictors, output.Columns.Count],
        _own = new double[Predictors, output.Columns.Count];
    private readonly double[,] _byStep = new double[Predictors, output.Horizon];
    private readonly long[] _counts = new long[output.Columns.Count], _stepCounts = new long[output.Horizon];
    private readonly Tensor? _linear = output.Linear is { } linear ? Tensor.From(linear.Values, new Shape(output.Window, output.Horizon)) : null;
    private readonly PriorityQueue<Window, double> _worst = new();
    private readonly List<Window> _even = [];
    private long _within;
    private int _count;

    // A window with its forecast, in standard units.
    private sealed record Window(int Index, double Error, float[] Past, float[] Actual, float[] Mask, float[] Said, int Column, double[] Unrest);

    public override int Count => _count;

    private IEnumerable<int> Baselines => Enumerable.Range(1, Predictors - 1).Where(p => p != Linear || _linear is not null);

    public override void Add(Batch batch, Tensor prediction)
    {
        ReadOnlySpan<float> said = prediction.Read<float>();
        WeightCheck.RequireFinite(said);
        ReadOnlySpan<float> inputs = batch.Input.Read<float>(), actual = batch.Target.Read<float>(), mask = batch.Targets.Count > 1
            ? batch.Targets[1].Read<float>() : default,
            season = batch.Targets.Count > 2 ? batch.Targets[2].Read<float>() : default, linear = LinearOf(batch.Input);
        int channels = batch.Input.Shape[2], rows = batch.Input.Shape[1], size = _horizon * _columns;
        for (int i = 0; i < batch.Count; i++)
        {
            ReadOnlySpan<float> window = inputs.Slice(i * rows * channels, rows * channels), last = window.Slice((_window - 1) * channels, _columns);
            ReadOnlySpan<float> right = actual.Slice(i * size, size), its = said.Slice(i * size, size), known = mask.IsEmpty ? default
                : mask.Slice(i * size, size);
            double error = 0, most = -1;
            int worst = 0;
            for (int c = 0; c < _columns; c++)
            {
                double unrest = Math.Pow(output.UnrestOf(window, channels, c), output.Band?.Power ?? 0), sum = 0;
                for (int h = 0; h < _horizon; h++)
                {
                    int at = h * _columns + c;
                    if (!known.IsEmpty && known[at] == 0) continue;
                    _counts[c]++;
                    _stepCounts[h]++;
                    sum += Measure(Network, c, h, its[at], right[at]);
                    Measure(Seasonal, c, h, season.IsEmpty ? last[c] : season[i * size + at], right[at]);
                    Measure(Naive, c, h, last[c], right[at]);
                    if (!linear.IsEmpty) Measure(Linear, c, h, linear[(i * _columns + c) * _horizon + h], right[at]);
                    if (output.Band is { } band && right[at] >= its[at] + band.Low[at] * unrest && right[at] <= its[at]
                        + band.High[at] * unrest) _within++;
                }
                error += sum;
                if (sum > most) (most, worst) = (sum, c);
            }
            Keep(error, worst, window, channels, right, its, known);
            _count++;
        }
    }

    public override TestReport Report(double loss, Func<int, Sample?> show)
    {
        BaselineReport[] baselines = _count == 0 ? [] : [.. Baselines.Select(p => new BaselineReport(s_names[p], FiguresOf(p, double.NaN)))];
        return new(FiguresOf(Network, loss), _count, [])
        {
            Baseline = baselines.FirstOrDefault(),
            OtherBaselines = [.. baselines.Skip(1)],
            Forecasts = [.. _even.Select((w, i) => Sample(w, i % _columns, show)), .. Sorted().Select(w => Sample(w, w.Column, show))],
            ErrorsByStep = [.. Enumerable.Range(0, _horizon).Where(h => _stepCounts[h] > 0).Select(h =>
                new StepError(h + 1, _byStep[Network, h] / _stepCounts[h], _byStep[Seasonal, h] / _stepCounts[h]))],
        };
    }

    // The squared error in standard units.
    private double Measure(int predictor, int column, int step, float said, float actual)
    {
        NumberOutput number = output.Columns[column];
        double own = number.Transform is null ? (said - actual) * number.Deviation : number.ToUnit(said) - number.ToUnit(actual),
            error = own / output.Scales[column];
        _squares[predictor, column] += error * error;
        _absolute[predictor, column] += Math.Abs(error);
        _own[predictor, column] += Math.Abs(own);
        _byStep[predictor, step] += Math.Abs(error);
        return error * error;
    }

    // (batch · columns, horizon)
    private ReadOnlySpan<float> LinearOf(Tensor input)
    {
        if (_linear is null) return default;
        int batch = input.Shape[0];
        Tensor past = input.Narrow(1, 0, _window).Narrow(2, 0, _columns).Transpose(0, 2, 1).Reshape(new Shape(batch * _columns, _window));
        int level = output.Linear!.Level;
        Tensor mean = (level == 0 || level >= _window ? past : past.Narrow(1, _window - level, level)).Mean([1], keepDims: true);
        return ((past - mean).MatMul(_linear) + mean).Read<float>();
    }

    private Figures FiguresOf(int predictor, double loss)
    {
        long all = _counts.Sum();
        double Sum(double[,] of) => Enumerable.Range(0, _columns).Sum(c => of[predictor, c]);
        double[] mase = [.. Enumerable.Range(0, _columns).Where(c => _counts[c] > 0 && output.SeasonalErrors[c] > 0).Select(c =>
            _own[predictor, c] / _counts[c] / output.SeasonalErrors[c])];
        var figures = new List<(string, Figure)>
        {
            ("mse", new(Sum(_squares) / all, FigureKind.Error)), ("mae", new(Sum(_absolute) / all, FigureKind.Error)),
            ("mase", new(mase.Length == 0 ? double.NaN : mase.Average(), FigureKind.Error)),
        };
        if (predictor == Network && output.Band is not null) figures.Add(("coverage", new((double)_within / all, FigureKind.Share)));
        if (!double.IsNaN(loss)) figures.Add(("loss", new(loss, FigureKind.Error)));
        figures.AddRange(output.Columns.Select((n, c) => ($"mae.{n.Name}", new Figure(_own[predictor, c] / _counts[c], FigureKind.Error))));
        return new(figures);
    }

    private void Keep(double error, int worst, ReadOnlySpan<float> window, int channels, ReadOnlySpan<float> actual, ReadOnlySpan<float> said,
        ReadOnlySpan<float> mask)
    {
        bool isEven = _even.Count < Drawn && _count == (2L * _even.Count + 1) * capacity / (2 * Drawn);
        bool isBad = error > 0 && (_worst.Count < Drawn || _worst.TryPeek(out _, out double least) && error > least);
        if (!isEven && !isBad) return;
        int steps = Math.Min(_window, DrawnPast * _horizon);
        var past = new float[steps * _columns];
        for (int i = 0; i < steps; i++) window.Slice((_window - steps + i) * channels, _columns).CopyTo(past.AsSpan(i * _columns));
        double[] unrest = new double[_columns];
        for (int c = 0; c < _columns; c++) unrest[c] = Math.Pow(output.UnrestOf(window, channels, c), output.Band?.Power ?? 0);
        var kept = new Window(_count, error, past, [.. actual], [.. mask], [.. said], worst, unrest);
        if (isEven) _even.Add(kept);
        if (!isBad) return;
        _worst.Enqueue(kept, error);
        if (_worst.Count > Drawn) _worst.Dequeue();
    }

    private IEnumerable<Window> Sorted() => _worst.UnorderedItems.Where(w =>
        _even.TrueForAll(e => e.Index != w.Element.Index)).OrderByDescending(w => w.Priority).Select(w => w.Element);

    private SeriesSample Sample(Window w, int column, Func<int, Sample?> show)
    {
        NumberOutput number = output.Columns[column];
        double[] Of(float[] values, Func<int, double>? more = null) =>
            [.. Enumerable.Range(0, values.Length / _columns).Select(i => number.ToUnit(values[i * _columns + column] + (more?.Invoke(i) ?? 0)))];
        double[] actual = Of(w.Actual);
        for (int h = 0; h < actual.Length && w.Mask.Length > 0; h++)
            if (w.Mask[h * _columns + column] == 0) actual[h] = double.NaN;
        SeriesBand? band = output.Band;
        return new((show(w.Index) as SeriesSample)?.Place ?? $"window {w.Index + 1}", number.Name, Of(w.Past), actual, Of(w.Said))
        {
            Low = band is null ? [] : Of(w.Said, h => band.Low[h * _columns + column] * w.Unrest[column]), High = band is null ? []
                : Of(w.Said, h => band.High[h * _columns + column] * w.Unrest[column]),
        };
    }
}
