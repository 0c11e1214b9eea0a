using Lamina.Models;
using Lamina.Tasks.Series;

namespace Lamina.Tasks.Forecasting;

/// <summary>Series as a network sees them: targets, covariates and what is known of the future, in standard units.</summary>
internal static class ForecastEncoding
{
    /// <summary>A track of a table whose columns are those of the recipe.</summary>
    /// <param name="recipe">How.</param>
    /// <param name="output">What targets are brought to.</param>
    /// <param name="table">The table.</param>
    /// <param name="track">Its track.</param>
    /// <param name="steps">How many of its steps; more than it has where the calendar goes on behind it.</param>
    public static EncodedTrack Of(ForecastRecipe recipe, SeriesOutput output, SeriesTable table, SeriesTrack track, int steps)
    {
        SeriesShape shape = recipe.Shape;
        int channels = shape.Channels, columns = recipe.Layout.Columns.Count, circles = CalendarCircles.Width(recipe.Circles);
        var values = new float[steps * channels];
        var isPresent = new bool[steps * shape.Targets];
        for (int c = 0; c < columns; c++)
        {
            NumberOutput? target = c < shape.Targets ? output.Columns[c] : null;
            double[] filled = (target?.Transform is null ? track : Positive(track, c)).Filled(c);
            for (int i = 0; i < Math.Min(steps, filled.Length); i++)
            {
                values[i * channels + c] = (float)(target is null
                    ? (filled[i] - recipe.Scales[c - shape.Targets].Mean) / recipe.Scales[c - shape.Targets].Deviation
                    : target.Transform is not null && !(filled[i] > 0) ? 0 : target.FromUnit(filled[i]));
                if (target is not null) isPresent[i * shape.Targets + c] = IsKnown(track, i, c, target);
            }
        }
        if (circles > 0)
            for (int i = 0; i < steps; i++) CalendarCircles.Write(recipe.Circles, table.Grid.TimeAt(track.First + i),
                values.AsSpan(i * channels + channels - circles, circles));
        return new(values, isPresent);
    }

    /// <summary>Whether a target's value is there, and can be learned.</summary>
    public static bool IsKnown(SeriesTrack track, int step, int column, NumberOutput target)
    {
        double value = track.Values[step * track.Width + column];
        return !double.IsNaN(value) && (target.Transform is null || value > 0);
    }

    // A logarithm is taken: what has none is filled as if it were missing.
    private static SeriesTrack Positive(SeriesTrack track, int column)
    {
        double[] values = [.. track.Values];
        for (int i = column; i < values.Length; i += track.Width)
            if (values[i] <= 0) values[i] = double.NaN;
        return track with { Values = values };
    }
}
