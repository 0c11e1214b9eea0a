using System.Globalization;
using System.Text;

namespace Lamina.Tasks.Reports;

/// <summary>A line of a plot.</summary>
/// <param name="Name">What it is, for the legend.</param>
/// <param name="Style">Its class in the style sheet: <c>a</c> or <c>b</c>.</param>
/// <param name="Points">Its points, by x.</param>
internal sealed record Series(string Name, string Style, IReadOnlyList<(double X, double Y)> Points);

/// <summary>
/// The plots of a report, as inline SVG that takes its colours from the page's style sheet and scales with the page. A plotting library's
/// SVG holds fixed colours and sizes (docs/decisions/0025).
/// </summary>
internal static class Plot
{
    private const double Width = 420, Height = 270, Left = 58, Right = 12, Top = 12, Bottom = 44;
    private const int MostPoints = 400, MarkedPoints = 40;

    // The page's, for a picture that stands alone.
    private const string FileStyle = "svg{background:#fff}text{font:11px sans-serif;fill:#565b64}.label{fill:#1b1d21}.end{text-anchor:end}.middle{text-anchor:middle}"
        + ".grid{stroke:#d9dbdf}.axis{stroke:#565b64}.line{fill:none;stroke-width:2;stroke-linejoin:round}.dots{fill:none;stroke-width:5;stroke-linecap:round}"
        + ".a{stroke:#0067a3}.b{stroke:#b84a00;stroke-width:1;stroke-opacity:.5}.mark{stroke:#6b7079;stroke-width:1.5;stroke-dasharray:2 3}";

    /// <summary>Lines over one x axis of whole numbers, such as losses by epoch.</summary>
    /// <param name="title">What the plot shows, for those who don't see it.</param>
    /// <param name="xLabel">What is measured along x.</param>
    /// <param name="yLabel">What is measured along y.</param>
    /// <param name="series">The lines.</param>
    /// <param name="mark">An x to mark by a vertical line, with its name; null: none.</param>
    /// <param name="mayBeLog">Whether y may be logarithmic.</param>
    public static Markup Lines(string title, string xLabel, string yLabel, IReadOnlyList<Series> series, (double X, string Name)? mark = null,
        bool mayBeLog = false)
    {
        Axis x = Axis.Of(xLabel, series.SelectMany(s => s.Points).Select(p => p.X)) with { IsWhole = true },
            y = Axis.Of(yLabel, series.SelectMany(s => s.Points).Select(p => p.Y), mayBeLog);
        return Figure(title, x, y, Curves(x, y, series, mark),
            Legend([.. series.Select(s => (s.Name, s.Style)), .. mark is { } named ? new[] { (named.Name, "mark") } : []]));
    }

    /// <summary>Lines over a logarithmic x axis as a file of its own, which brings its style sheet.</summary>
    /// <param name="title">What the plot shows.</param>
    /// <param name="xLabel">What is measured along x.</param>
    /// <param name="yLabel">What is measured along y.</param>
    /// <param name="series">The lines.</param>
    /// <param name="mark">An x to mark by a vertical line, with its name; null: none.</param>
    public static string File(string title, string xLabel, string yLabel, IReadOnlyList<Series> series, (double X, string Name)? mark)
    {
        Axis x = Axis.Of(xLabel, series.SelectMany(s => s.Points).Select(p => p.X), mayBeLog: true),
            y = Axis.Of(yLabel, series.SelectMany(s => s.Points).Select(p => p.Y));
        var svg = new HtmlWriter();
        svg.Add($"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" width="{2 * Width}" height="{2 * Height}" role="img" aria-label="{title}"><title>{title}</title>""");
        svg.Add($"<style>{new Markup(FileStyle)}</style>{Axes(x, y)}{Curves(x, y, series, mark)}");
        if (mark is { } named) svg.Add($"""<text class="label middle" x="{Text(X(x, named.X))}" y="{Top - 2}">{Cut(named.Name)}</text>""");
        return svg.Add($"</svg>\n").Markup.Html;
    }

    private static Markup Curves(Axis x, Axis y, IReadOnlyList<Series> series, (double X, string Name)? mark)
    {
        var svg = new HtmlWriter();
        if (mark is { } m)
        {
            string at = Text(X(x, m.X));
            svg.Add($"""<line class="mark" x1="{at}" x2="{at}" y1="{Top}" y2="{Height - Bottom}"/>""");
        }
        foreach (Series one in series)
        {
            (double X, double Y)[] points = [.. Thin([.. one.Points.Where(p => double.IsFinite(p.Y) && (!y.IsLog || p.Y > 0))])];
            svg.Add($"""<polyline class="line {one.Style}" points="{new Markup(string.Join(' ', points.Select(p => $"{Text(X(x, p.X))},{Text(Y(y, p.Y))}")))}"/>""");
            if (points.Length <= MarkedPoints) svg.Add($"""<path class="dots {one.Style}" d="{Dots(x, y, points)}"/>""");
        }
        return svg.Markup;
    }

    /// <summary>A stretch of a series, its forecast and the band around it, by the number of steps from the present.</summary>
    public static Markup Forecast(string title, SeriesSample sample)
    {
        (double X, double Y)[] Points(IReadOnlyList<double> values, int first) =>
            [.. values.Select((y, i) => ((double)(first + i), y)).Where(p => double.IsFinite(p.y))];
        (double X, double Y)[] came = [.. Points(sample.Past, 1 - sample.Past.Count), .. Points(sample.Actual, 1)], said = Points(sample.Forecast, 1);
        (double X, double Y)[] low = Points(sample.Low, 1), high = Points(sample.High, 1);
        Axis x = Axis.Of("steps from the present", [1.0 - sample.Past.Count, sample.Forecast.Count]) with { IsWhole = true };
        Axis y = Axis.Of(sample.Name, came.Concat(said).Concat(low).Concat(high).Select(p => p.Y));
        Markup Path(IEnumerable<(double X, double Y)> points) => new(string.Join(' ', points.Select(p => $"{Text(X(x, p.X))},{Text(Y(y, p.Y))}")));
        string now = Text(X(x, 0.5));
        var svg = new HtmlWriter().Add($"""<line class="mark" x1="{now}" x2="{now}" y1="{Top}" y2="{Height - Bottom}"/>""");
        if (low.Length > 0) svg.Add($"""<polygon class="band" points="{Path([.. Thin(low), .. Thin(high).Reverse()])}"/>""");
        svg.Add($"""<polyline class="line a" points="{Path(Thin(came))}"/><polyline class="line b" points="{Path(Thin(said))}"/>""");
        return Figure(title, x, y, svg.Markup, Legend(("what came", "a"), ("forecast", "b")));
    }

    /// <summary>A stretch of a series with a part of it marked; missing values are left out.</summary>
    /// <param name="title">What the plot shows.</param>
    /// <param name="label">The series.</param>
    /// <param name="values">Its values.</param>
    /// <param name="first">Where the part begins.</param>
    /// <param name="count">The steps of the part.</param>
    public static Markup Stretch(string title, string label, IReadOnlyList<double> values, int first, int count)
    {
        (double X, double Y)[] points = [.. values.Select((y, i) => ((double)(i - first), y)).Where(p => double.IsFinite(p.y))];
        Axis x = Axis.Of("steps from its beginning", [-(double)first, values.Count - 1 - first]) with { IsWhole = true },
            y = Axis.Of(label, points.Select(p => p.Y));
        double left = X(x, -0.5), right = X(x, count - 0.5);
        var svg = new HtmlWriter().Add($"""<rect class="band" x="{Text(left)}" y="{Top}" width="{Text(Math.Max(2, right - left))}" height="{Height - Bottom - Top}"/>""");
        svg.Add($"""<path class="line a" d="{Gapped(x, y, points, count)}"/>""");
        return Figure(title, x, y, svg.Markup, Legend((label, "a")));
    }

    // Lines between neighbours, and none over a gap; of many points each so many.
    private static Markup Gapped(Axis x, Axis y, (double X, double Y)[] points, int marked)
    {
        int every = Math.Max(1, (points.Length - marked) / MostPoints);
        var path = new StringBuilder();
        for (int i = 0; i < points.Length; i++)
        {
            if (i % every != 0 && (points[i].X < -1 || points[i].X > marked)) continue;
            bool isNext = i > 0 && points[i].X - points[i - 1].X < 1.5;
            path.Append(CultureInfo.InvariantCulture, $"{(isNext ? 'L' : 'M')}{Text(X(x, points[i].X))} {Text(Y(y, points[i].Y))}");
        }
        return new(path.ToString());
    }

    /// <summary>Points on two axes of one kind, with the line where they are equal.</summary>
    public static Markup Scatter(string title, string xLabel, string yLabel, IReadOnlyList<(double X, double Y)> points)
    {
        (double X, double Y)[] shown = [.. points.Where(p => double.IsFinite(p.X) && double.IsFinite(p.Y))];
        Axis both = Axis.Of(xLabel, shown.SelectMany(p => new[] { p.X, p.Y })), y = both with { Label = yLabel };
        var svg = new HtmlWriter().Add($"""{Diagonal(both, y, both.Low, both.High)}<path class="dots a cloud" d="{Dots(both, y, shown)}"/>""");
        return Figure(title, both, y, svg.Markup, Legend(("exactly right", "mark")));
    }

    /// <summary>Probability against accuracy, with the line where they are equal; a point's area grows with its examples.</summary>
    public static Markup Calibration(string title, Calibration calibration)
    {
        Axis x = new("mean probability of the predicted class", 0, 1), y = new("share that is right", 0, 1);
        long most = calibration.Bins.Max(b => b.Count);
        CalibrationBin[] bins = [.. calibration.Bins.Where(b => b.Count > 0)];
        var svg = new HtmlWriter().Add($"""{Diagonal(x, y, 0, 1)}<polyline class="line a" points="{new Markup(string.Join(' ', bins.Select(b => $"{Text(X(x, b.Confidence))},{Text(Y(y, b.Accuracy))}")))}"/>""");
        foreach (CalibrationBin bin in bins)
        {
            string radius = Text(2.5 + 6 * Math.Sqrt((double)bin.Count / most)),
                label = $"{Wordings.Percent(bin.Confidence)} sure, {Wordings.Percent(bin.Accuracy)} right, {Wordings.Count(bin.Count)} examples";
            svg.Add($"""<circle class="bin" cx="{Text(X(x, bin.Confidence))}" cy="{Text(Y(y, bin.Accuracy))}" r="{radius}"><title>{label}</title></circle>""");
        }
        return Figure(title, x, y, svg.Markup, Legend(("this network", "a"), ("as sure as it is right", "mark")));
    }

    /// <summary>How often values lie in each of some ranges of equal width.</summary>
    public static Markup Histogram(string title, string xLabel, IReadOnlyList<double> values)
    {
        const int Bars = 31;
        double[] finite = [.. values.Where(double.IsFinite)];
        Axis x = Axis.Of(xLabel, finite.Append(0));
        var counts = new int[Bars];
        foreach (double value in finite) counts[Math.Clamp((int)(x.At(value) * Bars), 0, Bars - 1)]++;
        Axis y = new("examples", 0, Math.Max(1, counts.Max() * 1.08));
        var svg = new HtmlWriter();
        for (int b = 0; b < Bars; b++)
        {
            double left = Left + (Width - Left - Right) * b / Bars, top = Y(y, counts[b]);
            if (counts[b] > 0) svg.Add($"""<rect class="bar" x="{Text(left + 0.6)}" y="{Text(top)}" width="{Text((Width - Left - Right) / Bars - 1.2)}" height="{Text(Height - Bottom - top)}"/>""");
        }
        string zero = Text(X(x, 0));
        svg.Add($"""<line class="mark" x1="{zero}" x2="{zero}" y1="{Top}" y2="{Height - Bottom}"/>""");
        return Figure(title, x, y, svg.Markup, Legend(("no error", "mark")));
    }

    private static Markup Figure(string title, Axis x, Axis y, Markup content, Markup legend) =>
        new HtmlWriter().Add($"""<figure class="plot"><figcaption>{title}</figcaption><svg viewBox="0 0 {Width} {Height}" role="img" aria-label="{title}"><title>{title}</title>{Axes(x, y)}{content}</svg>{legend}</figure>""").Markup;

    private static Markup Axes(Axis x, Axis y)
    {
        var axes = new HtmlWriter();
        foreach (double tick in y.Ticks)
        {
            string at = Text(Y(y, tick));
            axes.Add($"""<line class="grid" x1="{Left}" x2="{Width - Right}" y1="{at}" y2="{at}"/><text class="tick end" x="{Left - 6}" y="{at}" dy="0.32em">{Axis.Text(tick)}</text>""");
        }
        foreach (double tick in x.Ticks)
            axes.Add($"""<line class="grid" x1="{Text(X(x, tick))}" x2="{Text(X(x, tick))}" y1="{Height - Bottom}" y2="{Height - Bottom + 4}"/><text class="tick middle" x="{Text(X(x, tick))}" y="{Height - Bottom + 17}">{Axis.Text(tick)}</text>""");
        axes.Add($"""<line class="axis" x1="{Left}" x2="{Width - Right}" y1="{Height - Bottom}" y2="{Height - Bottom}"/>""");
        axes.Add($"""<text class="label middle" x="{(Left + Width - Right) / 2}" y="{Height - 6}">{Cut(x.Label)}</text>""");
        axes.Add($"""<text class="label middle" transform="translate(13 {(Top + Height - Bottom) / 2}) rotate(-90)">{Cut(y.Label)}{new Markup(y.IsLog ? " (log)" : "")}</text>""");
        return axes.Markup;
    }

    private static Markup Legend(params ReadOnlySpan<(string Name, string Style)> entries)
    {
        var html = new HtmlWriter().Add($"""<p class="legend">""");
        foreach ((string name, string style) in entries)
            html.Add($"""<span><svg viewBox="0 0 24 8" aria-hidden="true"><line class="{(style == "mark" ? "mark" : $"line {style}")}" x1="0" x2="24" y1="4" y2="4"/></svg>{name}</span> """);
        return html.Add($"</p>").Markup;
    }

    private static Markup Diagonal(Axis x, Axis y, double low, double high) =>
        new HtmlWriter().Add($"""<line class="mark" x1="{Text(X(x, low))}" y1="{Text(Y(y, low))}" x2="{Text(X(x, high))}" y2="{Text(Y(y, high))}"/>""").Markup;

    // Lines of no length whose round ends are the dots: a third of the size of circles.
    private static Markup Dots(Axis x, Axis y, IEnumerable<(double X, double Y)> points)
    {
        var path = new StringBuilder();
        foreach ((double px, double py) in points) path.Append(CultureInfo.InvariantCulture, $"M{Text(X(x, px))} {Text(Y(y, py))}h0");
        return new(path.ToString());
    }

    // Each so many, and the last.
    private static IEnumerable<(double X, double Y)> Thin((double X, double Y)[] points)
    {
        int every = (points.Length + MostPoints - 1) / MostPoints;
        return every <= 1 ? points : points.Where((_, i) => i % every == 0 || i == points.Length - 1);
    }

    private static double X(Axis axis, double value) => Left + axis.At(value) * (Width - Left - Right);

    private static double Y(Axis axis, double value) => Height - Bottom - axis.At(value) * (Height - Bottom - Top);

    private static string Text(double coordinate) => coordinate.ToString("0.#", CultureInfo.InvariantCulture);

    private static string Cut(string label) => HtmlWriter.Cut(label, 44);
}
