using System.Globalization;
using System.Text.Json;
using Lamina.Learning.Data;
using Lamina.Learning.Losses;
using Lamina.Learning.Metrics;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Learning.Saving;
using Lamina.Models;
using Lamina.Tasks.Csv;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Curves;

/// <summary>Numbers in the columns of a CSV file to a number in another column, by a multi-layer perceptron.</summary>
internal sealed class CurveTask : LearningTask
{
    private const string Target = "target", Hidden = "hidden", UsualHidden = "64,64";
    private const int RowsToSee = 200_000, FewestEpochs = 20, MostEpochs = 200, Looked = 20;

    public override string Name => "curve";
    public override string Summary => "columns of numbers to a number";
    public override string DataHelp => "a CSV or TSV file whose first line names its columns, all of numbers; x-dev and x-test beside x-train are taken as its other parts";
    public override IReadOnlyList<TaskOption> Options { get; } =
    [
        new(Target, OptionKind.Text, "Column to predict (default: the last one).") { ValueName = "COLUMN" },
        new(Hidden, OptionKind.Text, $"Neurons of each hidden layer, with commas between them (default: {UsualHidden}).") { ValueName = "N,N" },
    ];

    public override IReadOnlyList<Metric> CreateMetrics(RunInfo run) => [new RSquared()];
    public override Recognition Recognize(DataSource data)
    {
        try
        {
            if (!File.Exists(data.Path) || Path.GetExtension(data.Path).ToLowerInvariant() is not (".csv" or ".tsv" or ".txt")) return Recognition.None;
            CsvTable table = CsvTable.Read(data.Path, Looked);
            int numbers = Enumerable.Range(0, table.Columns.Length).Count(c => table.Rows.Any(r => r[c].Length > 0) && Enumerable.Range(0, table.Rows.Count).All(r => !double.IsNaN(table.Number(r, c))));
            return numbers < 2 ? new(0.2, $"{data.Path} is a table") : new(0.8, $"{data.Path} is a table with {numbers} columns of numbers");
        }
        catch (DataException)
        {
            return Recognition.None;
        }
    }

    public override TaskPlan Plan(TaskRequest request, TaskContext context)
    {
        CsvTable table = CsvTable.Read(request.Data!.Path);
        string target = request.Text(Target) ?? table.Columns[^1];
        table.Column(target);
        string[] columns = [.. table.Columns.Where(c => c != target && c != request.Split.Group && c != request.Split.Time)];
        if (columns.Length == 0) throw new DataException(table.Source, $"has no column besides '{target}' to predict it from", "a file with more columns");
        int[] hidden = HiddenOf(request.Text(Hidden) ?? UsualHidden);
        (CurveData data, SplitParts parts, List<string> notes) = Split(request.Data, columns, target, request.Split, request.SeedValue);
        (double Mean, double Deviation)[] scales = [.. columns.Append(target).Select(name => Scale(data.Column(name), parts.Training))];
        var scale = new CurveColumns(columns, [.. scales[..^1].Select(s => s.Mean)], [.. scales[..^1].Select(s => s.Deviation)], target);
        var output = new NumberOutput(target, scales[^1].Mean, scales[^1].Deviation);
        return new(
            CommonOptions.Settings(request, parts.Training.Length, Math.Clamp(RowsToSee / parts.Training.Length, FewestEpochs, MostEpochs)),
            new Dictionary<string, JsonElement> { [Target] = JsonSerializer.SerializeToElement(target, CurveJson.Default.String), [Hidden] = JsonSerializer.SerializeToElement(string.Join(',', hidden), CurveJson.Default.String) },
            JsonSerializer.SerializeToElement(new CurveNetwork(hidden), CurveJson.Default.CurveNetwork),
            JsonSerializer.SerializeToElement(scale, CurveJson.Default.CurveColumns),
            output,
            Assemble(request.Data, data, parts, scale, output, notes));
    }

    public override TaskData Read(RunInfo run, TaskContext context)
    {
        (CurveColumns scale, NumberOutput output) = Of(run);
        var source = new DataSource(run.Data!) { Validation = run.ValidationData, Test = run.TestData };
        (CurveData data, SplitParts parts, List<string> notes) = Split(source, scale.Columns, scale.Target, run.Settings.Split, run.Settings.Seed);
        return Assemble(source, data, parts, scale, output, notes);
    }

    public override Dataset ReadTest(RunInfo run, DataSource data, TaskContext context)
    {
        (CurveColumns scale, NumberOutput output) = Of(run);
        var notes = new List<string>();
        var rows = new CurveData(CsvTable.Read(data.Path), scale.Columns, scale.Target, notes);
        if (rows.Count == 0) throw new DataException(data.Path, "has no rows", "a file with rows");
        context.Tell(new TestReady(data.Path, "all of it", rows.Count, "row", Text(scale), notes));
        return rows.Dataset([.. Enumerable.Range(0, rows.Count)], scale, output);
    }

    public override Network Build(JsonElement network) => new Mlp(1, HiddenOf(string.Join(',', (network.Deserialize(CurveJson.Default.CurveNetwork) ?? throw new JsonException("it has no network")).Hidden)));

    public override Specs Inputs(RunInfo run) => new Spec(DType.Float32, [Of(run).Scale.Columns.Count]);

    public override Objective CreateObjective(Network network, RunInfo run) => new Supervised(network, new MeanSquaredError());

    public override ModelInfo Describe(RunInfo run)
    {
        (CurveColumns scale, NumberOutput output) = Of(run);
        Preprocessing[] steps = [new NumberColumns(scale.Columns), new NormalizeNumbers(new Normalization([.. scale.Mean.Select(m => (float)m)], [.. scale.Deviation.Select(d => (float)d)]))];
        return ModelInfo.Of(steps, Quantities.Of(output.Name, output.Unit ?? "", (float)output.Deviation, (float)output.Mean), Name);
    }

    public override void Check(RunInfo run) => Of(run);
    public override PredictionList Predict(TaskModel model, IReadOnlyList<string> inputs, int top, TaskContext context)
    {
        (CurveColumns scale, NumberOutput output) = Of(model.Run);
        CsvTable[] tables = [.. inputs.Select(file => CsvTable.Read(file))];
        foreach (CsvTable table in tables)
            foreach (string column in scale.Columns) table.Column(column); // refused before anything is predicted
        return new(tables.Sum(t => t.Rows.Count), "row", tables.SelectMany(table => Enumerable.Range(0, table.Rows.Count).Select(row => One(model, table, row, scale, output, context.Cancel))));
    }

    private static Prediction One(TaskModel model, CsvTable table, int row, CurveColumns scale, NumberOutput output, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        double[] values = [.. scale.Columns.Select((c, i) => (table.Number(row, table.Column(c)) - scale.Mean[i]) / scale.Deviation[i])];
        int bad = Array.FindIndex(values, double.IsNaN);
        if (bad >= 0) return new(table.Source, [], $"'{table.Rows[row][table.Column(scale.Columns[bad])]}' in {scale.Columns[bad]} is no number") { Row = row + 1 };
        using Gradient.PauseScope pause = Gradient.Pause();
        Tensor said = model.Network.Forward([Tensor.Create<float>([1, values.Length], x => { for (int i = 0; i < values.Length; i++) x[i] = (float)values[i]; })])[0];
        WeightCheck.RequireFinite(said.Read<float>());
        return new(table.Source, [], null) { Row = row + 1, Numbers = [KeyValuePair.Create(output.Name, output.ToUnit(said.Read<float>()[0]))] };
    }

    private static (CurveData, SplitParts, List<string>) Split(DataSource source, IReadOnlyList<string> columns, string target, SplitRule rule, long seed)
    {
        var notes = new List<string>();
        var data = new CurveData(CsvTable.Read(source.Path), columns, target, notes);
        var rows = new SplitData(data.Count, "row", data.Contents) { Groups = rule.Group is { } group ? data.Texts(group) : null, Times = rule.Time is { } time ? data.Times(time) : null };
        SplitParts parts = DataSplit.Of(rows, rule, seed, source.Validation is not null, source.Test is not null, notes);
        if (source.Test is null && rule.Folds is null)
        {
            if (parts.Test.Length == 0) throw new DataException(source.Path, $"has {Wording.Count(data.Count, "row")}, too few to keep some for the test", "more rows, or a test file of its own");
            notes.Add($"{parts.Test.Length:N0} of {data.Count:N0} rows are kept for the test");
        }
        return (data, parts, notes);
    }

    private static TaskData Assemble(DataSource source, CurveData data, SplitParts parts, CurveColumns scale, NumberOutput output, List<string> notes)
    {
        string hash = data.Hash;
        SampledDataset Own(string path)
        {
            var own = new CurveData(CsvTable.Read(path), scale.Columns, scale.Target, notes);
            if (own.Count == 0) throw new DataException(path, "has no rows", "a file with rows");
            hash += $" {own.Hash}";
            int common = own.Contents.Intersect(data.Contents).Count();
            if (common > 0) notes.Add($"{Wording.Count(common, "row")} of {path} {(common == 1 ? "is" : "are")} in the training data too: the result looks better than it is");
            return own.Dataset([.. Enumerable.Range(0, own.Count)], scale, output);
        }

        SampledDataset validation = source.Validation is { } v ? Own(v) : data.Dataset(parts.Validation, scale, output), test = source.Test is { } t ? Own(t) : data.Dataset(parts.Test, scale, output);
        return new(data.Dataset(parts.Training, scale, output), validation, test, source.Path, hash, Text(scale), notes);
    }

    private static (CurveColumns Scale, NumberOutput Output) Of(RunInfo run)
    {
        CurveColumns scale = run.Preprocessing.Deserialize(CurveJson.Default.CurveColumns) ?? throw new JsonException("it has no preprocessing");
        if (scale.Columns.Count < 1 || scale.Mean.Count != scale.Columns.Count || scale.Deviation.Count != scale.Columns.Count) throw new JsonException("mean and deviation don't have a value for each column");
        if (scale.Mean.Concat(scale.Deviation).Any(x => !double.IsFinite(x)) || scale.Deviation.Any(x => x <= 0)) throw new JsonException("mean or deviation is no usable number");
        return (scale, run.Output as NumberOutput ?? throw new JsonException("the output is no number"));
    }

    // A column that doesn't vary is only shifted.
    private static (double Mean, double Deviation) Scale(double[] column, int[] rows)
    {
        double mean = rows.Average(i => column[i]), deviation = Math.Sqrt(rows.Average(i => (column[i] - mean) * (column[i] - mean)));
        return (mean, deviation > 1e-12 * Math.Max(1, Math.Abs(mean)) ? deviation : 1);
    }

    private static int[] HiddenOf(string text)
    {
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries);
        int[] sizes = [.. parts.Select(p => int.TryParse(p, NumberStyles.None, CultureInfo.InvariantCulture, out int n) ? n : 0)];
        return sizes.Length <= 12 && sizes.All(n => n is >= 1 and <= 16_384) ? sizes : throw new TaskException($"--{Hidden} {text}: expected 1 to 12 whole numbers from 1 to 16,384 with commas between them", UsualHidden);
    }

    private static string Text(CurveColumns scale) => scale.Columns.Count == 1 ? $"a number, {scale.Columns[0]}" : $"{scale.Columns.Count} columns of numbers";
}
