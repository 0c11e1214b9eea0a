using Lamina.Learning.Training;

namespace Lamina.Tasks.Reports;

/// <summary>The loss by learning rate as a picture of its own.</summary>
internal static class RateCurveSvg
{
    /// <summary>The picture; where the loss diverges its end is cut off, so that the valley shows.</summary>
    public static string Of(RateSearch search)
    {
        RatePoint[] points = [.. search.Curve.Points];
        double most = search.Top;
        Series Line(string name, string style, Func<RatePoint, double> loss) =>
            new(name, style, [.. points.Where(p => loss(p) <= most).Select(p => (p.LearningRate, loss(p)))]);
        return Plot.File($"Loss by learning rate, {search.Network}", "learning rate (log)", "loss",
            [Line("loss of a batch", "b", p => p.Loss), Line("smoothed", "a", p => p.Smoothed)],
            search.Curve.Suggestion is { } rate ? (rate, $"suggested: {rate.ToString("G3", System.Globalization.CultureInfo.InvariantCulture)}")
                : null);
    }
}
