namespace Lamina.Tasks.Reports;

/// <summary>What was measured on the test set, as sections of a page.</summary>
internal static class TestHtml
{
    private const int MostTiles = 4, MostFigures = 60, MostHeat = 30, MostPairs = 40, MostClasses = 100, LongestFigure = 100;

    /// <summary>The main figures as tiles, then all of them beside the baseline's.</summary>
    public static void Figures(HtmlWriter html, TestReport test, DataReady data, bool isOneBatch)
    {
        html.Add($"""<section aria-label="test figures"><ul class="tiles">""");
        foreach ((string name, Figure figure) in test.Figures.Where(f => f.Key != "loss").Take(MostTiles))
        {
            html.Add($"<li><span>{Wordings.Name(name)}</span><b>{Value(name, figure.Value, figure.Kind)}</b>");
            if (figure.Interval is not null) html.Add($"<span>95 % sure: {Wordings.Interval(figure)}</span>");
            if (test.Baseline?.Figures.Find(name) is { } baseline) html.Add($"<span>baseline {Wordings.Figure(baseline.Value, baseline.Kind)}</span>");
            html.Add($"</li>");
        }
        string seen = test.Anomalies is not null ? "which training has seen too, since nothing told it what is odd"
            : isOneBatch ? "that the network was trained on" : "that the network has not seen in training";
        html.Add($"</ul>\n<p>Measured on {Wordings.Count(test.Count)} {(test.Anomalies is null ? "examples" : "steps")} of {data.Source} {seen}.");
        if (test.PositiveClass is { } positive)
            html.Add($" F1, precision, recall and PR AUC are of <strong>{SampleHtml.Name(positive)}</strong>, the rarer class in training.");
        if (test.Baseline is { } b)
            html.Add($"{(test.Forecasts.Count > 0 || test.Anomalies is not null ? $" The baseline is {b.Name}." : b.IsModel ? $" The baseline is {b.Name}, trained on the same rows." : $" The baseline predicts {b.Name}, whatever the input.")}");
        html.Add($"</p>\n");
        if (test.Cost is { } cost) Cost(html, cost, test.PositiveClass ?? "");
        Table(html, test.Figures, test.Baseline?.Figures, null, test.OtherBaselines);
        html.Add($"</section>\n");
    }

    private static void Cost(HtmlWriter html, CostReport x, string positive)
    {
        RareDecision d = x.Decision;
        html.Add($"<p>A row counts as <strong>{SampleHtml.Name(positive)}</strong> from a probability of {Value("threshold", d.Threshold, FigureKind.Score)} on");
        html.Add($"{(d.IsChosen ? ", the threshold at which mistakes on the validation rows cost least" : ", which follows from the costs alone")}: ");
        html.Add($"a missed one costs {Wordings.Number(d.MissedCost)}, a false alarm {Wordings.Number(d.FalseCost)}. Per 1,000 rows of the test that is {Wordings.Number(x.Cost)}; ");
        html.Add($"blocking nothing would cost {Value("nothingPer1000", x.Nothing, FigureKind.Error)}, blocking all {Value("allPer1000", x.All, FigureKind.Error)}.</p>\n");
    }

    /// <summary>A table of figures; with deviations those of folds.</summary>
    public static void Table(HtmlWriter html, Figures figures, Figures? baseline, IReadOnlyDictionary<string, double>? deviation,
        IReadOnlyList<BaselineReport>? others = null)
    {
        others ??= [];
        bool hasIntervals = figures.Any(f => f.Value.Interval is not null);
        html.Add($"""<div class="scroll" tabindex="0" role="region" aria-label="figures"><table><thead><tr><th>figure</th><th class="n">{(deviation is null ? "value" : "mean")}</th>""");
        if (deviation is not null) html.Add($"""<th class="n">deviation</th>""");
        if (hasIntervals) html.Add($"""<th class="n">95 % interval</th>""");
        if (baseline is not null) html.Add($"""<th class="n">baseline</th>""");
        foreach (BaselineReport other in others) html.Add($"""<th class="n">{other.Name}</th>""");
        html.Add($"</tr></thead><tbody>\n");
        foreach ((string name, Figure figure) in figures.Take(MostFigures))
        {
            html.Add($"""<tr><th scope="row">{SampleHtml.Name(Wordings.Name(name))}</th><td class="n">{Value(name, figure.Value, figure.Kind)}</td>""");
            if (deviation is not null) html.Add($"""<td class="n">{Value($"deviation.{name}", deviation.GetValueOrDefault(name, double.NaN), figure.Kind)}</td>""");
            if (hasIntervals) html.Add($"""<td class="n">{Wordings.Interval(figure)}</td>""");
            if (baseline is not null) html.Add($"""<td class="n">{(baseline.Find(name) is { } other ? Value($"baseline.{name}", other.Value, other.Kind) : default)}</td>""");
            foreach (BaselineReport one in others)
                html.Add($"""<td class="n">{(one.Figures.Find(name) is { } its ? Value($"{one.Name}.{name}", its.Value, its.Kind) : default)}</td>""");
            html.Add($"</tr>\n");
        }
        html.Add($"</tbody></table></div>\n");
        if (figures.Count > MostFigures) html.Add($"""<p class="soft">{Wordings.Count(figures.Count - MostFigures)} more figures stand in the events of the run.</p>""");
    }

    /// <summary>Confusion, classes, calibration, residuals and the worst mistakes, as far as the task has them.</summary>
    public static void Details(HtmlWriter html, TestReport test, bool hasSamples)
    {
        if (test.Confusion is { } confusion) Confused(html, test, confusion);
        if (test.Classes.Count > 0) Classes(html, test.Classes);
        if (test.Calibration is { } calibration)
        {
            html.Add($"""<section><h2>Calibration</h2><p>Of the predictions made with a probability of 80 %, about 80 % should be right. Expected calibration error: {Value("calibrationError", calibration.Error, FigureKind.Share)}.</p><div class="plots">{Plot.Calibration("Accuracy by probability", calibration)}</div></section>""");
            html.Add($"\n");
        }
        if (test.Anomalies is not null) AnomalyHtml.Add(html, test, hasSamples);
        if (test.ErrorsByStep.Count > 0) ForecastHtml.Add(html, test, hasSamples);
        if (hasSamples && test.Drawings.Count > 0) DrawingHtml.Add(html, test.Drawings);
        if (test.Residuals.Count > 0) Numbers(html, test.Residuals, hasSamples);
        if (hasSamples && test.Worst.Any(w => w.Sample is not null))
            html.Add($"<section><h2>{(test.Residuals.Count > 0 ? "Largest errors" : "Worst mistakes")}</h2>{SampleHtml.Of(test.Worst)}</section>\n");
    }

    /// <summary>A number as people read it, and for programs as JSON has it.</summary>
    public static Markup Value(string name, double value, FigureKind kind) =>
        new HtmlWriter().Add($"""<data data-figure="{HtmlWriter.Cut(name, LongestFigure)}" value="{value}">{Wordings.Figure(value, kind)}</data>""").Markup;

    private static void Confused(HtmlWriter html, TestReport test, Confusion confusion)
    {
        html.Add($"<section><h2>Confusion</h2>");
        if (confusion.Matrix is { } matrix && matrix.Count <= MostHeat) Heat(html, [.. test.Classes.Select(c => SampleHtml.Name(c.Name))], matrix);
        else Pairs(html, confusion.Pairs, test.Classes.Count);
        html.Add($"</section>\n");
    }

    private static void Heat(HtmlWriter html, string[] names, IReadOnlyList<IReadOnlyList<long>> matrix)
    {
        html.Add($"""<p>Rows: the class that is right. Columns: the class that was predicted. The deeper the colour, the larger the share of its row.</p><div class="scroll" tabindex="0" role="region" aria-label="confusion matrix"><table class="heat"><thead><tr><th></th>""");
        foreach (string name in names) html.Add($"""<th class="n" scope="col">{name}</th>""");
        html.Add($"</tr></thead><tbody>\n");
        for (int a = 0; a < names.Length; a++)
        {
            double all = Math.Max(1, matrix[a].Sum());
            html.Add($"""<tr><th scope="row">{names[a]}</th>""");
            for (int p = 0; p < names.Length; p++)
            {
                long count = matrix[a][p];
                string kind = a == p ? "right" : count == 0 ? "zero" : "wrong";
                if (count == 0) html.Add($"""<td class="{kind}">0</td>""");
                else html.Add($"""<td class="{kind}" style="--v:{count / all:0.###}">{Wordings.Count(count)}</td>""");
            }
            html.Add($"</tr>\n");
        }
        html.Add($"</tbody></table></div>");
    }

    private static void Pairs(HtmlWriter html, IReadOnlyList<ConfusedPair> pairs, int classes)
    {
        if (pairs.Count == 0)
        {
            html.Add($"<p>No class was taken for another.</p>");
            return;
        }
        html.Add($"""<p>Of {Wordings.Count(classes)} classes the pairs that were confused most.</p><div class="scroll" tabindex="0" role="region" aria-label="confused classes"><table><thead><tr><th>actual</th><th>predicted</th><th class="n">times</th></tr></thead><tbody>""");
        foreach (ConfusedPair pair in pairs.Take(MostPairs))
            html.Add($"""<tr><td>{SampleHtml.Name(pair.Actual)}</td><td>{SampleHtml.Name(pair.Predicted)}</td><td class="n">{Wordings.Count(pair.Count)}</td></tr>""");
        html.Add($"</tbody></table></div>");
    }

    private static void Classes(HtmlWriter html, IReadOnlyList<ClassReport> classes)
    {
        // Where there are too many, those that are recognised worst.
        ClassReport[] shown = classes.Count <= MostClasses ? [.. classes] : [.. classes.Where(c => c.Count > 0).OrderBy(c => c.F1).Take(MostClasses)];
        html.Add($"""<section><h2>Classes</h2><div class="scroll" tabindex="0" role="region" aria-label="figures of the classes"><table><thead><tr><th>class</th><th class="n">precision</th><th class="n">recall</th><th class="n">F1</th><th class="n">examples</th></tr></thead><tbody>""");
        foreach (ClassReport one in shown)
            html.Add($"""<tr><th scope="row">{SampleHtml.Name(one.Name)}</th><td class="n">{Wordings.Percent(one.Precision)}</td><td class="n">{Wordings.Percent(one.Recall)}</td><td class="n">{Wordings.Number(one.F1)}</td><td class="n">{Wordings.Count(one.Count)}</td></tr>""");
        html.Add($"</tbody></table></div>");
        if (shown.Length < classes.Count) html.Add($"""<p class="soft">The {shown.Length} classes with the lowest F1 of {Wordings.Count(classes.Count)}.</p>""");
        html.Add($"</section>\n");
    }

    private static void Numbers(HtmlWriter html, IReadOnlyList<Residuals> residuals, bool hasSamples)
    {
        html.Add($"<section><h2>Predicted and actual values</h2>");
        foreach (Residuals one in residuals)
        {
            if (one is { Interval: { } half, Within: { } within })
                html.Add($"<p>{Wordings.Percent(within)} of the test values of {SampleHtml.Name(one.Name)} lie within ±{Wordings.Number(half)}{Unit(one)} of the prediction; on the validation set it was 90 %.</p>");
            html.Add($"""<div class="plots">""");
            string name = SampleHtml.Name(one.Name);
            if (hasSamples) html.Add($"{Plot.Scatter($"{name}: predicted against actual", $"actual{Unit(one)}", $"predicted{Unit(one)}", [.. one.Points.Select(p => (p.Actual, p.Predicted))])}");
            html.Add($"{Plot.Histogram($"{name}: errors", $"predicted − actual{Unit(one)}", [.. one.Points.Select(p => p.Predicted - p.Actual)])}</div>");
        }
        html.Add($"</section>\n");
    }

    private static string Unit(Residuals one) => one.Unit is { } unit ? $" {unit}" : "";
}
