using System.Globalization;
using Lamina.Bench.Harness;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace Lamina.Bench.Reports;

/// <summary>The rates of a sweep as an image: a plot for each size, ours and the peer's.</summary>
internal static class SweepPlot
{
    private const int Width = 1400, Height = 900;

    private const string Font = "sweep";
    private static readonly string[] s_known = ["DejaVuSans.ttf", "LiberationSans-Regular.ttf", "NotoSans-Regular.ttf", "Arial.ttf", "arial.ttf", "Helvetica.ttf"];

    /// <summary>Takes a font from a file: without fontconfig, Skia finds none by name.</summary>
    /// <exception cref="BenchException">This machine has no fonts, and the image would have no words.</exception>
    public static void TakeFont()
    {
        string[] folders =
        [
            "/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "/Library/Fonts", Environment.GetFolderPath(Environment.SpecialFolder.Fonts),
        ];
        string[] files = [.. folders.Where(Directory.Exists).SelectMany(f => Directory.EnumerateFiles(f, "*.ttf", SearchOption.AllDirectories))];
        string file = s_known.Select(name => files.FirstOrDefault(f => Path.GetFileName(f) == name)).OfType<string>().FirstOrDefault()
            ?? files.FirstOrDefault()
            ?? throw new BenchException("no fonts are installed, and the plot would have no words; install some, such as Debian's fonts-dejavu-core");
        Fonts.AddFontFile(Font, file);
    }

    public static void Save(string path, IReadOnlyList<(SweptSize Size, IReadOnlyList<Result> Results)> sizes, string? peer)
    {
        var plots = new Multiplot();
        plots.AddPlots(sizes.Count);
        plots.Layout = new ScottPlot.MultiplotLayouts.Grid(rows: (sizes.Count + 1) / 2, columns: 2);
        for (int i = 0; i < sizes.Count; i++) Draw(plots.GetPlot(i), sizes[i].Size, sizes[i].Results, peer);
        plots.SavePng(path, Width, Height);
    }

    private static void Draw(Plot plot, SweptSize size, IReadOnlyList<Result> results, string? peer)
    {
        double[] places = [.. size.Points.Select(p => Math.Log2(p.Value))];
        Line(plot, places, [.. results.Select(r => r.Flops!.Value / 1e9)], "Lamina");
        if (peer is not null) Line(plot, places, [.. results.Select(r => r.Flops!.Value / 1e9 / r.Ratio!.Value)], peer);
        plot.Title(size.Title);
        plot.YLabel("GFLOP/s");
        plot.Axes.Bottom.TickGenerator = new NumericManual(places, [.. size.Points.Select(p => p.Value.ToString(CultureInfo.InvariantCulture))]);
        plot.Font.Set(Font);
        plot.Legend.FontName = Font;
        plot.Axes.AutoScale();
        plot.Axes.SetLimitsY(0, plot.Axes.GetLimits().Top);
        plot.ShowLegend(Alignment.LowerRight);
    }

    private static void Line(Plot plot, double[] places, double[] rates, string name)
    {
        ScottPlot.Plottables.Scatter line = plot.Add.Scatter(places, rates);
        line.LegendText = name;
        line.LineWidth = 2;
    }
}
