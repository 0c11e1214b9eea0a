namespace Lamina.Tasks.Reports;

/// <summary>What is odd in series, as sections of a page.</summary>
internal static class AnomalyHtml
{
    private const int MostRows = 100;

    /// <summary>Some stretches as plots, and a table of all.</summary>
    public static void Add(HtmlWriter html, TestReport test, bool hasSamples)
    {
        IReadOnlyList<AnomalyReport> all = test.Anomalies ?? [];
        if (all.Count == 0)
        {
            html.Add($"<section><h2>Anomalies</h2><p>Nothing is odd.</p></section>\n");
            return;
        }
        html.Add($"<section><h2>Anomalies</h2>");
        if (hasSamples)
        {
            html.Add($"""<div class="plots">""");
            foreach (AnomalyReport one in all.Where(a => a.Around.Count > 0))
                html.Add($"{Plot.Stretch($"{Kind(one)}, {one.Start}", SampleHtml.Name(one.Columns.FirstOrDefault() ?? ""), one.Around, one.At, one.Steps)}");
            html.Add($"</div>");
        }
        bool hasSeries = all.Any(a => a.Series is not null);
        html.Add($"""<div class="scroll" tabindex="0" role="region" aria-label="anomalies"><table><thead><tr><th>kind</th>""");
        if (hasSeries) html.Add($"<th>series</th>");
        html.Add($"""<th>start</th><th>end</th><th class="n">steps</th><th>columns</th><th class="n">sure</th><th class="n">score</th></tr></thead><tbody>""");
        foreach (AnomalyReport one in all.Take(MostRows))
        {
            html.Add($"<tr><td>{Kind(one)}</td>");
            if (hasSeries) html.Add($"<td>{SampleHtml.Name(one.Series ?? "")}</td>");
            html.Add($"""<td class="place">{one.Start}</td><td class="place">{one.End}</td><td class="n">{Wordings.Count(one.Steps)}</td><td>{SampleHtml.Name(string.Join(", ", one.Columns))}</td>""");
            html.Add($"""<td class="n">{Wordings.Percent(one.Sureness)}</td><td class="n">{Wordings.Number(one.Score)}</td></tr>""");
        }
        html.Add($"</tbody></table></div>");
        int count = test.AnomalyCounts.Values.Sum();
        if (count > MostRows) html.Add($"""<p class="soft">The oddest of each kind, of {Wordings.Count(count)} in all.</p>""");
        html.Add($"</section>\n");
    }

    private static string Kind(AnomalyReport one) => one.Kind.ToString().ToLowerInvariant();
}
