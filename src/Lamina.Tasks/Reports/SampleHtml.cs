using System.Globalization;

namespace Lamina.Tasks.Reports;

/// <summary>Examples of the data in a page, each kind as suits it; how many bytes they take is bounded.</summary>
internal static class SampleHtml
{
    private const int MostSide = 128, MostColumns = 24, LongestCell = 80, LongestName = 60, LongestText = 1_000;

    /// <summary>The worst examples: images and spectrograms beside each other, rows as a table, texts as a list.</summary>
    public static Markup Of(IReadOnlyList<WorstExample> worst)
    {
        var html = new HtmlWriter();
        WorstExample[] images = [.. worst.Where(w => w.Sample is ImageSample)], rows = [.. worst.Where(w => w.Sample is RowSample)],
            texts = [.. worst.Where(w => w.Sample is TextSample)];
        WorstExample[] sounds = [.. worst.Where(w => w.Sample is SoundSample)];
        if (images.Length > 0) Images(html, images);
        if (sounds.Length > 0) Sounds(html, sounds);
        WorstExample[] curves = [.. worst.Where(w => w.Sample is CurveSample)];
        if (curves.Length > 0) Curves(html, curves);
        if (rows.Length > 0) Rows(html, rows);
        if (texts.Length > 0) Texts(html, texts);
        return html.Markup;
    }

    /// <summary>Samples with what is to be learned of each.</summary>
    public static Markup Of(IReadOnlyList<DataSample> samples) => Of([.. samples.Select(s => new WorstExample(s.Label, "", null, s.Sample))]);

    /// <summary>A name as it fits into a table.</summary>
    public static string Name(string name) => HtmlWriter.Cut(name, LongestName);

    private static void Images(HtmlWriter html, WorstExample[] worst)
    {
        html.Add($"""<ul class="worst">""");
        foreach (WorstExample one in worst)
        {
            string alt = IsPlain(one) ? Name(one.Actual) : $"{Name(one.Actual)} taken for {Name(one.Predicted)}";
            html.Add($"""<li><figure><img alt="{alt}" src="data:image/png;base64,{new Markup(Convert.ToBase64String(ImagePng.Of((ImageSample)one.Sample!, MostSide)))}"><figcaption>{Caption(one)}</figcaption></figure></li>""");
        }
        html.Add($"</ul>\n");
    }

    private static void Sounds(HtmlWriter html, WorstExample[] worst)
    {
        html.Add($"""<p class="soft">Spectrograms: time from left to right, low frequencies at the bottom, loud parts bright.</p>""");
        html.Add($"""<ul class="worst">""");
        foreach (WorstExample one in worst)
        {
            var sample = (SoundSample)one.Sample!;
            string alt = $"spectrogram of {Name(sample.Place)}";
            html.Add($"""<li><figure><img alt="{alt}" src="data:image/png;base64,{new Markup(Convert.ToBase64String(ImagePng.Of(sample.Spectrogram, MostSide)))}">""");
            Caption(html, one, $"{Name(sample.Place)}, {Wordings.Number(sample.Seconds)} s");
        }
        html.Add($"</ul>\n");
    }

    private static void Curves(HtmlWriter html, WorstExample[] worst)
    {
        html.Add($"""<ul class="worst">""");
        foreach (WorstExample one in worst)
        {
            var sample = (CurveSample)one.Sample!;
            html.Add($"""<li><figure>{Svg(sample)}""");
            Caption(html, one, Name(sample.Place));
        }
        html.Add($"</ul>\n");
    }

    private static void Caption(HtmlWriter html, WorstExample one, string place)
    {
        html.Add($"""<figcaption><b>{Name(one.Actual)}</b> taken for <b>{Name(one.Predicted)}</b>{Sure(one)} """);
        html.Add($"""<span class="soft">({place})</span></figcaption></figure></li>""");
    }

    // Each channel on a scale of its own, from the bottom to the top.
    private static Markup Svg(CurveSample sample)
    {
        const int Width = 128, Height = 72, MostCurves = 4;
        var html = new HtmlWriter();
        html.Add($"""<svg role="img" aria-label="{Name(sample.Place)}" viewBox="0 0 {Width} {Height}" width="{Width}" height="{Height}">""");
        for (int c = 0; c < Math.Min(sample.Curves.Count, MostCurves); c++)
        {
            IReadOnlyList<float> all = sample.Curves[c].Values;
            // One point for each pixel is enough.
            float[] values = [.. Enumerable.Range(0, Math.Min(all.Count, Width)).Select(x => all[(int)((long)x * all.Count / Math.Min(all.Count, Width))])];
            float[] known = [.. values.Where(float.IsFinite)];
            if (known.Length == 0) continue;
            double low = known.Min(), range = Math.Max(known.Max() - low, 1e-30);
            string points = string.Join(' ', values.Index().Where(v => float.IsFinite(v.Item)).Select(v => string.Create(CultureInfo.InvariantCulture,
                $"{2 + (Width - 4.0) * v.Index / Math.Max(1, values.Length - 1):0.#},{Height - 2 - (Height - 4) * (v.Item - low) / range:0.#}")));
            string colour = c % 2 == 0 ? "--a" : "--b";
            html.Add($"""<polyline fill="none" stroke="var({colour})" stroke-width="1" opacity="{(c < 2 ? 1 : 0.5)}" points="{points}"/>""");
        }
        return html.Add($"</svg>").Markup;
    }

    private static void Rows(HtmlWriter html, WorstExample[] worst)
    {
        string[] columns = [.. ((RowSample)worst[0].Sample!).Cells.Select(c => c.Key).Take(MostColumns)];
        int more = ((RowSample)worst[0].Sample!).Cells.Count - columns.Length;
        bool isSure = worst.Any(w => w.Confidence is not null);
        html.Add($"""<div class="scroll" tabindex="0" role="region" aria-label="the worst mistakes"><table><thead><tr><th>row</th>{new Markup(IsPlain(worst[0]) ? "<th>target</th>" : "<th>actual</th><th>predicted</th>")}""");
        if (isSure) html.Add($"""<th class="n">probability</th>""");
        foreach (string column in columns) html.Add($"<th>{Name(column)}</th>");
        html.Add($"</tr></thead><tbody>\n");
        foreach (WorstExample one in worst)
        {
            var sample = (RowSample)one.Sample!;
            html.Add($"""<tr><td class="place">{Name(sample.Place)}</td><td>{Name(one.Actual)}</td>""");
            if (!IsPlain(one)) html.Add($"<td>{Name(one.Predicted)}</td>");
            if (isSure) html.Add($"""<td class="n">{Wordings.Percent(one.Confidence ?? double.NaN)}</td>""");
            foreach (KeyValuePair<string, string> cell in sample.Cells.Take(MostColumns)) html.Add($"""<td class="w">{HtmlWriter.Cut(cell.Value, LongestCell)}</td>""");
            html.Add($"</tr>\n");
        }
        html.Add($"</tbody></table></div>\n");
        if (more > 0) html.Add($"""<p class="soft">{more} more columns are left out.</p>""");
    }

    private static void Texts(HtmlWriter html, WorstExample[] worst)
    {
        html.Add($"""<ol class="texts">""");
        foreach (WorstExample one in worst)
        {
            var sample = (TextSample)one.Sample!;
            // Line ends are no tricks here.
            string text = HtmlWriter.Cut(sample.Text, LongestText).Replace("\r\n", " ", StringComparison.Ordinal).Replace('\n', ' ').Replace('\t', ' ');
            html.Add($"""<li>{Caption(one)} <span class="soft">({Name(sample.Place)})</span><br><q dir="auto">{text}</q></li>""");
            html.Add($"\n");
        }
        html.Add($"</ol>\n");
    }

    private static Markup Caption(WorstExample one)
    {
        var html = new HtmlWriter().Add($"<b>{Name(one.Actual)}</b>");
        return IsPlain(one) ? html.Markup : html.Add($" taken for <b>{Name(one.Predicted)}</b>{Sure(one)}").Markup;
    }

    // An example that wasn't predicted.
    private static bool IsPlain(WorstExample one) => one.Predicted.Length == 0;

    private static string Sure(WorstExample one) => one.Confidence is { } sure ? $", {Wordings.Percent(sure)} sure" : "";
}
