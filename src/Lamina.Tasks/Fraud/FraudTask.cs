using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lamina.Learning.Data;
using Lamina.Learning.Metrics;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Saving;
using Lamina.Learning.Training;
using Lamina.Models;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;
using Lamina.Tasks.Tables;
using Lamina.Tensors;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Fraud;

/// <summary>
/// Rows of a table to one of two classes of which one is rare: frauds, defects, rare diseases. Rows are read, encoded and split as tables are;
/// what differs is what is learned (<see cref="WideAndDeep"/>), what is watched (the area under the precision-recall curve), and that a threshold
/// decides which makes mistakes cheap.
/// </summary>
public sealed class FraudTask : LearningTask
{
    internal const string Cost = "cost", Positive = "positive";
    private const string UsualCost = "20:1";

    // Beyond it the table is one like others.
    private const double MostShare = 0.02;
    private const int FewestPositives = 3, Batch = 256;

    private readonly TableTask _tables = new(new TableVariant("fraud", Payments.Name, Payments.Rows)
    {
        CheckTarget = RareClassCheck.Require,
        IsRare = true,
        NetworkOf = network => Model.Create<WideAndDeep>(network, RunFolder.InfoFile).Options,
    });

    /// <inheritdoc/>
    public override string Name => "fraud";

    /// <inheritdoc/>
    public override string Summary => "rows of a table to a rare class";

    /// <inheritdoc/>
    public override string DataHelp =>
        "a table as the task tables takes it, whose target has two values, one of them in few rows; taken by itself where that is at most 2 %; without it: built-in synthetic payments";

    /// <inheritdoc/>
    public override string BuiltInData => Payments.Name;

    /// <inheritdoc/>
    public override IReadOnlyList<TaskOption> Options =>
        [.. _own, .. _tables.Options.Where(o => o.Name is not (TableTask.Classes or TableTask.Regression or TableTask.Balance))];

    private readonly TaskOption[] _own =
    [
        new(Cost, OptionKind.Text,
            $"What mistakes cost: a missed one, and a false alarm, as two numbers above 0; the threshold is chosen by it (default: {UsualCost}).")
            { ValueName = "MISSED:FALSE" },
        new(Positive, OptionKind.Text, "The value of the target that is the rare class (default: the rarer one).") { ValueName = "VALUE" },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<Metric> CreateMetrics(RunInfo run) => [new AveragePrecision(DecisionOf(run.Output).Positive)];

    /// <inheritdoc/>
    public override string Monitor => "prAuc";

    /// <inheritdoc/>
    public override Recognition Recognize(DataSource data) =>
        _tables.Recognize(data) is { Score: > 0 } table && RareClassCheck.Look(data, MostShare) is { } reason ? new(table.Score + 0.05, reason)
            : Recognition.None;

    /// <inheritdoc/>
    public override TaskPlan Plan(TaskRequest request, TaskContext context)
    {
        (double missed, double wrong) = CostOf(request.Text(Cost) ?? UsualCost);
        TaskPlan plan = _tables.Plan(request with { Values = new Dictionary<string, object>(request.Values) { [TableTask.Classes] = true } },
            context);
        var classes = (ClassOutput)plan.Output;
        int positive = request.Text(Positive) is { } named ? IndexOf(classes, named, plan.Data.Source) : classes.Counts![0] < classes.Counts[1] ? 0
            : 1;
        RequirePositives(plan.Data, classes, positive, request);
        var decision = new RareDecision(positive, missed, wrong, 0, 0);
        decision = decision with { Threshold = decision.Break, BaselineThreshold = decision.Break };
        TabularNetOptions options = Model.Create<TabularNet>(plan.Network, RunFolder.InfoFile).Options;
        var own = new Dictionary<string, JsonElement>(plan.Options)
        {
            [Cost] = Text(string.Create(CultureInfo.InvariantCulture, $"{missed}:{wrong}")), [Positive] = Text(classes.Names[positive]),
        };
        return plan with
        {
            Options = own,
            Network = Model.Describe(new WideAndDeep(options, positive)),
            Output = classes with { Decision = decision },
            Data = plan.Data with { Facts = [.. plan.Data.Facts, .. Facts(classes, decision)] },
        };
    }

    /// <inheritdoc/>
    public override TaskData Read(RunInfo run, TaskContext context)
    {
        TaskData data = _tables.Read(run, context);
        return data with { Facts = [.. data.Facts, .. Facts((ClassOutput)run.Output, DecisionOf(run.Output))] };
    }

    /// <inheritdoc/>
    public override Dataset ReadTest(RunInfo run, DataSource data, TaskContext context) => _tables.ReadTest(run, data, context);

    /// <inheritdoc/>
    public override Network Build(JsonElement network) => Model.Create<WideAndDeep>(network, RunFolder.InfoFile);

    /// <inheritdoc/>
    public override Specs Inputs(RunInfo run) => _tables.Inputs(run);

    /// <inheritdoc/>
    public override void Prepare(Network network, Dataset training)
    {
        var net = (WideAndDeep)network;
        long others = Positives(training, 1 - net.Positive);
        net.Wide.Value = Tensor.From(LogisticFit.Fit(net, training, others));
        net.Deep.Weight.Value = Tensor.Zeros(net.Deep.Weight.KnownShape!.Value);
    }

    /// <inheritdoc/>
    public override Batch CreateSyntheticBatch(RunInfo run, int count) => _tables.CreateSyntheticBatch(run, count);

    /// <inheritdoc/>
    public override Objective CreateObjective(Network network, RunInfo run) => new EnsembleObjective(network, new Learning.Losses.CrossEntropy());

    /// <inheritdoc/>
    public override Optimizer CreateOptimizer(TrainingSettings settings) => _tables.CreateOptimizer(settings);

    /// <inheritdoc/>
    public override ModelInfo Describe(RunInfo run)
    {
        RareDecision decision = DecisionOf(run.Output);
        return _tables.Describe(run) with
        {
            Task = Name,
            Outputs = [new OutputInfo { Name = "target",
                Meaning = new RareClass(((ClassOutput)run.Output).Names, decision.Positive, (float)decision.Threshold) }],
        };
    }

    /// <inheritdoc/>
    public override void Check(RunInfo run)
    {
        _tables.Check(run);
        DecisionOf(run.Output);
    }

    /// <inheritdoc/>
    public override PredictionList Predict(TaskModel model, IReadOnlyList<string> inputs, int top, TaskContext context) =>
        _tables.Predict(model, inputs, top, context);

    /// <inheritdoc/>
    public override PredictionList Predict(TaskModel model, PredictInput input, int top, TaskContext context) =>
        _tables.Predict(model, input, top, context);

    /// <inheritdoc/>
    public override string StemOf(DataSource? data) => data is null ? "payments" : base.StemOf(data);

    internal override DataDetails Inspect(RunInfo run, TaskData data, TaskContext context) => _tables.Inspect(run, data, context);

    internal override Tally CreateTally(RunInfo run, Network network, int count)
    {
        var net = (WideAndDeep)network;
        return new ClassTally((ClassOutput)run.Output, count, batch => net.Linear(batch.Input));
    }

    internal override OutputMeaning MeasureOutput(Network network, RunInfo run, TaskData data, CancellationToken cancel)
    {
        var output = (ClassOutput)run.Output;
        RareDecision decision = DecisionOf(output);
        var net = (WideAndDeep)network;
        List<float> odds = [], simple = [];
        List<bool> isPositive = [];
        var loader = new DataLoader(data.Validation, BatchOptions.Evaluation with { Size = Batch });
        new Evaluator(CreateObjective(network, run)).Run(loader, [], null, (batch, predictions) =>
        {
            ReadOnlySpan<float> logits = predictions[0].Read<float>();
            WeightCheck.RequireFinite(logits);
            foreach (int label in batch.Target.Read<int>()) isPositive.Add(label == decision.Positive);
            for (int i = 0; i < batch.Count; i++) odds.Add(logits[2 * i + decision.Positive] - logits[2 * i + 1 - decision.Positive]);
            simple.AddRange(net.Linear(batch.Input).Read<float>());
        }, cancel);
        if (!isPositive.Contains(true)) return output;
        double Threshold(List<float> scores) => CostThreshold.Of([.. scores], [.. isPositive], decision.MissedCost, decision.FalseCost);
        return output with { Decision = decision with { Threshold = Threshold(odds), BaselineThreshold = Threshold(simple), IsChosen = true } };
    }

    private static RareDecision DecisionOf(OutputMeaning output) =>
        output is ClassOutput { Decision: { } decision } ? decision :
            throw new JsonException("the output of this task is a rare class and another one");

    private static (double Missed, double False) CostOf(string text)
    {
        string[] parts = text.Split(':', StringSplitOptions.TrimEntries);
        double[] costs = [.. parts.Select(p => double.TryParse(p, NumberStyles.Float, CultureInfo.InvariantCulture, out double x) && x > 0
            && float.IsFinite((float)x) ? x : double.NaN)];
        return costs is [var missed, var wrong] && double.IsFinite(missed / wrong) && missed / wrong > 0 ? (missed, wrong)
            : throw new TaskException($"--{Cost} {text}: expected what a missed one and a false alarm cost, as two numbers above 0", UsualCost);
    }

    private static int IndexOf(ClassOutput classes, string named, string source)
    {
        for (int c = 0; c < 2; c++)
            if (classes.Names[c] == named) return c;
        for (int c = 0; c < 2; c++)
            if (classes.Names[c].Equals(named, StringComparison.OrdinalIgnoreCase)) return c;
        throw new DataException(source, $"has no class '{named}', only {Wording.Names([.. classes.Names])}",
            $"--{Positive} {classes.Names[0]} or {classes.Names[1]}");
    }

    // What can't be learned or measured is refused before a run begins.
    private static void RequirePositives(TaskData data, ClassOutput classes, int positive, TaskRequest request)
    {
        (string Part, int Count)[] parts = [("training", Positives(data.Training, positive)), ("validation", Positives(data.Validation, positive)),
            ("test", Positives(data.Test, positive))];
        int all = parts.Sum(p => p.Count);
        string name = classes.Names[positive];
        if (all < FewestPositives && request.Data is not { Test: not null } and not { Validation: not null })
            throw new DataException(data.Source, $"has {Wording.Count(all, "row")} of '{name}': each of training, validation and test needs one",
                $"at least {FewestPositives} rows of it, and better 100 or more");
        if (parts.FirstOrDefault(p => p.Count == 0) is not { Part: { } without }) return;
        string held = string.Join(", ", parts.Where(p => p.Count > 0).Select(p => $"{p.Count:N0} in {p.Part}"));
        string remedy = request.Split switch
        {
            { Folds: { } folds } => $"fewer folds than {folds}",
            { Time: not null } or { Group: not null } => "another way to split, or more rows",
            _ => request.Data is { Test: not null } or { Validation: not null } ? "a file with some of them"
                : "more rows of it that differ; equal ones stay on one side",
        };
        throw new DataException(data.Source,
            $"the {without} part has no row of '{name}'{(held.Length > 0 ? $" ({held})" : "")}, so {(without == "training" ? "there is nothing to learn from" : "nothing can be measured on it")}", remedy);
    }

    private static int Positives(Dataset rows, int positive)
    {
        const int AtOnce = 4_096;
        int count = 0;
        for (int first = 0; first < rows.Count; first += AtOnce)
            foreach (int label in rows.Take([.. Enumerable.Range(first, Math.Min(AtOnce, rows.Count - first))]).Target.Read<int>())
                if (label == positive) count++;
        return count;
    }

    private static Fact[] Facts(ClassOutput classes, RareDecision decision)
    {
        string name = classes.Names[decision.Positive];
        double share = classes.Counts is { } counts ? (double)counts[decision.Positive] / counts.Sum() : double.NaN;
        return
        [
            new("rare", "rare", string.Create(CultureInfo.InvariantCulture, $"'{name}', {100 * share:0.##} % of the training rows")),
            new("cost", "cost", string.Create(CultureInfo.InvariantCulture,
                $"a missed '{name}' counts {decision.MissedCost:0.######}, a false alarm {decision.FalseCost:0.######} (--{Cost} {decision.MissedCost}:{decision.FalseCost}); the threshold is chosen by it on validation")),
        ];
    }

    private static JsonElement Text(string text) => JsonSerializer.SerializeToElement(text, FraudJson.Default.String);
}

[JsonSerializable(typeof(string))]
internal sealed partial class FraudJson : JsonSerializerContext;
