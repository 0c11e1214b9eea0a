using Lamina.Models;
using Lamina.Tasks.Rows;
using Lamina.Tasks.Series;
using Lamina.Tasks.Spine;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Forecasting;

/// <summary>Forecasts the steps behind the end of tables.</summary>
internal static class ForecastPredictor
{
    /// <exception cref="DataException">A table can't be used, or is shorter than the window.</exception>
    public static PredictionList Predict(TaskModel model, ForecastRecipe recipe, SeriesOutput output, IEnumerable<RowSource> sources,
        CancellationToken cancel)
    {
        // What can't be used is refused here, not when the first prediction is asked for.
        (SeriesTable Table, SeriesTrack Track, int Steps)[] all = [.. sources.SelectMany(rows => Open(rows, recipe, output, cancel))];
        return new(all.Length * recipe.Shape.Horizon, "step", all.SelectMany(one =>
        {
            cancel.ThrowIfCancellationRequested();
            return Forecast(model, recipe, output, one.Table, one.Track, one.Steps);
        }));
    }

    private static IEnumerable<(SeriesTable, SeriesTrack, int)> Open(RowSource rows, ForecastRecipe recipe, SeriesOutput output,
        CancellationToken cancel)
    {
        SeriesShape shape = recipe.Shape;
        SeriesTable table = SeriesReader.Read(rows, recipe.Layout, [], cancel);
        string[] known = [.. recipe.Known];
        foreach (SeriesTrack track in table.Tracks)
        {
            string of = track.Name is { } name ? $"{table.Source}, series '{name}'," : table.Source;
            int end = track.Steps;
            while (end > 0 && !Enumerable.Range(0, shape.Targets).Any(c => ForecastEncoding.IsKnown(track, end - 1, c, output.Columns[c]))) end--;
            if (end < shape.Window) throw new DataException(of,
                $"has {Wording.Count(end, "step")} with a value to forecast from, and the network looks back on {shape.Window}",
                "a longer part of the series");
            if (known.Length > 0 && track.Steps < end + shape.Horizon)
                throw new DataException(of,
                    $"has {Wording.Count(track.Steps - end, "step")} behind the last value, and the forecast needs {Wording.Names(known)} of {shape.Horizon}", $"{shape.Horizon} more rows with these columns and without the others");
            yield return (table, track, end);
        }
    }

    private static IEnumerable<Prediction> Forecast(TaskModel model, ForecastRecipe recipe, SeriesOutput output, SeriesTable table,
        SeriesTrack track, int end)
    {
        SeriesShape shape = recipe.Shape;
        int columns = shape.Targets, channels = shape.Channels;
        // Behind the last value nothing is filled in but what is known ahead.
        EncodedTrack encoded = ForecastEncoding.Of(recipe, output, table, Cut(track, end, columns), end + shape.Horizon);
        var input = new float[shape.Rows * channels];
        encoded.Input(shape, end - shape.Window, input);
        // The network itself: its preprocessing takes values in their own units, which these no longer are.
        float[] said = model.Network.Forward([Tensor.From(input, new Shape(1, shape.Rows, channels))])[0].ToArray<float>();
        WeightCheck.RequireFinite(said);
        int missing = Enumerable.Range(end - shape.Window, shape.Window).Count(i =>
            Enumerable.Range(0, columns).Any(c => !encoded.IsPresent[i * columns + c]));
        string? note = missing > 0
            ? $"{Wording.Count(missing, "step")} of the {shape.Window} that are looked back on {(missing == 1 ? "has" : "have")} missing values"
            : null;
        for (int h = 0; h < shape.Horizon; h++)
        {
            var numbers = new KeyValuePair<string, double>[columns];
            var ranges = new List<KeyValuePair<string, Interval>>();
            for (int c = 0; c < columns; c++)
            {
                NumberOutput number = output.Columns[c];
                int at = h * columns + c;
                numbers[c] = new(number.Name, number.ToUnit(said[at]));
                if (output.Band is not { } band) continue;
                double unrest = Math.Pow(output.UnrestOf(input, channels, c), band.Power);
                ranges.Add(new(number.Name, new(number.ToUnit(said[at] + band.Low[at] * unrest), number.ToUnit(said[at] + band.High[at] * unrest))));
            }
            yield return new Prediction(table.Source, [], null)
            {
                Row = h + 1, Time = table.Layout.Time.Count == 0 ? $"row {track.First + end + h + 1}" : table.TimeText(track.First + end + h),
                    Series = track.Name, Numbers = numbers, Intervals = ranges,
                IntervalShare = output.Band?.Share ?? 0, Note = h == 0 ? note : null,
            };
        }
    }

    // The targets end where their last value is.
    private static SeriesTrack Cut(SeriesTrack track, int end, int targets)
    {
        if (end == track.Steps) return track;
        double[] values = [.. track.Values];
        for (int i = end; i < track.Steps; i++)
            for (int c = 0; c < targets; c++) values[i * track.Width + c] = double.NaN;
        return track with { Values = values };
    }
}
