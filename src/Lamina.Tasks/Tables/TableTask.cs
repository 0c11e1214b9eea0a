using System.Globalization;
using System.Text.Json;
using Lamina.Formats;
using Lamina.Learning.Columns;
using Lamina.Learning.Data;
using Lamina.Learning.Losses;
using Lamina.Learning.Metrics;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Saving;
using Lamina.Models;
using Lamina.Tasks.Rows;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Tables;

/// <summary>Rows of a table to a class or to numbers in other columns; without data it reads built-in synthetic houses.</summary>
public sealed class TableTask : LearningTask
{
    internal const string Table = "table", Query = "query";
    internal const string Target = "target", Drop = "drop", Classes = "classes", Regression = "regression", Balance = ClassWeights.Balance,
        Hidden = "hidden", Dropout = "dropout";
    private const int LookedRows = 1_000;

    private readonly TableVariant _variant;

    /// <summary>The task on tables in files, and on built-in houses.</summary>
    public TableTask() : this(new TableVariant("tables", Houses.Name, Houses.Rows))
    {
    }

    /// <summary>The task on rows that come from code, in place of the built-in houses.</summary>
    internal TableTask(RowSource rows) : this(new TableVariant("tables", RunInfo.RowsFromCode, () => rows))
    {
    }

    /// <summary>Tables for another task.</summary>
    internal TableTask(TableVariant variant) => _variant = variant;

    /// <inheritdoc/>
    public override string Name => _variant.Task;

    /// <inheritdoc/>
    public override string Summary => "rows of a table to a class or a number";

    /// <inheritdoc/>
    public override string DataHelp =>
        "a CSV, TSV, JSON lines, Parquet or SQLite file with a column to predict; x-dev and x-test beside x-train are taken as its other parts; without it: built-in synthetic houses";

    /// <inheritdoc/>
    public override string BuiltInData => _variant.BuiltIn;

    /// <inheritdoc/>
    public override IReadOnlyList<TaskOption> Options { get; } =
    [
        new(Target, OptionKind.Text,
            "Column to predict, by its name or its number from 1; several columns of numbers with commas between them (default: the likeliest column).") { ValueName = "COLUMN" },
        new(Drop, OptionKind.Text, "Columns to leave out, with commas between them (default: none but identifiers and constants).") { ValueName = "COLUMNS" },
        new(Classes, OptionKind.Flag, "Takes the target's values as classes (default: words, and at most 20 different whole numbers)."),
        new(Regression, OptionKind.Flag, "Takes the target's values as numbers (default: numbers of which there are more)."),
        ClassWeights.Option("row"),
        new(Hidden, OptionKind.Text,
            "Neurons of each hidden layer, with commas between them (default: 128,128; 256,256 from 100,000 rows).") { ValueName = "N,N" },
        new(Dropout, OptionKind.Share,
            "Share of the hidden neurons that are dropped in training, 0 to below 1 (default: 0.1; 0.3 for classes below 2,000 rows).") { Example = "0.2" },
        new(Table, OptionKind.Text, "Table or view of a SQLite database (default: the only one)."),
        new(Query, OptionKind.Text, "SQL query on a SQLite database, which is opened read-only.") { ValueName = "SQL" },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<Metric> CreateMetrics(RunInfo run) => run.Output is ClassOutput ? [new Accuracy()] : [new RSquared()];

    /// <inheritdoc/>
    public override Recognition Recognize(DataSource data)
    {
        try
        {
            if (data.IsStandardInput || !File.Exists(data.Path)) return Recognition.None;
            TableSurvey survey = TableSurvey.Of(RowSources.Open(data.Path), most: LookedRows);
            bool isNamed = IsNamed(data.Path);
            return survey.Columns.Count < 2 && !isNamed ? Recognition.None
                : new(isNamed ? 0.7 : 0.4, $"{data.Path} is a table of {Wording.Count(survey.Columns.Count, "column")}");
        }
        catch (DataException)
        {
            // A table that can't be read is told so, not taken for images.
            return IsNamed(data.Path) ? new(0.3, $"{data.Path} is named as a table") : Recognition.None;
        }
    }

    private static bool IsNamed(string path)
    {
        string ending = Path.GetExtension(path).ToLowerInvariant();
        if (ending == ".gz") ending = Path.GetExtension(path[..^ending.Length]).ToLowerInvariant();
        return ending is ".csv" or ".tsv" or ".jsonl" or ".ndjson" or ".json" or ".parquet" or ".db" or ".sqlite" or ".sqlite3";
    }

    /// <inheritdoc/>
    public override TaskPlan Plan(TaskRequest request, TaskContext context)
    {
        if (request.Has(Classes) && request.Has(Regression)) throw new TaskException($"--{Classes} and --{Regression} can't be given together",
            "one of the two alone");
        IReadOnlyList<int>? hidden = request.Text(Hidden) is { } sizes ? HiddenOf(sizes) : null;
        double? dropout = request.Number(Dropout);
        RowOptions options = new() { Table = request.Text(Table), Query = request.Text(Query) };
        RowSource source = request.Data?.Path is { } path ? RowSources.Open(path, options) : _variant.Rows();
        TableSurvey survey = TableSurvey.Of(source, context);
        if (survey.Rows < 2) throw new DataException(source.Name, survey.Rows == 0 ? "has no rows" : "has one row alone",
            "a table with a row for each example");
        List<string> notes = [.. source.Notes];
        ColumnSurvey[] dropped = request.Text(Drop) is { } left ? [.. NamesIn(survey, left).Select(survey.Find).Distinct()] : [];
        ColumnSurvey[] apart = [.. new[] { request.Split.Group, request.Split.Time }.OfType<string>().Select(survey.Find)];
        TargetChoice target = TargetChoice.Of(survey, request.Text(Target) is { } named ? NamesIn(survey, named) : null, [.. dropped, .. apart],
            request.Has(Classes) ? true : request.Has(Regression) ? false : null);
        if (target.Columns.FirstOrDefault(c => dropped.Contains(c) || apart.Contains(c)) is { } clash)
            throw new TaskException($"column '{clash.Name}' is the target, so it can't be left out or split by", "another column");
        _variant.CheckTarget?.Invoke(survey, target);
        if (target.Reason is { } why) notes.Insert(0, request.Text(Target) is null ? $"{why}; --{Target} names another" : why);
        string[]? classes = target.IsClasses ? ClassNames(target.Columns[0], notes) : null;
        int[] inputs = InputColumns.Of(survey, target, [.. dropped, .. apart], notes);
        StartingRun? start = StartingRun.Of(_variant, request, survey, inputs, [.. target.Columns, .. dropped, .. apart]);
        if (start is not null) inputs = start.PlacesIn(survey);
        var columns = new TableColumnsOf(inputs, [.. target.Columns.Select(c => survey.Columns.ToList().IndexOf(c))])
        {
            Group = request.Split.Group is { } g ? TableSurvey.ColumnOf(source, g) : null, Time = request.Split.Time is { } t
                ? TableSurvey.ColumnOf(source, t) : null,
        };
        TableRows rows = TableRows.Read(source, columns, new TargetReader(classes, [.. target.Columns.Select(c => c.Mark)]), context, notes);
        SplitParts parts = Split(rows, request.Split, request.SeedValue, request.Data, notes);
        var fit = new TableFit(survey, rows, parts.Training, target.IsClasses, context, notes);
        if (start is not null) notes.Add($"columns are read as in {request.Text(CommonOptions.From)}, whose weights this run starts from");
        var layout = new TableLayout(start?.Layout.Columns ?? fit.Columns, inputs, [.. target.Columns.Select(c => c.Name)], columns.Targets,
            [.. target.Columns.Select(c => c.Mark)], source.HasHeader, survey.Columns.Count);
        OutputMeaning output = Output(layout, rows, parts.Training, classes, notes);
        int count = parts.Training.Length;
        TabularNetOptions network = fit.Network(classes?.Length ?? layout.Targets.Count, count, hidden, dropout);
        if (start?.Network is { } old) network = old with { Outputs = network.Outputs, Hidden = hidden ?? old.Hidden, Dropout = dropout ?? old.Dropout };
        int batch = Math.Clamp(count / 16, 16, count < 100_000 ? 256 : count < 1_000_000 ? 1024 : 4096);
        return new(
            CommonOptions.Settings(request, count, Math.Clamp(1_000_000 / count, 2, target.IsClasses ? 100 : 200), 2e-3, batch),
            Kept(request, layout, dropped),
            Model.Describe(new TabularNet(network)),
            JsonSerializer.SerializeToElement(TableForm.Of(layout), TableJson.Default.TableForm),
            output,
            Assemble(request.Data, options, layout, rows, parts, output, request.Has(Balance), notes, context));
    }

    /// <inheritdoc/>
    public override TaskData Read(RunInfo run, TaskContext context)
    {
        bool isFromCode = _variant.BuiltIn == RunInfo.RowsFromCode;
        if (run.Data is null && (run.BuiltIn == RunInfo.RowsFromCode) != isFromCode || run.Data is not null && isFromCode)
            throw new TaskException($"the run was trained on {run.Data ?? run.BuiltIn}, not on {_variant.BuiltIn}",
                !isFromCode ? "the program that has the rows: TableLearning.Resume" : "TaskRunner.Resume, which reads the run's own data");
        TableLayout layout = LayoutOf(run);
        var notes = new List<string>();
        RowSource source = run.Data is { } from ? LikeTraining.Open(from, layout, OptionsOf(run)) : _variant.Rows();
        TableRows rows = Rows(run.Output, layout, source, run.Settings.Split, context, notes);
        DataSource? data = run.Data is { } path ? new DataSource(path) { Validation = run.ValidationData, Test = run.TestData } : null;
        SplitParts parts = Split(rows, run.Settings.Split, run.Settings.Seed, data, notes);
        return Assemble(data, OptionsOf(run), layout, rows, parts, run.Output, run.Options.ContainsKey(Balance), notes, context);
    }

    /// <inheritdoc/>
    public override Dataset ReadTest(RunInfo run, DataSource data, TaskContext context)
    {
        TableLayout layout = LayoutOf(run);
        List<string> notes = [];
        TableRows rows = Rows(run.Output, layout, LikeTraining.Open(data.Path, layout, OptionsOf(run)), null, context, notes);
        context.Tell(new TestReady(data.Path, "all of it", rows.Count, "row", layout.Text, [.. rows.Source.Notes, .. notes]));
        return Shown(layout.Encode(rows, run.Output is ClassOutput, context), rows);
    }

    /// <inheritdoc/>
    public override Network Build(JsonElement network) => Model.Create<TabularNet>(network, "run.json");

    /// <inheritdoc/>
    public override Specs Inputs(RunInfo run) => new Spec(DType.Float32, [LayoutOf(run).Columns.Slots]);

    /// <inheritdoc/>
    public override Batch CreateSyntheticBatch(RunInfo run, int count)
    {
        TableLayout layout = LayoutOf(run);
        int numbers = run.Output is ClassOutput ? 0 : Numbers(run.Output).Count;
        Batch drawn = numbers > 0 ? SyntheticBatch.Of(Inputs(run), new Spec(DType.Float32, [numbers]), count, 1) : base.CreateSyntheticBatch(run, count);
        return new(layout.Synthetic(drawn.Input), drawn.Target);
    }

    /// <inheritdoc/>
    public override Objective CreateObjective(Network network, RunInfo run) =>
        new EnsembleObjective(network, run.Output is ClassOutput ? new CrossEntropy() : new MeanSquaredError());

    /// <inheritdoc/>
    public override Optimizer CreateOptimizer(TrainingSettings settings) =>
        settings.Optimizer == "adamw" ? new AdamW(settings.LearningRate, weightDecay: 0.1) : base.CreateOptimizer(settings);

    /// <inheritdoc/>
    public override ModelInfo Describe(RunInfo run) => new()
    {
        Task = Name,
        Inputs = [new InputInfo { Name = "row", Shape = [LayoutOf(run).Columns.Slots], Preprocessing = [LayoutOf(run).Columns] }],
        Outputs = [new OutputInfo { Name = "target", Meaning = SavedMeaning.Of(run.Output) }],
    };

    /// <inheritdoc/>
    public override void Check(RunInfo run)
    {
        TableLayout layout = LayoutOf(run);
        if (run.Output is not ClassOutput && Numbers(run.Output).Count != layout.Targets.Count)
            throw new JsonException("the outputs are not one for each target");
    }

    /// <inheritdoc/>
    public override PredictionList Predict(TaskModel model, IReadOnlyList<string> inputs, int top, TaskContext context) =>
        Predict(model, new PredictInput(inputs), top, context);

    /// <inheritdoc/>
    public override PredictionList Predict(TaskModel model, PredictInput input, int top, TaskContext context) =>
        TablePredictor.Predict(model, LayoutOf(model.Run), input, top, context);

    internal override DataDetails Inspect(RunInfo run, TaskData data, TaskContext context)
    {
        RowSource source = run.Data is { } path ? RowSources.Open(path, OptionsOf(run)) : _variant.Rows();
        return TableLook.Of(source, LayoutOf(run), [.. new[] { run.Settings.Split.Group, run.Settings.Split.Time }.OfType<string>()], context);
    }

    /// <summary>The numbers of an output that is no class.</summary>
    internal static IReadOnlyList<NumberOutput> Numbers(OutputMeaning output) => output switch
    {
        NumberOutput one => [one],
        NumbersOutput several => several.Numbers,
        _ => throw new JsonException("the output of a table is a class or numbers"),
    };

    /// <summary>How a run's database is read.</summary>
    internal static RowOptions OptionsOf(RunInfo run) => new() { Table = run.Option(Table), Query = run.Option(Query) };

    private static Learning.Saving.OutputMeaning MeaningOf(OutputMeaning output)
    {
        if (output is ClassOutput classes) return new ClassLabels(classes.Names);
        IReadOnlyList<NumberOutput> numbers = Numbers(output);
        return new Quantities([.. numbers.Select(n => n.Name)], [.. numbers.Select(n => n.Unit ?? "")], [.. numbers.Select(n => (float)n.Deviation)],
            [.. numbers.Select(n => (float)n.Mean)]);
    }

    private static TableRows Rows(OutputMeaning output, TableLayout layout, RowSource source, SplitRule? split, TaskContext context, List<string> notes)
    {
        var rows = TableRows.Read(source, layout.In(source, split), new TargetReader((output as ClassOutput)?.Names, layout.TargetMarks), context, notes);
        if (output is not ClassOutput) rows.Standardize(Numbers(output));
        return rows;
    }

    private static SplitParts Split(TableRows rows, SplitRule rule, long seed, DataSource? source, List<string> notes)
    {
        var data = new SplitData(rows.Count, "row", [])
        {
            Hashes = rows.Hashes.ToArray(), GroupHashes = rule.Group is null ? null : rows.Groups.ToArray(), Labels = rows.Labels, Times = rows.Times,
        };
        SplitParts parts = DataSplit.Of(data, rule, seed, source?.Validation is not null, source?.Test is not null, notes);
        if (source?.Test is null && rule.Folds is null)
        {
            if (parts.Test.Length == 0)
                throw new DataException(rows.Source.Name, $"has {Wording.Count(rows.Count, "row")}, too few to keep some for the test",
                    "more rows, or a test file of its own");
            notes.Add($"{parts.Test.Length:N0} of {rows.Count:N0} rows are kept for the test");
        }
        return parts;
    }

    private TaskData Assemble(DataSource? source, RowOptions options, TableLayout layout, TableRows rows, SplitParts parts, OutputMeaning output,
        bool isBalanced, List<string> notes, TaskContext context)
    {
        string hash = rows.Hash;
        EncodedRows all = layout.Encode(rows, output is ClassOutput, context);
        Dataset Own(string path)
        {
            var found = new List<string>();
            RowSource own = LikeTraining.Open(path, layout, options);
            TableRows its = Rows(output, layout, own, null, context, found);
            notes.AddRange(own.Notes.Concat(found).Select(note => $"{Path.GetFileName(path)}: {note}"));
            hash += $" {its.Hash}";
            var known = new HashSet<ulong>(rows.Hashes.ToArray());
            int common = 0;
            foreach (ulong one in its.Hashes) common += known.Contains(one) ? 1 : 0;
            if (common > 0) notes.Add($"{Wording.Count(common, "row")} of {path} {(common == 1 ? "is" : "are")} in the training data too: the result looks better than it is");
            return Shown(layout.Encode(its, output is ClassOutput, context), its);
        }

        Dataset validation = source?.Validation is { } v ? Own(v) : Shown(all, rows, parts.Validation);
        Dataset test = source?.Test is { } t ? Own(t) : Shown(all, rows, parts.Test);
        return new(Shown(all.ForTraining(0.01, isBalanced ? ClassWeights.Of(output) : null), rows, parts.Training), validation, test, source?.Path
            ?? BuiltInData, hash, layout.Text, notes);
    }

    private static SampledDataset Shown(Dataset encoded, TableRows rows, int[]? indices = null) =>
        new(indices is null ? encoded : encoded.Select(indices), i => rows.Show(indices?[i] ?? i));

    // In the order of numbers where they are, so that class 2 comes before class 10.
    private static string[] ClassNames(ColumnSurvey column, List<string> notes)
    {
        string[] words = column.Numbers == 0 ? [.. column.MissingWords.Keys.Order(StringComparer.Ordinal)] : [];
        if (words.Length > 0) notes.Add($"{Wording.Names(words)} in '{column.Name}' is taken as a class, not as a missing value");
        if (column.Numbers < column.Present) return [.. column.Values.Keys.Concat(words).Order(StringComparer.Ordinal)];
        double ValueOf(string text) => Cell.TryNumber(text, column.Mark, out double x) ? x : 0;
        // 1 and 1.0 are one class, by the name that comes more often.
        return [.. column.Values.GroupBy(v => ValueOf(v.Key)).OrderBy(g => g.Key).Select(g =>
            g.OrderByDescending(v => v.Value).ThenBy(v => v.Key, StringComparer.Ordinal).First().Key)];
    }

    private OutputMeaning Output(TableLayout layout, TableRows rows, int[] training, string[]? classes, List<string> notes)
    {
        ReadOnlySpan<double> targets = rows.Targets;
        if (classes is not null)
        {
            var counts = new long[classes.Length];
            var all = new long[classes.Length];
            foreach (int i in training) counts[(int)targets[i]]++;
            foreach (double target in targets) all[(int)target]++;
            string[] once = [.. classes.Where((_, c) => all[c] == 1)];
            if (once.Length > 0) notes.Add($"{Wording.Names(once)} {(once.Length == 1 ? "comes" : "come")} once, too seldom to be learned and measured");
            var output = new ClassOutput(classes) { Counts = counts };
            if (!_variant.IsRare) ClassWeights.NoteImbalance(output, "row", notes);
            return output;
        }
        var numbers = new NumberOutput[layout.Targets.Count];
        for (int t = 0; t < numbers.Length; t++)
        {
            double sum = 0, squares = 0;
            foreach (int i in training) sum += targets[i * numbers.Length + t];
            double mean = sum / training.Length;
            foreach (int i in training) squares += (targets[i * numbers.Length + t] - mean) * (targets[i * numbers.Length + t] - mean);
            double deviation = Math.Sqrt(squares / training.Length);
            numbers[t] = new NumberOutput(layout.Targets[t], mean, deviation > 1e-12 * Math.Max(1, Math.Abs(mean)) ? deviation : 1);
        }
        rows.Standardize(numbers);
        return numbers.Length == 1 ? numbers[0] : new NumbersOutput(numbers);
    }

    internal static TableLayout LayoutOf(RunInfo run)
    {
        TableForm form = run.Preprocessing.Deserialize(TableJson.Default.TableForm) ?? throw new JsonException("it has no preprocessing");
        try
        {
            return form.Layout;
        }
        catch (FileFormatException e)
        {
            throw new JsonException(e.Message.Split('\n')[0]);
        }
    }

    private static string[] NamesIn(TableSurvey survey, string list) =>
        // a name may have commas
        survey.Columns.Any(c => c.Name == list) ? [list] : list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    // What was decided for the target, and what was asked for otherwise.
    private static Dictionary<string, JsonElement> Kept(TaskRequest request, TableLayout layout, ColumnSurvey[] dropped)
    {
        var kept = new Dictionary<string, JsonElement> { [Target] = Text(string.Join(',', layout.Targets)) };
        if (dropped.Length > 0) kept[Drop] = Text(string.Join(',', dropped.Select(c => c.Name)));
        foreach (string option in (string[])[Hidden, Table, Query])
            if (request.Text(option) is { } text) kept[option] = Text(text);
        foreach (string flag in (string[])[Classes, Regression, Balance])
            if (request.Has(flag)) kept[flag] = JsonSerializer.SerializeToElement(true, TableJson.Default.Boolean);
        if (request.Number(Dropout) is { } rate) kept[Dropout] = JsonSerializer.SerializeToElement(rate, TableJson.Default.Double);
        return kept;
    }

    private static JsonElement Text(string text) => JsonSerializer.SerializeToElement(text, TableJson.Default.String);

    private static int[] HiddenOf(string text)
    {
        int[] sizes = [.. text.Split(',', StringSplitOptions.TrimEntries)
            .Select(p => int.TryParse(p, NumberStyles.None, CultureInfo.InvariantCulture, out int n) ? n : 0)];
        return sizes.Length <= 12 && sizes.All(n => n is >= 1 and <= 16_384) ? sizes
            : throw new TaskException($"--{Hidden} {text}: expected 1 to 12 whole numbers from 1 to 16,384 with commas between them", "128,128");
    }
}
