using System.Globalization;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace Article;

/// <summary>Takes what an experiment finds: sentences, figures and plots.</summary>
/// <param name="name">The experiment's name.</param>
/// <param name="output">Where sentences and figures are written.</param>
/// <param name="plots">Folder for plots, as PNG; null: none are drawn.</param>
internal sealed class Notebook(string name, TextWriter output, string? plots = null)
{
    private readonly Dictionary<string, double> _figures = [];
    private readonly HashSet<string> _notes = [];

    /// <summary>Whether the short version is wanted, which a test runs.</summary>
    public bool IsSmall { get; init; }

    /// <summary>The random seed: of the data, the first weights and the order of examples.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>What was measured, by name.</summary>
    public IReadOnlyDictionary<string, double> Figures => _figures;

    /// <summary>Writes a sentence.</summary>
    public void Say(string text) => output.WriteLine(text);

    /// <summary>Writes a sentence, unless it was written before.</summary>
    public void Note(string text)
    {
        if (_notes.Add(text)) Say(text);
    }

    /// <summary>Writes a number that the claim is about.</summary>
    public void Figure(string what, double value)
    {
        _figures.Add(what, value);
        Say(string.Create(CultureInfo.InvariantCulture, $"  {name}.{what} = {value:G4}"));
    }

    /// <summary>Draws curves in one plot.</summary>
    /// <param name="x">What the x axis is.</param>
    /// <param name="y">What the y axis is.</param>
    /// <param name="curves">Names and values; values that aren't finite are left out.</param>
    /// <param name="each">Distance of two values on the x axis.</param>
    /// <param name="first">Place of the first value on the x axis.</param>
    /// <param name="isLogarithmic">Whether the y axis shows powers of ten.</param>
    /// <param name="most">Values above it aren't drawn.</param>
    public void Plot(
        string x, string y, IEnumerable<(string Name, IReadOnlyList<double> Values)> curves, double each = 1, double first = 0,
        bool isLogarithmic = false, double most = double.PositiveInfinity)
    {
        if (plots is null) return;
        var plot = new Plot();
        foreach ((string curve, IReadOnlyList<double> values) in curves)
        {
            IEnumerable<(double X, double Y)> all = values.Select((v, i) => (first + i * each, isLogarithmic ? Math.Log10(v) : v));
            (double X, double Y)[] points = [.. all.Where(p => double.IsFinite(p.Y) && p.Y <= (isLogarithmic ? Math.Log10(most) : most))];
            if (points.Length == 0) continue;
            var line = plot.Add.ScatterLine(points.Select(p => p.X).ToArray(), points.Select(p => p.Y).ToArray());
            line.LegendText = curve;
            line.LineWidth = 2;
        }
        if (isLogarithmic)
            plot.Axes.Left.TickGenerator = new NumericAutomatic
            {
                IntegerTicksOnly = true, LabelFormatter = power => Math.Pow(10, power).ToString("G2", CultureInfo.InvariantCulture),
            };
        plot.XLabel(x);
        plot.YLabel(y);
        plot.ShowLegend(Edge.Right);
        Save(plot, name, 760, 380);
    }

    /// <summary>Draws square images side by side, each in its own range of grey: dark is least, light is most.</summary>
    /// <param name="what">What they are; part of the file's name too.</param>
    /// <param name="x">What the columns are.</param>
    /// <param name="y">What the rows are.</param>
    /// <param name="rows">Rows of images, each with as many; an image is its pixels, row by row.</param>
    public void Images(string what, string x, string y, IReadOnlyList<IReadOnlyList<float[]>> rows)
    {
        if (plots is null) return;
        int side = (int)Math.Sqrt(rows[0][0].Length), step = side + 1;
        double[,] grid = new double[rows.Count * step - 1, rows[0].Count * step - 1];
        for (int row = 0; row < grid.GetLength(0); row++)
            for (int column = 0; column < grid.GetLength(1); column++)
            {
                // NaN is the gap between two images.
                grid[row, column] = double.NaN;
                if (row % step == side || column % step == side) continue;
                float[] image = rows[row / step][column / step];
                (float least, float most) = (image.Min(), image.Max());
                grid[row, column] = (image[row % step * side + column % step] - least) / Math.Max(1e-9f, most - least);
            }
        var plot = new Plot();
        var sheet = plot.Add.Heatmap(grid);
        (sheet.Colormap, sheet.NaNCellColor) = (new ScottPlot.Colormaps.Grayscale(), Colors.SteelBlue);
        plot.HideGrid();
        plot.Axes.Margins(0, 0);
        // The first row is at the top.
        double[] middles = [.. Enumerable.Range(0, Math.Max(rows.Count, rows[0].Count)).Select(i => i * (double)step + side / 2)];
        plot.Axes.Left.TickGenerator = new NumericManual([.. middles.Take(rows.Count).Reverse()], [.. rows.Select((_, i) => $"{i}")]);
        plot.Axes.Bottom.TickGenerator = new NumericManual(middles[..rows[0].Count], [.. rows[0].Select((_, i) => $"{i}")]);
        plot.Axes.SquareUnits();
        plot.XLabel(x);
        plot.YLabel(y);
        Save(plot, $"{name}-{what}", 80 + 60 * rows[0].Count, 80 + 60 * rows.Count);
    }

    private void Save(Plot plot, string file, int width, int height)
    {
        Directory.CreateDirectory(plots!);
        string path = Path.Combine(plots!, $"{file}.png");
        plot.SavePng(path, width, height);
        Say($"  plot: {path}");
    }
}
