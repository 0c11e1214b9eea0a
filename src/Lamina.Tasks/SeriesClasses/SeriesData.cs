using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Lamina.Learning.Data;
using Lamina.Learning.Series;
using Lamina.Learning.Sounds;
using Lamina.Tasks.Images;
using Lamina.Tasks.Rows;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Sounds;
using Lamina.Tasks.Spine;
using Lamina.Tensors;

namespace Lamina.Tasks.SeriesClasses;

/// <summary>What is given before series are read.</summary>
/// <param name="Target">The column of labels, or where files have them; null: by evidence.</param>
/// <param name="Id">The column that tells series apart; null: by evidence.</param>
/// <param name="Recipe">That of a run that was planned; null: by the data.</param>
internal sealed record SeriesRequest(string? Target, string? Id, SeriesRecipe? Recipe);

/// <summary>The series of a job, split.</summary>
internal sealed class SeriesData
{
    private const int LeastGroups = 10, UsualSteps = 500, MostSteps = 1_000;
    private const double Whole = 0.98;

    private readonly SeriesExamples _all;
    private readonly SeriesExamples? _validation, _test;
    private readonly SplitParts _parts;
    private string? _testPart;

    private SeriesData(SeriesExamples all, SeriesExamples? validation, SeriesExamples? test, string[] classes, SplitParts parts,
        SeriesRecipe recipe) =>
        (_all, _validation, _test, Classes, _parts, Recipe) = (all, validation, test, classes, parts, recipe);

    public string[] Classes { get; }

    /// <summary>Where series and labels are, and how series are encoded.</summary>
    public SeriesRecipe Recipe { get; private set; }

    public List<string> Notes { get; } = [];

    public List<Fact> Facts { get; } = [];

    /// <summary>Number of training series.</summary>
    public int Count => _parts.Training.Length;

    /// <summary>The number of training series of each class.</summary>
    public long[] Counts => LabelClasses.Count(_parts.Training.Select(i => _all.Labels[i]), Classes);

    /// <summary>Reads and splits.</summary>
    /// <exception cref="DataException">The data can't be used.</exception>
    public static SeriesData Open(DataSource? source, SeriesRequest asked, SplitRule rule, long seed, TaskContext context)
    {
        List<Fact> facts = [];
        (SeriesExamples all, SeriesRecipe recipe) = source is null ? (ControlCharts.Examples(), new(null, null, ["value"], null, [0], [1], 1, 1))
            : Read(source.Path, asked, rule.Group, facts, context);
        if (asked.Recipe is { } planned) recipe = planned;
        List<string> notes = [.. all.Notes];
        SeriesExamples? Own(string? path) => path is null ? null : ReadOther(path, recipe, context);
        SeriesExamples whole = all;
        if (whole.Parts.Any(p => p > 0)) all = whole.Where(i => whole.Parts[i] == 0);
        SeriesExamples? validation = whole.Parts.Contains(1) ? whole.Where(i => whole.Parts[i] == 1) : Own(source?.Validation);
        SeriesExamples? test = whole.Parts.Contains(2) ? whole.Where(i => whole.Parts[i] == 2) : Own(source?.Test);
        if (rule.Folds is not null && (validation ?? test) is not null)
            throw new TaskException($"{all.Source} has parts of its own, so it can't be cut into folds", "the training part alone, or no folds");
        string[] classes = LabelClasses.Of(all.Labels, all.Source, "series", "another column of labels, with --target");
        (validation, test) = (Known(validation, classes, notes), Known(test, classes, notes));
        var split = new SplitData(all.Count, "serie", all.Hashes) { Labels = [.. all.Labels.Select(l => Array.IndexOf(classes, l))], Groups =
            rule.Group is null ? null : all.Groups };
        var made = new List<string>();
        SplitParts parts = DataSplit.Of(split, rule, seed, validation is not null, test is not null, made, LeastGroups);
        if (test is null && rule.Folds is null)
        {
            if (parts.Test.Length == 0) throw new DataException(all.Source, $"has {all.Count} series, too few to keep some for the test",
                "more series");
            made.Add($"{parts.Test.Length:N0} of {all.Count:N0} series are kept for the test");
        }
        var data = new SeriesData(all, validation, test, classes, parts, recipe);
        data.Notes.AddRange(notes);
        data.Notes.AddRange(made);
        data.Facts.AddRange(facts);
        if (asked.Recipe is null) data.Fit();
        data.Describe(rule);
        return data;
    }

    /// <summary>The sets, encoded.</summary>
    public TaskData Assemble()
    {
        SeriesEncoding encoding = Recipe.Encoding();
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"{_all.Hash} {_validation?.Hash} {_test?.Hash}")));
        SampledDataset Part(SeriesExamples? own, int[] rows) => own is null ? Set(_all, rows, Classes, encoding)
            : Set(own, [.. Enumerable.Range(0, own.Count)], Classes, encoding);
        return new(Part(null, _parts.Training), Part(_validation, _parts.Validation), Part(_test, _parts.Test), _all.Source, hash,
            InputText(Recipe), Notes) { Facts = Facts, TestPart = _testPart };
    }

    /// <summary>Other series to measure a run's network on.</summary>
    public static SampledDataset ForTest(string path, string[] classes, SeriesRecipe recipe, List<string> notes, TaskContext context, out int found)
    {
        SeriesExamples other = ReadOther(path, recipe, context), known = Known(other, classes, notes)!;
        notes.AddRange(other.Notes);
        found = known.Labels.Distinct().Count();
        return Set(known, [.. Enumerable.Range(0, known.Count)], classes, recipe.Encoding());
    }

    /// <summary>What an example is, in a few words.</summary>
    public static string InputText(SeriesRecipe recipe) =>
        $"a series of {(recipe.Channels.Count == 1 ? "numbers" : $"{recipe.Channels.Count:N0} channels")}, up to {recipe.Steps:N0} "
            + $"steps{(recipe.Every > 1 ? $", each the mean of {recipe.Every}" : "")}";

    private static (SeriesExamples, SeriesRecipe) Read(string path, SeriesRequest asked, string? group, List<Fact> facts, TaskContext context)
    {
        var empty = new SeriesRecipe(null, null, [], null, [], [], 1, 1);
        if (!Directory.Exists(path) && !path.EndsWith(".zip", StringComparison.OrdinalIgnoreCase))
        {
            RowSource rows = RowSources.Open(path);
            SeriesColumns columns = asked.Recipe?.Columns ?? SeriesColumns.Of(rows, asked.Target, asked.Id, group);
            facts.Add(new("columns", "columns", columns.Reason));
            SeriesExamples read = SeriesRows.Read(rows, columns, group, needsLabel: true, context.Cancel);
            return (read, empty with { Columns = columns, Channels = read.Channels });
        }
        using ImageTree tree = SoundFiles.Open(path, context.Cancel);
        List<string> notes = [.. tree.Notes];
        bool isSound = tree.Files.Any(SoundFiles.IsWave);
        if (!isSound && !(tree.Files.Any(SeriesFiles.IsTable) && Directory.Exists(path)))
            throw new DataException(path, $"has no {(Directory.Exists(path) ? ".csv or .tsv files, nor " : "")}WAV files",
                "a folder with a sub-folder of .csv files per class, a row for each step; or a table of series");
        string? label = asked.Recipe?.Label ?? asked.Target;
        SoundFiles files = isSound ? SoundFiles.Of(tree, label, group, notes) : SoundFiles.Of(tree, SeriesFiles.IsTable, "table", label, group,
            notes);
        facts.Add(new("label", "labels", files.Reason));
        if (files.Groups is { } groups) facts.Add(new("group", "groups", groups));
        MelOptions? envelopes = !isSound ? null : asked.Recipe?.Envelopes ?? SeriesFiles.Envelopes(SoundSurvey.Of(tree, files.Files, null).Rate);
        SeriesExamples examples = envelopes is null ? SeriesFiles.Read(tree, files.Files, asked.Recipe?.Channels, context)
            : OfSounds(tree, files.Files, envelopes, notes, context);
        examples.Notes.InsertRange(0, notes);
        return (examples, empty with { Label = files.Label, Channels = examples.Channels, Envelopes = envelopes });
    }

    private static SeriesExamples OfSounds(ImageTree tree, IReadOnlyList<SoundFile> files, MelOptions envelopes, List<string> notes,
        TaskContext context)
    {
        SoundClips clips = SoundClips.Read(tree, files, new MelSpectrogram(envelopes), notes, context.Tell, context.Cancel);
        var examples = new SeriesExamples(tree.Place, [.. Enumerable.Range(1, envelopes.Bands).Select(b => $"band {b}")]);
        for (int i = 0; i < clips.Count; i++)
            if (clips.Logs[i].Length > 0) examples.Add(Level(clips.Logs[i]), clips.Labels[i], clips.Groups[i], clips.Names[i], clips.Parts[i]);
        notes.Add(string.Create(CultureInfo.InvariantCulture,
            $"series of recordings are their envelopes: how loud they are in {envelopes.Bands} bands, a step each {1_000 * envelopes.Hop:0} ms"));
        return examples;
    }

    /// <summary>Envelopes relative to the loudest point.</summary>
    public static float[] Level(float[] logs)
    {
        float loudest = logs.Max();
        return [.. logs.Select(l => (l - loudest) * (float)(10 / Math.Log(10)))];
    }

    private static SeriesExamples ReadOther(string path, SeriesRecipe recipe, TaskContext context)
    {
        (SeriesExamples read, _) = Read(path, new(null, null, recipe), null, [], context);
        return read.Parts.Contains(2) ? read.Where(i => read.Parts[i] == 2) : read;
    }

    // Scale and length by the training series.
    private void Fit()
    {
        int channels = _all.Channels.Count;
        var (mean, deviation) = (new float[channels], new float[channels]);
        for (int c = 0; c < channels; c++)
        {
            double sum = 0, squares = 0;
            long count = 0;
            foreach (int i in _parts.Training)
                for (int at = c; at < _all.Values[i].Length; at += channels)
                {
                    if (!float.IsFinite(_all.Values[i][at])) continue;
                    sum += _all.Values[i][at];
                    squares += (double)_all.Values[i][at] * _all.Values[i][at];
                    count++;
                }
            mean[c] = count == 0 ? 0 : (float)(sum / count);
            double variance = count == 0 ? 0 : squares / count - (sum / count) * (sum / count);
            // A constant channel says nothing.
            deviation[c] = variance > 1e-12 * (squares / Math.Max(1, count)) && variance > 0 ? (float)Math.Sqrt(variance) : 1;
            if (deviation[c] == 1 && variance <= 0) Notes.Add($"the channel '{_all.Channels[c]}' has the same value everywhere");
        }
        int[] lengths = [.. _parts.Training.Select(_all.Steps).Order()];
        int every = Math.Max(1, (int)Math.Ceiling((double)lengths[(int)(Whole * (lengths.Length - 1))] / UsualSteps)), steps =
            Math.Clamp(lengths[^1] / every, 1, MostSteps);
        Recipe = Recipe with { Mean = mean, Deviation = deviation, Every = every, Steps = steps };
    }

    private void Describe(SplitRule rule)
    {
        int[] lengths = [.. Enumerable.Range(0, _all.Count).Select(_all.Steps)];
        int gaps = _all.Values.Count(v => v.Any(x => !float.IsFinite(x))), longer = lengths.Count(l => l / Recipe.Every > Recipe.Steps);
        if (lengths.Min() < lengths.Max()) Notes.Add($"series have {lengths.Min():N0} to {lengths.Max():N0} steps: short ones are padded, and "
            + $"the padding is masked");
        if (Recipe.Every > 1) Notes.Add($"long series are shortened: each step is the mean of {Recipe.Every:N0}");
        if (longer > 0) Notes.Add($"{longer:N0} series are longer than {(long)Recipe.Steps * Recipe.Every:N0} steps: their middle is taken");
        if (gaps > 0) Notes.Add($"{gaps:N0} series have missing values, which are put in between their neighbours");
        string[] single = [.. _all.Labels.CountBy(l => l).Where(l => l.Value == 1).Select(l => l.Key)];
        if (single.Length > 0) Notes.Add($"seen once, so that nothing tells how well it is recognised: {Wording.Names(single)}");
        if (rule.Group is not { } group || _parts.Test.Length == 0) return;
        _testPart = LabelClasses.TestPart(group, _parts.Test.Select(i => _all.Groups[i]));
        Notes.Add($"tested on {_testPart}");
    }

    private static SeriesExamples? Known(SeriesExamples? own, string[] classes, List<string> notes)
    {
        if (own is null || LabelClasses.Foreign(own.Labels, classes, own.Source, "series") is not { Length: > 0 } foreign) return own;
        SeriesExamples known = own.Where(i => classes.Contains(own.Labels[i]));
        notes.Add($"passed over {own.Count - known.Count:N0} series with labels that the training data doesn't have: {Wording.Names(foreign)}");
        return known;
    }

    // From short to long, which is the order that batches of one length come in: an example is found by its place.
    private static SampledDataset Set(SeriesExamples examples, int[] rows, string[] classes, SeriesEncoding encoding)
    {
        Tensor[] series = [.. rows.Select(i => encoding.EncodeOne(examples.Values[i])).Select(v =>
            Tensor.From(v, [v.Length / encoding.Scale.Channels, encoding.Scale.Channels]))];
        int[] order = [.. Enumerable.Range(0, rows.Length).OrderBy(i => series[i].Shape[0])];
        Tensor labels = Tensor.From([.. order.Select(i => Array.IndexOf(classes, examples.Labels[rows[i]]))]);
        return new(new SequenceDataset([.. order.Select(i => series[i])], labels), i => examples.Show(rows[order[i]]));
    }
}
