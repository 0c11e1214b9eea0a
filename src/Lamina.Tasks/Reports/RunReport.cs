using System.Runtime.InteropServices;
using Lamina.Formats;
using Lamina.Learning.Modules;
using Lamina.Learning.Training;
using Lamina.Tasks.Runs;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Reports;

/// <summary>
/// The page about a run: <c>report.html</c>, one file without scripts and without anything from elsewhere. Whatever the data, it stays below
/// about 3 MB.
/// </summary>
internal sealed record RunReport
{
    private const int MostLayers = 300, MostNotes = 100, LongestNote = 400, LongestName = 80;

    /// <summary>What the task learns, in a few words.</summary>
    public required string Summary { get; init; }

    /// <summary>What the run is.</summary>
    public required RunInfo Run { get; init; }

    /// <summary>The data as it was told.</summary>
    public required DataReady Data { get; init; }

    /// <summary>The network.</summary>
    public required NetworkReady Network { get; init; }

    /// <summary>How training ended.</summary>
    public required Finished Finished { get; init; }

    /// <summary>The epochs.</summary>
    public required IReadOnlyList<EpochScores> Epochs { get; init; }

    /// <summary>What the network made after epochs.</summary>
    public IReadOnlyList<Illustrated> Illustrations { get; init; } = [];

    /// <summary>How the network did on the test set; null where training was interrupted before.</summary>
    public TestReport? Test { get; init; }

    /// <summary>The command that repeats the run.</summary>
    public required string Command { get; init; }

    /// <summary>The settings by name, with every default decided.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Settings { get; init; }

    /// <summary>The page.</summary>
    public string Html()
    {
        string title = $"{Path.GetFileName(Path.TrimEndingDirectorySeparator(Data.Source))}: {Summary}";
        var html = new HtmlWriter();
        Head(html, title);
        if (Test is { } test) TestHtml.Figures(html, test, Data, Run.Settings.OverfitBatch);
        Curves(html);
        Illustrate(html);
        if (Test is { } measured) TestHtml.Details(html, measured, !Run.Settings.NoSamples);
        if (Run.Settings.NoSamples)
            html.Add($"""<p class="soft">No examples of the data are in this report, as was asked for. The run's folder still holds what its network needs to know of the data: the model with its vocabulary, and the names of categories, classes and columns.</p>""");
        Layers(html);
        About(html);
        return PageStyle.Page(HtmlWriter.Cut(title, LongestName), html.Markup);
    }

    /// <summary>Saves a page.</summary>
    /// <exception cref="SaveException">It can't be written.</exception>
    public static void Write(string file, string html) => AtomicFile.Write(file, stream =>
    {
        using var writer = new StreamWriter(stream, leaveOpen: true);
        writer.Write(html);
    });

    /// <summary>Versions and machine, as rows of a description list.</summary>
    public static void Versions(HtmlWriter html, string lamina)
    {
        html.Add($"<dt>Lamina</dt><dd>{lamina}</dd><dt>.NET</dt><dd>{RuntimeInformation.FrameworkDescription}</dd>");
        html.Add($"<dt>machine</dt><dd>{RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture.ToString()}, {Wording.Count(Environment.ProcessorCount, "core")}</dd>");
    }

    /// <summary>A command whose lines are broken between options.</summary>
    public static Markup Shell(string command)
    {
        var html = new HtmlWriter();
        string[] parts = HtmlWriter.Cut(command, HtmlWriter.LongestText).Split(" --");
        for (int i = 0; i < parts.Length; i++) html.Add($"""{(i == 0 ? "" : " ")}<span class="word">{(i == 0 ? "" : "--")}{parts[i]}</span>""");
        return html.Markup;
    }

    private void Head(HtmlWriter html, string title)
    {
        string how = Finished.Reason switch
        {
            FinishReason.Interrupted => "interrupted; it can be resumed",
            FinishReason.StoppedEarly => "stopped early, no better epoch came",
            FinishReason.BudgetSpent => "ended by its time limit",
            _ => "all epochs done",
        };
        html.Add($"<header><h1>{HtmlWriter.Cut(title, 200)}</h1>\n");
        html.Add($"""<p class="soft">Task {Run.Task}, network {HtmlWriter.Cut(Network.Name, LongestName)}, {Wordings.Count(Finished.Epochs)} {Plural("epoch", Finished.Epochs)} in {Wordings.Seconds(Finished.Seconds)} ({how}), begun {Run.Created.UtcDateTime.ToString("yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture)} UTC.</p>""");
        if (Run.Settings.Quick) html.Add($"<p><strong>A quick check:</strong> only a few batches of each step were done, so the figures say little.</p>");
        if (Run.Settings.OverfitBatch)
            html.Add($"<p><strong>Trained on a single batch,</strong> and measured on the same: the figures only say whether it can be learned by heart.</p>");
        html.Add($"</header>\n");
    }

    private void Curves(HtmlWriter html)
    {
        if (Epochs.Count == 0) return;
        html.Add($"""<section><h2>Training</h2><div class="plots">""");
        foreach (string name in Epochs[0].Training.Keys)
        {
            Series Line(string what, string style, Func<EpochScores, IReadOnlyDictionary<string, double>> scores) =>
                new(what, style, [.. Epochs.Where(e => scores(e).ContainsKey(name)).Select(e => ((double)e.Epoch, scores(e)[name]))]);
            Series[] lines = [.. new[] { Line("training", "b", e => e.Training), Line("validation", "a", e => e.Validation) }.Where(s => s.Points.Count > 0)];
            (double, string)? best = Finished.BestEpoch > 0 ? (Finished.BestEpoch, $"best epoch, {Finished.BestEpoch}") : null;
            html.Add($"{Plot.Lines($"{Wordings.Name(name)} by epoch", "epoch", Wordings.Name(name), lines, best, mayBeLog: name == "loss")}");
        }
        html.Add($"</div></section>\n");
    }

    // The first epochs, and others evenly spread: most is learned early.
    private void Illustrate(HtmlWriter html)
    {
        const int Most = 8, LongestText = 2_000;
        if (Illustrations.Count == 0) return;
        int[] shown = [.. Enumerable.Range(0, Most).Select(i => (int)Math.Round((Illustrations.Count - 1) * (i / (Most - 1.0)) * (i / (Most - 1.0))))
            .Distinct()];
        html.Add($"<section><h2>What it makes, epoch by epoch</h2>");
        foreach (int i in shown)
        {
            html.Add($"<h3>epoch {Wordings.Count(Illustrations[i].Epoch)}</h3>");
            if (Illustrations[i].Sample is ImagesSample images) DrawingHtml.Sheet(html, images);
            if (Illustrations[i].Sample is TextSample text) html.Add($"""<pre dir="auto">{HtmlWriter.Lines(text.Text, LongestText)}</pre>""");
            html.Add($"\n");
        }
        html.Add($"</section>\n");
    }

    private void Layers(HtmlWriter html)
    {
        Summary summary = Network.Summary;
        html.Add($"""<section><h2>Network</h2><p>{HtmlWriter.Cut(Network.Name, LongestName)}: {Wordings.Count(summary.Parameters)} parameters, {Wordings.Bytes(summary.ParameterBytes)}; {Wordings.Count(summary.MultiplyAdds)} multiply-adds and {Wordings.Bytes(summary.ActivationBytes)} of activations per example.</p>""");
        html.Add($"""<div class="scroll" tabindex="0" role="region" aria-label="layers"><table><thead><tr><th>layer</th><th>what it is</th><th class="n">output</th><th class="n">parameters</th><th class="n">multiply-adds</th></tr></thead><tbody>""");
        SummaryRow[] rows = [.. summary.Rows.Where(r => r.Path.Length > 0 || r.IsLeaf)];
        foreach (SummaryRow row in rows.Take(MostLayers))
            html.Add($"""<tr><td>{HtmlWriter.Cut(row.Path, LongestName)}</td><td>{HtmlWriter.Cut(row.IsLeaf ? row.Layer : row.Layer.Split('(')[0], LongestName)}</td><td class="n">{Size(row.Output)}</td><td class="n">{Some(row.Parameters, row.IsLeaf)}</td><td class="n">{Some(row.MultiplyAdds, row.IsLeaf)}</td></tr>""");
        html.Add($"</tbody></table></div>");
        if (rows.Length > MostLayers) html.Add($"""<p class="soft">{Wordings.Count(rows.Length - MostLayers)} more layers are left out.</p>""");
        html.Add($"</section>\n");
    }

    private void About(HtmlWriter html)
    {
        html.Add($"<section><h2>Data</h2><dl><dt>source</dt><dd>{HtmlWriter.Cut(Data.Source, LongestNote)}</dd>");
        if (Run.ValidationData is { } validation) html.Add($"<dt>validation file</dt><dd>{HtmlWriter.Cut(validation, LongestNote)}</dd>");
        if (Run.TestData is { } test) html.Add($"<dt>test file</dt><dd>{HtmlWriter.Cut(test, LongestNote)}</dd>");
        html.Add($"<dt>examples</dt><dd>{Wordings.Count(Data.Training)} for training, {Wordings.Count(Data.Validation)} for validation, {Wordings.Count(Data.Test)} for the test</dd>");
        html.Add($"<dt>input</dt><dd>{HtmlWriter.Cut(Data.Input, LongestNote)}</dd><dt>output</dt><dd>{HtmlWriter.Cut(Data.Output.Text, LongestNote)}</dd>");
        foreach (Fact fact in Data.Facts.Take(MostNotes)) html.Add($"<dt>{HtmlWriter.Cut(fact.Label, LongestName)}</dt><dd>{HtmlWriter.Cut(fact.Text, LongestNote)}</dd>");
        foreach (string note in Data.Notes.Take(MostNotes)) html.Add($"<dt>note</dt><dd>{HtmlWriter.Cut(note, LongestNote)}</dd>");
        if (Data.Notes.Count > MostNotes) html.Add($"<dt>note</dt><dd>{Data.Notes.Count - MostNotes} more notes</dd>");
        html.Add($"<dt>hash</dt><dd><code>{HtmlWriter.Cut(Run.DataHash, 200)}</code></dd></dl></section>\n");
        html.Add($"<section><h2>Settings</h2><dl>");
        foreach ((string name, string value) in Settings.Take(MostNotes)) html.Add($"<dt>{HtmlWriter.Cut(name, LongestName)}</dt><dd>{HtmlWriter.Cut(value.Length == 0 ? "yes" : value, LongestNote)}</dd>");
        html.Add($"</dl></section>\n<section><h2>Repeat it</h2><p>{(Run.Settings.Minutes is null ? "With the same data, version and machine this command gives the same weights, bit for bit:" : "This command trains for the same time on the same data:")}</p><pre><code>{Shell(Command)}</code></pre><dl>");
        Versions(html, Run.Version);
        html.Add($"</dl></section>");
    }

    // Without the batch, which may be anything.
    private static string Size(Shape shape) => shape.Rank < 2 ? "1" : string.Join('×', shape.Span[1..].ToArray());

    private static string Some(long count, bool isShown) => count == 0 || !isShown ? "" : Wordings.Count(count);

    private static string Plural(string one, long count) => count == 1 ? one : one + "s";
}
