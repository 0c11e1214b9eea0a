using Lamina.Learning.Modules;
using Lamina.Learning.Training;
using Lamina.Tasks;
using Lamina.Tasks.Detection;
using Lamina.Tasks.Registry;
using Lamina.Tasks.Spine;
using Lamina.Tensors.Shapes;
using Spectre.Console;

namespace Lamina.Cli.Rendering;

/// <summary>Draws what stays on the screen: data, network, epochs, results. The same for terminals and files.</summary>
internal sealed class Report(Canvas canvas, Screen screen)
{
    private const int Indent = 10, BarColumns = 20, LongestClass = 24;

    // Below these the tables lose columns rather than being broken by the terminal.
    private const int EpochColumns = 76, LayerColumns = 64;

    private string[]? _metrics;

    public void Chosen(TaskChosen x) => Field("task", $"[bold]{Canvas.Safe(x.Task)}[/]: {Canvas.Safe(x.Reason)}");

    public void Tasks(IReadOnlyList<LearningTask> tasks)
    {
        foreach (LearningTask task in tasks)
        {
            Field(task.Name, $"[bold]{Canvas.Safe(task.Summary)}[/]");
            foreach (string line in Words.Wrap(task.DataHelp, canvas.Width - Indent)) Field("", Canvas.Safe(line));
        }
        canvas.Line();
        canvas.Line($"{Canvas.Safe(screen.Program)} train --task NAME --help tells of a task's options");
    }

    public void Data(DataReady x)
    {
        Field("data", $"[bold]{Canvas.Safe(x.Source)}[/], {Canvas.Safe(x.Input)}{(x.Output is ClassOutput ? $", {Canvas.Safe(x.Output.Text)}" : "")}");
        Field("", x.Validation + x.Test == 0
            ? $"one batch of {Words.Count(x.Training, "example")}, again and again; nothing else is measured"
            : $"{Words.Count(x.Training)} to learn from, {Words.Count(x.Validation)} to validate, {Words.Count(x.Test)} to test");
        if (x.Output is ClassOutput classes) Field("classes", Canvas.Safe(Words.Some(classes.Names, canvas.Width - Indent - 14)));
        else if (x.Output is LabelsOutput labels) Field("labels", Canvas.Safe(Words.Some(labels.Names, canvas.Width - Indent - 14)));
        else Field("output", Canvas.Safe(x.Output is PositionsOutput positions
            ? $"{x.Output.Text}: {Words.Some(positions.Names, canvas.Width - Indent - 30)}" : x.Output.Text));
        foreach (Fact fact in x.Facts) Field(fact.Label, Canvas.Safe(fact.Text));
        foreach (string note in x.Notes) Field("note", $"[yellow]{Canvas.Safe(note)}[/]");
    }

    public void TestData(TestReady x)
    {
        Field("data", $"[bold]{Canvas.Safe(x.Source)}[/]: {Canvas.Safe(x.Part)}");
        Field("", $"{Words.Count(x.Count, x.Item)}{(x.Classes is { } classes ? $" of {Words.Count(classes, "class", "classes")}" : "")}, {Canvas.Safe(x.Input)}");
        foreach (string note in x.Notes) Field("note", $"[yellow]{Canvas.Safe(note)}[/]");
    }

    public void Network(NetworkReady x)
    {
        Summary summary = x.Summary;
        Field("network", $"[bold]{Canvas.Safe(x.Name)}[/]");
        canvas.Write(Layers(summary));
        Field("in all", $"{Words.Count(summary.Parameters, "parameter")}, {Words.Bytes(summary.ParameterBytes)}");
        Field("", $"{Words.Large(summary.MultiplyAdds)} multiply-adds and {Words.Bytes(summary.ActivationBytes)} of activations per example");
    }

    public void Started(Started x)
    {
        Field("training", $"{Words.Count(x.Epochs, "epoch")} of {Words.Count(x.StepsPerEpoch, "step")} of {Words.Count(x.BatchSize, "example")}"
            + (x.Step > 0 ? $", going on after step {Words.Count(x.Step)}" : ""));
    }

    public void Frozen(LayersFrozen x)
    {
        string layers = x.Layers.Count == 0 ? "none: all layers are trained" : Words.Some(x.Layers, canvas.Width - Indent - 30);
        Field(_metrics is null ? "frozen" : "", Canvas.Safe(x.Freed is null ? layers : $"from epoch {x.Epoch} on {x.Freed} is trained too; frozen: {layers}"));
    }

    public void Note(string message) => Field("note", Canvas.Safe(message));

    public void Warning(string message)
    {
        string[] lines = message.Split('\n');
        canvas.Line($"[yellow]warning   {Canvas.Safe(lines[0])}[/]");
        foreach (string line in lines.Skip(1)) canvas.Line($"[yellow]{new string(' ', Indent)}{Canvas.Safe(line)}[/]");
    }

    public void Epoch(EpochDone x)
    {
        if (_metrics is null)
        {
            _metrics = [.. x.Training.Metrics.Keys];
            canvas.Line();
            canvas.Line(IsNarrow
                ? $"[grey]{Narrow("epoch", "loss", x.Validation is null ? null : "val loss", _metrics is [var first, ..] ? Canvas.Safe(first) : "")}[/]" : $"[grey]{Columns("epoch", "train loss", _metrics, "seconds", x.Validation is null ? null : "validation loss")}[/]");
        }
        string text = IsNarrow ? Narrow(Words.Count(x.Epoch), Words.Loss(x.Training.Loss), x.Validation is { } n ? Words.Loss(n.Loss) : null,
            Shown(x.Validation ?? x.Training) is [var one, ..] ? one : "")
                : Columns(Words.Count(x.Epoch), Words.Loss(x.Training.Loss), Shown(x.Training), Words.Seconds(x.Seconds),
            x.Validation is { } v ? Words.Loss(v.Loss) : null, x.Validation is { } w ? Shown(w) : null);
        canvas.Line(x.IsBest ? $"{text}  [green]★{(IsNarrow ? "" : " best")}[/]" : text);
    }

    // A line or two are enough to see whether it is becoming a text.
    public void Illustrated(Illustrated x)
    {
        const int Most = 66;
        if (x.Sample is ImagesSample images)
        {
            // Evenly spread, so that different classes are seen.
            int count = Math.Max(1, canvas.Width / (ImageText.Columns(images.Images[0]) + 2));
            ImageSample[] some = [.. Enumerable.Range(0, Math.Min(count, images.Images.Count))
                .Select(i => images.Images[i * images.Images.Count / Math.Min(count, images.Images.Count)])];
            foreach (string line in ImageText.Row(some, InColor, canvas.Width - 2)) canvas.Line("  " + line);
        }
        if (x.Sample is not TextSample { Text: var text }) return;
        string shown = string.Join(" / ", text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        canvas.Line($"[grey]{new string(' ', Indent)}{Canvas.Safe(Words.Cut(shown, Most))}[/]");
    }

    public void Trained(Finished x)
    {
        if (x.Reason == FinishReason.StoppedEarly) canvas.Line($"          stopped early after {Words.Count(x.Epochs, "epoch")}: no better epoch came");
        if (x.Reason != FinishReason.Interrupted && x.BestEpoch > 0 && x.BestEpoch != x.Epochs)
            canvas.Line($"          the weights of epoch {x.BestEpoch}, the best, are kept");
    }

    // The figures come last: above them samples may fill a screen.
    public void Tested(TestReport x)
    {
        canvas.Line();
        if (x.Mistakes.Count > 0)
        {
            Mistakes(x);
            canvas.Line();
        }
        if (x.Forecasts is [var first, ..]) Forecast(first);
        if (x.Anomalies is { } anomalies) Anomalies(anomalies, x.AnomalyCounts);
        KeyValuePair<string, Figure>[] main = MainFigures(x.Figures);
        Field("test", $"{Shown(main, "bold green")}, {Words.Count(x.Count, "example")}");
        string[] intervals = [.. main.Where(f => f.Value.Interval is not null).Select(f => $"{f.Key} {Words.Interval(f.Value)}")];
        Listed("", "95 % sure: ", intervals);
        if (IsImbalanced(x.Classes))
        {
            int widest = x.Classes.Max(c => DisplayWidth.Of(Words.Cut(c.Name, LongestClass)));
            for (int c = 0; c < x.Classes.Count; c++)
            {
                ClassReport one = x.Classes[c];
                string name = DisplayWidth.Pad(Words.Cut(one.Name, LongestClass), widest);
                Field(c == 0 ? "classes" : "",
                    $"{Canvas.Safe(name)}  precision {Words.Percent(one.Precision)}, recall {Words.Percent(one.Recall)}, f1 {Words.Loss(one.F1)}");
            }
        }
        if (x.Cost is { } cost) Cost(cost, x.PositiveClass ?? "");
        foreach (BaselineReport baseline in x.OtherBaselines.Prepend(x.Baseline).OfType<BaselineReport>())
        {
            string[] figures = [.. MainFigures(baseline.Figures).Select(f => $"{f.Key} {Words.Figure(f.Value)}")];
            Listed(baseline == x.Baseline ? "baseline" : "", "", [.. figures.SkipLast(1), $"{figures.LastOrDefault()}: {baseline.Name}"]);
        }
    }

    // The oddest of each kind.
    private void Anomalies(IReadOnlyList<AnomalyReport> all, IReadOnlyDictionary<AnomalyKind, int> counts)
    {
        const int Shown = 3;
        foreach (AnomalyKind kind in Enum.GetValues<AnomalyKind>())
        {
            int count = counts.GetValueOrDefault(kind);
            if (count == 0) continue;
            string name = kind.ToString().ToLowerInvariant();
            canvas.Line($"[bold]{name}[/]: {Words.Count(count, "stretch", "stretches")}");
            foreach (AnomalyReport one in all.Where(a => a.Kind == kind).Take(Shown)) canvas.Line($"  {Canvas.Safe(Text(one))}");
        }
        canvas.Line();
    }

    private static string Text(AnomalyReport x)
    {
        string end = x.Steps > 1 ? $" to {x.End}, {Words.Count(x.Steps, "step")}" : "";
        return $"{Of(x.Series)}{x.Start}{end}: {Words.Some(x.Columns, 40)}, {Words.Percent(x.Sureness)} sure";
    }

    // Of several series in one table.
    private static string Of(string? series) => series is null ? "" : $"{series}, ";

    // What came and what was forecast, as two rows of blocks of one scale.
    private void Forecast(SeriesSample sample)
    {
        if (!screen.IsUnicode) return;
        double[] known = [.. sample.Actual.Concat(sample.Forecast).Where(double.IsFinite)];
        if (known.Length == 0) return;
        (double low, double high) = (known.Min(), known.Max());
        canvas.Line($"{Canvas.Safe(Words.Cut(sample.Name, LongestClass))}, {Canvas.Safe(sample.Place)}, {Words.Number(low)} to {Words.Number(high)}");
        int room = Math.Clamp(canvas.Width - Indent - 2, 8, 96);
        canvas.Line($"  [grey]came[/]      {Sparks.Of(sample.Actual, low, high, room)}");
        canvas.Line($"  [grey]forecast[/]  [green]{Sparks.Of(sample.Forecast, low, high, room)}[/]");
        canvas.Line();
    }

    private void Cost(CostReport x, string positive)
    {
        RareDecision d = x.Decision;
        string how = d.IsChosen ? "chosen on validation" : "by the costs alone";
        Field("threshold", Canvas.Safe($"'{Words.Cut(positive, LongestClass)}' from a probability of {Words.Number(d.Threshold)} on, {how}; the baseline's is {Words.Number(d.BaselineThreshold)}"));
        Field("cost", Canvas.Safe($"{Words.Number(x.Cost)} per 1,000 rows, at {Words.Number(d.MissedCost)} for a missed one and {Words.Number(d.FalseCost)} for a false alarm"));
        Field("", $"block nothing: {Words.Number(x.Nothing)}; block all: {Words.Number(x.All)}");
    }

    // What fits beside each other; all figures stand in the report and in the JSON.
    private static KeyValuePair<string, Figure>[] MainFigures(Figures figures)
    {
        if (figures.Find("prAuc") is not null && figures.Find("flagged") is not null)
            return [.. figures.Where(f => f.Key is "auc" or "prAuc" or "precision" or "recall" or "flagged")];
        if (figures.Find("frechet") is not null) return [.. figures.Where(f => f.Key is "asAsked" or "frechet" or "frechetReal" or "diversity")];
        if (figures is [{ Key: "prAuc" }, ..]) return [.. figures.Take(5)]; // a rare class, of which accuracy says nothing
        if (figures is [{ Key: "bleu" }, ..]) return [.. figures.Where(f => f.Key is "bleu" or "accuracy" or "loss")];
        if (figures.Find("mase") is not null) return [.. figures.Where(f => f.Key is "mse" or "mae" or "mase" or "coverage")];
        KeyValuePair<string, Figure>[] main = [.. figures.Where(f => f.Key is "accuracy" or "exactMatch" or "f1" or "auc" or "r2" or "mae" or "rmse")];
        return main.Length == 0 ? [.. figures.Take(3)] : main.Length < 3 ? [.. main, .. figures.Where(f => f.Key == "loss")] : main;
    }

    // Where accuracy says little about the rarer classes.
    private static bool IsImbalanced(IReadOnlyList<ClassReport> classes)
    {
        const int Most = 10;
        const double Ratio = 1.5;
        return classes.Count is >= 2 and <= Most && classes.Max(c => c.Count) > Ratio * classes.Min(c => c.Count);
    }

    // Parts with commas between them, on as many lines as they need.
    private void Listed(string name, string start, string[] parts)
    {
        const int Columns = 80;
        string line = start;
        for (int i = 0; i < parts.Length; i++)
        {
            string part = parts[i] + (i + 1 < parts.Length ? ", " : "");
            if (line.Length > start.Length && Indent + line.Length + part.TrimEnd().Length > Columns)
            {
                Field(name, Canvas.Safe(line.TrimEnd()));
                (name, line) = ("", new string(' ', start.Length));
            }
            line += part;
        }
        if (parts.Length > 0) Field(name, Canvas.Safe(line));
    }

    public void Folds(FoldsDone x)
    {
        canvas.Line();
        Field("folds", $"mean and deviation of {Words.Count(x.Folds, "fold")}");
        foreach ((string name, Figure figure) in x.Mean)
            Field("", $"{Canvas.Safe(name)} [bold green]{Words.Figure(figure)}[/] ± {Words.Figure(figure with { Value = x.Deviation[name] })}");
        foreach ((string part, Figures figures) in x.Each) Field("", $"{Canvas.Safe(part)}: {Shown(MainFigures(figures), null)}");
    }

    private static string Shown(IEnumerable<KeyValuePair<string, Figure>> figures, string? style) => string.Join(", ", figures.Select((f, i) =>
        $"{Canvas.Safe(f.Key)} {(style is not null && i == 0 ? $"[{style}]{Words.Figure(f.Value)}[/]" : Words.Figure(f.Value))}"));

    public void Overfitted(Overfitted x)
    {
        canvas.Line();
        string figures = $"{Shown(MainFigures(x.Report.Figures), "bold")}, on its {Words.Count(x.Report.Count, "example")}";
        Field("batch", x.IsLearned ? $"[bold green]learned by heart[/]: {figures}" : $"[bold yellow]not learned by heart[/]: {figures}");
        if (!x.IsLearned) Field("",
            "more epochs may do it; otherwise look for equal images in two classes, wrong labels, or a learning rate that is too high or too low");
    }

    private void Mistakes(TestReport x)
    {
        canvas.Line(Canvas.Safe(x.MistakesTitle));
        bool inColor = InColor;
        foreach (Mistake mistake in x.Mistakes)
        {
            if (mistake.IsNumber)
            {
                NumberError(mistake);
                continue;
            }
            string times = mistake.Count switch { 1 => "once", 2 => "twice", _ => $"{Words.Count(mistake.Count)} times" };
            canvas.Line($"  [bold]{Class(mistake.Actual)}[/] taken for [bold]{Class(mistake.Predicted)}[/], {times}");
            foreach (string line in ImageText.Row([.. mistake.Samples.OfType<ImageSample>()], inColor, canvas.Width - 2)) canvas.Line("  " + line);
            SoundSample[] sounds = [.. mistake.Samples.OfType<SoundSample>()];
            string places = string.Join(", ", sounds.Select(s => s.Place));
            if (sounds.Length > 0) canvas.Line($"    [grey]{Canvas.Safe(Words.Cut(places, canvas.Width - 5))}[/]");
            foreach (string line in ImageText.Row([.. sounds.Select(s => s.Spectrogram)], inColor, canvas.Width - 2)) canvas.Line("  " + line);
            foreach (CurveSample series in mistake.Samples.OfType<CurveSample>())
            {
                string curve = screen.IsUnicode ? Sparkline.Of(series.Curves[0].Values, canvas.Width / 2) : "";
                canvas.Line($"    [grey]{Canvas.Safe(Words.Cut($"{series.Place}: ", canvas.Width / 3))}[/]{curve}");
            }
            foreach (TextSample text in mistake.Samples.OfType<TextSample>())
                canvas.Line($"    [grey]{Canvas.Safe(Words.Cut($"{text.Place}: {string.Join(' ', text.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))}", canvas.Width - 5))}[/]");
            foreach (RowSample row in mistake.Samples.OfType<RowSample>()) Cells($"{row.Place}: ", row);
        }
    }

    private bool InColor => screen.IsUnicode && screen.Colors is (ColorSystem.TrueColor or ColorSystem.EightBit);

    // There is one of it, so it isn't counted: the row that it is of comes first.
    private void NumberError(Mistake mistake)
    {
        RowSample? row = mistake.Samples.OfType<RowSample>().FirstOrDefault();
        string place = row is null ? "" : $"{Canvas.Safe(row.Place)}: ";
        canvas.Line($"  {place}[bold]{Class(mistake.Actual)}[/], predicted [bold]{Class(mistake.Predicted)}[/]");
        if (row is not null) Cells("", row);
    }

    private void Cells(string before, RowSample row) =>
        canvas.Line($"    [grey]{Canvas.Safe(Words.Cut(before + string.Join(", ", row.Cells.Select(c => $"{c.Key} {c.Value}")), canvas.Width - 5))}[/]");

    public void Result(TaskResult x)
    {
        string run = ShellPath.Quote(x.Run), lamina = Canvas.Safe(screen.Program);
        if (x.WasInterrupted)
        {
            canvas.Line();
            string place = x.Model is null ? $"in epoch {x.Epochs + 1}, at step {Words.Count(x.Step)}" : $"in the test, after {Words.Count(x.Epochs, "epoch")}";
            Field("stopped", $"{place}; the run is saved in {Canvas.Safe(x.Run)}");
            Field("go on", $"[bold]{lamina} train --resume {Canvas.Safe(run)}[/]", isCopied: true);
            return;
        }
        Field("run", $"{Canvas.Safe(x.Run)}, {Words.Count(x.Epochs, "epoch")} in {Words.Seconds(x.Seconds)} s");
        if (x.Model is { } model) Field("model", Canvas.Safe(model), isCopied: true);
        if (x.Report is { } report) Field("report", Canvas.Safe(report), isCopied: true);
        if (x.Model is null) return; // several runs, which the folder holds
        Field("next", $"[bold]{lamina} {Canvas.Safe(x.Next)}[/]", isCopied: true);
        Field("", $"[bold]{lamina} summary {Canvas.Safe(run)}[/]", isCopied: true);
    }

    public void Prediction(Prediction x)
    {
        if (x.Error is not null) return; // named on standard error
        if (x.Until is not null)
        {
            string sure = $"{Words.Percent(x.Top[0].Probability)} sure";
            canvas.Line($"{Canvas.Safe(Of(x.Series) + x.Time)}: [bold]{Class(x.Top[0].Class)}[/] in {Canvas.Safe(x.Note ?? "")}, {sure}");
            return;
        }
        if (x.Numbers.Count > 0)
        {
            string place = x.Time is { } time ? Of(x.Series) + time : x.Row is { } row ? $"{x.Source}, row {Words.Count(row)}" : x.Source;
            canvas.Line($"{Canvas.Safe(place)}: {string.Join(", ", x.Numbers.Select(n => $"{Canvas.Safe(n.Key)} [bold]{Words.Number(n.Value)}[/]{Range(x, n.Key)}"))}{(x.Note is { } why ? $"  [grey]{Canvas.Safe(why)}[/]" : "")}");
        }
        if (x.Positions.Count > 0)
        {
            canvas.Line($"{Canvas.Safe(x.Row is { } number ? $"{x.Source}, sequence {Words.Count(number)}" : x.Source)}:{(x.Note is { } why ? $"  [grey]{Canvas.Safe(why)}[/]" : "")}");
            foreach (string text in SequenceText.Lines(x.Positions, canvas.Width - 2)) canvas.Line($"  {Canvas.Safe(text)}");
        }
        if (x.Top.Count == 0) return;
        string found = $"{Canvas.Safe(x.Row is { } line ? $"{x.Source}, row {Words.Count(line)}" : x.Source)}: {Answer(x)}";
        string note = x.Note is null ? "" : $"  [grey]{Canvas.Safe(x.Note)}[/]";
        // A narrow terminal would break it within a word.
        bool isApart = screen.IsInteractive && Markup.Remove(found + note).Length > canvas.Width;
        canvas.Line(isApart ? found : found + note);
        if (isApart && note.Length > 0) canvas.Line(note);
        int widest = x.Top.Max(t => DisplayWidth.Of(Words.Cut(t.Class, LongestClass)));
        foreach (ClassProbability one in x.Top)
        {
            // Half a block is the least that shows.
            int room = screen.IsInteractive ? Math.Clamp(canvas.Width - widest - 15, 1, BarColumns) : BarColumns;
            int halves = (int)Math.Round(2 * room * Math.Clamp(one.Probability, 0, 1));
            string bar = new string('█', halves / 2) + (halves % 2 == 1 ? "▌" : "");
            string name = Words.Cut(one.Class, LongestClass);
            canvas.Line($"  {Class(one.Class)}{new string(' ', widest - DisplayWidth.Of(name))}  {Words.Percent(one.Probability),8}{(bar.Length > 0 ? $"  [green]{bar}[/]" : "")}");
        }
    }

    private static string Answer(Prediction x) => x.Labels is { } labels
        ? labels.Count == 0 ? "no label" : string.Join(", ", labels.Select(label => $"[bold]{Class(label)}[/]"))
        : $"[bold]{Class(x.Top[0].Class)}[/], {Words.Percent(x.Top[0].Probability)}";

    // Such a share of cases lies in it.
    private static string Range(Prediction x, string name)
    {
        if (x.Intervals.FirstOrDefault(i => i.Key == name) is not { Key: not null } found) return "";
        string share = (100 * x.IntervalShare).ToString("0.#", System.Globalization.CultureInfo.InvariantCulture);
        return $" ({Words.Number(found.Value.Low)} to {Words.Number(found.Value.High)}, {share} % sure)";
    }

    private static string Class(string name) => Canvas.Safe(Words.Cut(name, LongestClass));

    // Only a terminal's width says anything of how the text will be read.
    private bool IsNarrow => screen.IsInteractive && canvas.Width < EpochColumns;

    // What is too long for a terminal is broken between words; what is to be copied, a path or a command, stays whole.
    private void Field(string name, string markup, bool isCopied = false)
    {
        string label = $"[grey]{name.PadRight(Indent)}[/]", plain = Markup.Remove(markup);
        if (!screen.IsInteractive || Indent + plain.Length <= canvas.Width)
        {
            canvas.Line(label + markup);
            return;
        }
        if (isCopied)
        {
            if (name.Length > 0) canvas.Line($"[grey]{name}[/]");
            canvas.Line(markup);
            return;
        }
        foreach (string line in Words.Wrap(plain, canvas.Width - Indent))
        {
            canvas.Line(label + (markup.StartsWith("[yellow]", StringComparison.Ordinal) ? $"[yellow]{Markup.Escape(line)}[/]" : Markup.Escape(line)));
            label = new string(' ', Indent);
        }
    }

    private Table Layers(Summary summary)
    {
        bool isNarrow = screen.IsInteractive && canvas.Width < LayerColumns;
        Table table = new Table
        {
            Border = !screen.IsInteractive ? TableBorder.Simple : isNarrow ? TableBorder.None : screen.IsUnicode ? TableBorder.Rounded : TableBorder.Ascii,
            BorderStyle = new Style(Color.Grey),
        }.AddColumns(Kept(
            new TableColumn("layer") { NoWrap = true },
            new TableColumn("what it is"),
            new TableColumn("output") { NoWrap = true, Alignment = Justify.Right },
            new TableColumn("parameters") { NoWrap = true, Alignment = Justify.Right },
            new TableColumn("mult-adds") { NoWrap = true, Alignment = Justify.Right }));
        // The first row is the network itself, which has a line of its own; layers that hold others only name them.
        var inside = new Stack<SummaryRow>();
        foreach (SummaryRow row in summary.Rows.Where(r => r.Path.Length > 0 || r.IsLeaf))
        {
            while (inside.TryPeek(out SummaryRow? before) && before.Depth >= row.Depth) inside.Pop();
            string name = new string(' ', 2 * inside.Count) + Canvas.Safe(Within(inside, row.Path)), what = Canvas.Safe(row.Layer);
            inside.Push(row);
            if (row.IsLeaf) table.AddRow(Kept(name, what, Size(row.Output), Number(row.Parameters), Number(row.MultiplyAdds)));
            else table.AddRow(Kept($"[grey]{name}[/]", $"[grey]{Canvas.Safe(row.Layer.Split('(')[0])}[/]", $"[grey]{Size(row.Output)}[/]", "", ""));
        }
        return table;

        // On a narrow terminal name, output and parameters.
        T[] Kept<T>(params T[] cells) => isNarrow ? [cells[0], cells[2], cells[3]] : cells;
    }

    // A layer's name without that of the layer which it stands below.
    private static string Within(Stack<SummaryRow> inside, string path) =>
        inside.TryPeek(out SummaryRow? outer) && path.StartsWith(outer.Path, StringComparison.Ordinal) && path.Length > outer.Path.Length
            ? path[outer.Path.Length..].TrimStart('.') : path;

    // Without the batch, which may be anything.
    private static string Size(Shape shape) => shape.Rank < 2 ? "1" : string.Join('×', shape.Span[1..].ToArray());

    private static string Number(long count) => count == 0 ? "" : Words.Count(count);

    private string[] Shown(Scores scores) => [.. _metrics!.Select(m => scores.Metrics.TryGetValue(m, out double value) ? Words.Metric(m, value) : "")];

    private static string Narrow(string epoch, string loss, string? validationLoss, string metric) =>
        $"{epoch,5}{loss,9}{(validationLoss is null ? "" : $"{validationLoss,10}")}{metric,11}";

    private string Columns(string epoch, string loss, string[] metrics, string seconds, string? validationLoss, string[]? validation = null)
    {
        string text = $"{epoch,5}{loss,13}{Row(metrics)}";
        if (validationLoss is not null) text += $"{validationLoss,18}{Row(validation ?? metrics)}";
        return $"{text}{seconds,10}";

        string Row(string[] cells) => string.Concat(cells.Select((cell, i) => "  " + Canvas.Safe(cell).PadLeft(Math.Max(8, _metrics![i].Length))));
    }
}
