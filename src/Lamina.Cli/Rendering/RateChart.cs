using Lamina.Learning.Training;
using Lamina.Tasks;

namespace Lamina.Cli.Rendering;

/// <summary>Draws the loss by learning rate in letters, and what is suggested.</summary>
internal static class RateChart
{
    private const int Rows = 12, Widest = 72, Narrowest = 20, Label = 10;

    public static void Draw(Canvas canvas, RateSearch x, string? file, bool isUnicode)
    {
        LearningRateCurve curve = x.Curve;
        canvas.Line();
        foreach (string line in Lines(x, Math.Clamp(canvas.Width - Label - 3, Narrowest, Widest), isUnicode)) canvas.Line(Canvas.Safe(line));
        canvas.Line();
        string end = curve.HasDiverged ? $"the loss diverged at {Words.Rate(curve.Points[^1].LearningRate)}"
            : $"to {Words.Rate(curve.Points[^1].LearningRate)}";
        Field("tried", Canvas.Safe($"{Words.Count(curve.Points.Count, "rate")} from {Words.Rate(curve.Points[0].LearningRate)} on batches of {Words.Count(x.Batch)}, {x.Optimizer}; {end}"));
        if (curve.Suggestion is { } rate)
        {
            string least = curve.Minimum is not null ? ", a tenth of that of the least loss" : "";
            Field("suggested", $"[bold green]{Words.Rate(rate)}[/]{least}; steepest at {Words.Rate(curve.Steepest ?? rate)}, valley at {Words.Rate(curve.Valley ?? rate)}; train would take {Words.Rate(x.Default)}");
            Field("next", $"train it with --learning-rate {Words.Rate(rate)}");
        }
        if (curve.Problem is { } problem) Field("note", $"[yellow]{Canvas.Safe(problem)}[/]");
        if (file is not null) Field("curve", Canvas.Safe(file));

        void Field(string name, string markup) => canvas.Line($"[grey]{name.PadRight(10)}[/]{markup}");
    }

    // A column for each place of the logarithm of the rate.
    private static IEnumerable<string> Lines(RateSearch x, int columns, bool isUnicode)
    {
        IReadOnlyList<RatePoint> points = x.Curve.Points;
        double least = points.Min(p => p.Smoothed), most = Math.Max(x.Top, least + 1e-9);
        double low = Math.Log(points[0].LearningRate), high = Math.Log(points[^1].LearningRate);
        var cells = new char[Rows, columns];
        for (int r = 0; r < Rows; r++)
            for (int c = 0; c < columns; c++) cells[r, c] = ' ';
        int Column(double rate) => high > low ? (int)Math.Round((Math.Log(rate) - low) / (high - low) * (columns - 1)) : 0;
        if (x.Curve.Suggestion is { } suggested)
            for (int r = 0; r < Rows; r++) cells[r, Column(suggested)] = isUnicode ? '┊' : '|';
        foreach (RatePoint p in points)
        {
            double share = (p.Smoothed - least) / (most - least);
            if (share <= 1) cells[Rows - 1 - (int)Math.Round(share * (Rows - 1)), Column(p.LearningRate)] = isUnicode ? '•' : '*';
        }
        for (int r = 0; r < Rows; r++)
        {
            string label = r == 0 ? Words.Loss(most) : r == Rows - 1 ? Words.Loss(least) : "";
            string line = new([.. Enumerable.Range(0, columns).Select(c => cells[r, c])]);
            yield return $"{label,Label} {(isUnicode ? '│' : '|')}{line.TrimEnd()}";
        }
        yield return $"{"",Label} {(isUnicode ? '└' : '+')}{new string(isUnicode ? '─' : '-', columns)}";
        string from = Words.Rate(points[0].LearningRate), to = Words.Rate(points[^1].LearningRate);
        yield return $"{"loss",Label}  {from}{"learning rate".PadLeft((columns + 13) / 2 - from.Length).PadRight(Math.Max(0, columns - from.Length - to.Length))}{to}";
    }
}
