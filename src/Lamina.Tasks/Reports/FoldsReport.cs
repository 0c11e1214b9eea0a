using Lamina.Tasks.Runs;

namespace Lamina.Tasks.Reports;

/// <summary>A run of a cross-validation.</summary>
/// <param name="Number">Which one, from 1.</param>
/// <param name="Folder">Its folder, below that of the report.</param>
/// <param name="Test">How its network did.</param>
/// <param name="HasReport">Whether it has a report of its own.</param>
internal sealed record FoldReport(int Number, string Folder, TestReport Test, bool HasReport);

/// <summary>The page about a cross-validation: the figures of each fold, mean and deviation, links to the folds' own pages.</summary>
/// <param name="Title">What was learned from what.</param>
/// <param name="Command">The command that repeats all of it.</param>
/// <param name="Folds">The folds.</param>
/// <param name="Mean">The mean of each figure.</param>
/// <param name="Deviation">The standard deviation of each figure.</param>
/// <param name="Baseline">What the baseline reaches, in the mean; null where it isn't known.</param>
/// <param name="Version">The version of Lamina.</param>
internal sealed record FoldsReport(string Title, string Command, IReadOnlyList<FoldReport> Folds, Figures Mean,
    IReadOnlyDictionary<string, double> Deviation, BaselineReport? Baseline, string Version)
{
    private const int MostColumns = 12;

    /// <summary>The page.</summary>
    public string Html()
    {
        var html = new HtmlWriter();
        html.Add($"""<header><h1>{Title}</h1><p class="soft">Cross-validation with {Folds.Count} folds: every example was tested once, by a network that has not seen it in training.</p></header>""");
        html.Add($"\n<section><h2>Mean and standard deviation</h2>");
        if (Baseline is { } baseline) html.Add($"<p>The baseline predicts {baseline.Name}, whatever the input.</p>");
        TestHtml.Table(html, Mean, Baseline?.Figures, Deviation);
        html.Add($"</section>\n");
        string[] names = [.. Mean.Take(MostColumns).Select(f => f.Key)];
        html.Add($"""<section><h2>Folds</h2><div class="scroll" tabindex="0" role="region" aria-label="folds"><table><thead><tr><th>fold</th>""");
        foreach (string name in names) html.Add($"""<th class="n">{SampleHtml.Name(Wordings.Name(name))}</th>""");
        html.Add($"""<th class="n">test examples</th></tr></thead><tbody>""");
        foreach (FoldReport fold in Folds)
        {
            html.Add($"""<tr><th scope="row">""");
            if (fold.HasReport) html.Add($"""<a href="{Uri.EscapeDataString(fold.Folder)}/{RunFolder.ReportFile}">fold {fold.Number}</a>""");
            else html.Add($"fold {fold.Number}");
            if (fold.Test.Part is { } part) html.Add($" {SampleHtml.Name(part)}");
            html.Add($"</th>");
            foreach (string name in names)
                html.Add($"""<td class="n">{(fold.Test.Figures.Find(name) is { } figure ? TestHtml.Value($"fold-{fold.Number}.{name}", figure.Value, figure.Kind) : default)}</td>""");
            html.Add($"""<td class="n">{Wordings.Count(fold.Test.Count)}</td></tr>""");
            html.Add($"\n");
        }
        html.Add($"</tbody></table></div></section>\n<section><h2>Repeat it</h2><p>With the same data, version and machine this command gives the same figures:</p><pre><code>{RunReport.Shell(Command)}</code></pre><dl>");
        RunReport.Versions(html, Version);
        html.Add($"</dl></section>");
        return PageStyle.Page(Title, html.Markup);
    }
}
