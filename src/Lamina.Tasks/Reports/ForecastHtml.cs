namespace Lamina.Tasks.Reports;

/// <summary>What was forecast on the test steps, as sections of a page.</summary>
internal static class ForecastHtml
{
    /// <summary>Some forecasts beside what came, and the error over the horizon.</summary>
    public static void Add(HtmlWriter html, TestReport test, bool hasSamples)
    {
        if (hasSamples && test.Forecasts.Count > 0)
        {
            html.Add($"""<section><h2>Forecasts</h2><p>Some forecasts of the test, evenly spread, then the worst; the band was to hold eight of ten values.</p><div class="plots">""");
            foreach (SeriesSample sample in test.Forecasts) html.Add($"{Plot.Forecast($"{SampleHtml.Name(sample.Name)}, {sample.Place}", sample)}");
            html.Add($"</div></section>\n");
        }
        (double, double)[] Line(Func<StepError, double> error) => [.. test.ErrorsByStep.Select(s => ((double)s.Step, error(s)))];
        html.Add($"""<section><h2>Error over the horizon</h2><div class="plots">""");
        html.Add($"{Plot.Lines("Error over the horizon", "step", "MAE in standard units", [new("this network", "a", Line(s => s.Error)), new(test.Baseline?.Name ?? "baseline", "b", Line(s => s.Baseline))])}");
        html.Add($"</div></section>\n");
    }
}
