namespace Lamina.Tasks.Reports;

/// <summary>The page about data before training: counts, what stands out, columns, and a sheet of samples.</summary>
internal static class DataPage
{
    private const int MostClasses = 100, MostColumns = 300, MostFindings = 200, MostFrequent = 5, LongestName = 80, LongestText = 600;

    /// <summary>The page.</summary>
    public static string Of(DataLook x)
    {
        string source = Path.GetFileName(Path.TrimEndingDirectorySeparator(x.Source)), title = $"{(source.Length == 0 ? x.Source : source)}: data";
        var html = new HtmlWriter();
        html.Add($"<header><h1>{HtmlWriter.Cut(title, 200)}</h1>\n");
        html.Add($"""<p class="soft">Task {x.Task}, {x.Input}, {x.Output.Text}. As training would split it; nothing was trained.</p></header>""");
        html.Add($"""<section aria-label="parts"><ul class="tiles">""");
        foreach (DataPart part in x.Parts) html.Add($"<li><span>{part.Name}</span><b>{Wordings.Count(part.Count)}</b></li>");
        html.Add($"</ul></section>\n");
        Findings(html, x.Findings);
        if (x.Output is ClassOutput classes && x.Parts.Any(p => p.Classes is not null)) Classes(html, classes, x.Parts);
        if (x.Parts.Any(p => p.Numbers is not null)) Numbers(html, x.Parts);
        if (x.Columns.Count > 0) Columns(html, x.Columns);
        if (x.Samples.Count > 0) html.Add($"<section><h2>Samples of the training part</h2>{SampleHtml.Of(x.Samples)}</section>\n");
        if (x.Varied.Count > 0) html.Add($"<section><h2>The same, as training varies them</h2>{SampleHtml.Of(x.Varied)}</section>\n");
        return PageStyle.Page(HtmlWriter.Cut(title, LongestName), html.Markup);
    }

    private static void Findings(HtmlWriter html, IReadOnlyList<DataFinding> findings)
    {
        html.Add($"<section><h2>What stands out</h2>");
        if (findings.Count == 0) html.Add($"<p>Nothing.</p>");
        else
        {
            html.Add($"<ul>");
            foreach (DataFinding one in findings.Take(MostFindings))
                html.Add($"<li data-finding=\"{one.Name}\">{new Markup(one.IsWarning ? "<strong>" : "")}{HtmlWriter.Cut(one.Text, LongestText)}{new Markup(one.IsWarning ? "</strong>" : "")}</li>");
            html.Add($"</ul>");
        }
        if (findings.Count > MostFindings) html.Add($"""<p class="soft">{Wordings.Count(findings.Count - MostFindings)} more are left out.</p>""");
        html.Add($"</section>\n");
    }

    private static void Classes(HtmlWriter html, ClassOutput output, IReadOnlyList<DataPart> parts)
    {
        html.Add($"""<section><h2>Classes</h2><div class="scroll" tabindex="0" role="region" aria-label="examples of each class"><table><thead><tr><th>class</th>""");
        foreach (DataPart part in parts) html.Add($"""<th class="n">{part.Name}</th>""");
        html.Add($"""<th class="n">share of training</th></tr></thead><tbody>""");
        double all = Math.Max(1, parts[0].Classes?.Sum() ?? 0);
        int[] order = [.. Enumerable.Range(0, output.Names.Count)
            .OrderByDescending(c => output.Names.Count > MostClasses ? parts[0].Classes?[c] ?? 0 : 0).Take(MostClasses)];
        foreach (int c in order)
        {
            html.Add($"""<tr><th scope="row">{SampleHtml.Name(output.Names[c])}</th>""");
            foreach (DataPart part in parts) html.Add($"""<td class="n">{(part.Classes is { } counts ? Wordings.Count(counts[c]) : "")}</td>""");
            html.Add($"""<td class="n">{(parts[0].Classes is { } training ? Wordings.Percent(training[c] / all) : "")}</td></tr>""");
        }
        html.Add($"</tbody></table></div>");
        if (output.Names.Count > MostClasses) html.Add($"""<p class="soft">The {MostClasses} most frequent of {Wordings.Count(output.Names.Count)} classes.</p>""");
        html.Add($"</section>\n");
    }

    private static void Numbers(HtmlWriter html, IReadOnlyList<DataPart> parts)
    {
        html.Add($"""<section><h2>What is learned</h2><div class="scroll" tabindex="0" role="region" aria-label="ranges of what is learned"><table><thead><tr><th>number</th><th>part</th><th class="n">least</th><th class="n">mean</th><th class="n">deviation</th><th class="n">greatest</th></tr></thead><tbody>""");
        foreach (DataPart part in parts)
            foreach (NumberRange range in (part.Numbers ?? []).Take(MostColumns))
                html.Add($"""<tr><th scope="row">{SampleHtml.Name(range.Name)}</th><td>{part.Name}</td><td class="n">{Wordings.Number(range.Least)}</td><td class="n">{Wordings.Number(range.Mean)}</td><td class="n">{Wordings.Number(range.Deviation)}</td><td class="n">{Wordings.Number(range.Greatest)}</td></tr>""");
        html.Add($"</tbody></table></div></section>\n");
    }

    private static void Columns(HtmlWriter html, IReadOnlyList<DataColumn> columns)
    {
        html.Add($"""<section><h2>Columns</h2><div class="scroll" tabindex="0" role="region" aria-label="columns"><table><thead><tr><th>column</th><th>holds</th><th class="n">missing</th><th class="n">different</th><th class="n">least</th><th class="n">mean</th><th class="n">greatest</th><th>most frequent</th><th></th></tr></thead><tbody>""");
        foreach (DataColumn column in columns.Take(MostColumns))
        {
            html.Add($"""<tr><th scope="row">{SampleHtml.Name(column.Name)}</th><td>{column.Kind}</td><td class="n">{Wordings.Count(column.Missing)}</td><td class="n">{Wordings.Count(column.Different)}</td>""");
            if (column.Range is { } range) html.Add($"""<td class="n">{Wordings.Number(range.Least)}</td><td class="n">{Wordings.Number(range.Mean)}</td><td class="n">{Wordings.Number(range.Greatest)}</td>""");
            else html.Add($"<td></td><td></td><td></td>");
            html.Add($"""<td class="w">{string.Join(", ", column.Frequent.Take(MostFrequent).Select(f => $"{SampleHtml.Name(f.Key)} ({Wordings.Count(f.Value)})"))}</td><td>{column.Role ?? ""}</td></tr>""");
        }
        html.Add($"</tbody></table></div>");
        if (columns.Count > MostColumns) html.Add($"""<p class="soft">{Wordings.Count(columns.Count - MostColumns)} more columns are left out.</p>""");
        html.Add($"</section>\n");
    }
}
