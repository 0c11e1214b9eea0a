using System.Globalization;
using ScottPlot;

namespace Article;

/// <summary>Takes what an experiment finds: sentences, figures and a plot.</summary>
/// <param name="name">The experiment's name.</param>
/// <param name="folder">Where plots go, as SVG; null: nowhere.</param>
internal sealed class Notebook(string name, string? folder)
{
    /// <summary>A sentence.</summary>
    public void Say(string text) => Console.WriteLine(text);

    /// <summary>A number that the experiment is about.</summary>
    public void Figure(string what, double value) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name}.{what} = {value:G5}"));

    /// <summary>Curves by step, in one plot.</summary>
    /// <param name="x">What the x axis is.</param>
    /// <param name="y">What the y axis is.</param>
    /// <param name="curves">Names and values.</param>
    public void Plot(string x, string y, params IEnumerable<(string Name, IReadOnlyList<double> Values)> curves)
    {
        if (folder is null) return;
        var plot = new Plot();
        foreach ((string curve, IReadOnlyList<double> values) in curves)
        {
            // What has no number, since training diverged, is left out.
            (double X, double Y)[] points = [.. values.Select((v, i) => ((double)i, v)).Where(p => double.IsFinite(p.v))];
            if (points.Length > 0) plot.Add.ScatterLine(points.Select(p => p.X).ToArray(), points.Select(p => p.Y).ToArray()).LegendText = curve;
        }
        plot.XLabel(x);
        plot.YLabel(y);
        plot.ShowLegend();
        Directory.CreateDirectory(folder);
        string file = Path.Combine(folder, $"{name}.svg");
        plot.SaveSvg(file, 800, 500);
        Say($"  plot: {file}");
    }
}
