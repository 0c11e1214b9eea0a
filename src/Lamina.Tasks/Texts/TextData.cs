using System.Security.Cryptography;
using System.Text;
using Lamina.Learning.Data;
using Lamina.Learning.Texts;
using Lamina.Tasks.Rows;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;
using Lamina.Tensors;

namespace Lamina.Tasks.Texts;

/// <summary>The texts of a job, split, before they are tokens.</summary>
internal sealed class TextData
{
    private readonly TextExamples _all;
    private readonly TextExamples? _validation, _test;
    private readonly SplitParts _parts;

    private TextData(TextExamples all, TextExamples? validation, TextExamples? test, TextColumns? columns, string[] classes, SplitParts parts,
        List<string> notes)
    {
        (_all, _validation, _test, Columns, Classes, _parts, Notes) = (all, validation, test, columns, classes, parts, notes);
    }

    /// <summary>The columns of a table; null for folders of files and built-in data.</summary>
    public TextColumns? Columns { get; }

    public string[] Classes { get; }

    public List<string> Notes { get; }

    /// <summary>Number of training texts.</summary>
    public int Count => _parts.Training.Length;

    /// <summary>The training texts.</summary>
    public IEnumerable<string> TrainingTexts => _parts.Training.Select(i => _all.Texts[i]);

    /// <summary>The number of training texts of each class.</summary>
    public long[] Counts
    {
        get
        {
            var counts = new long[Classes.Length];
            Dictionary<string, int> places = Places(Classes);
            foreach (int i in _parts.Training) counts[places[_all.Labels[i]]]++;
            return counts;
        }
    }

    /// <summary>Reads and splits.</summary>
    /// <param name="source">The data; null: built-in messages.</param>
    /// <param name="columns">Chooses the columns of a table.</param>
    /// <param name="rule">How it is split.</param>
    /// <param name="seed">Random seed of the split.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="DataException">The data can't be used.</exception>
    public static TextData Open(DataSource? source, Func<RowSource, TextColumns> columns, SplitRule rule, long seed, CancellationToken cancel)
    {
        (TextExamples all, TextExamples? validation, TextExamples? test, TextColumns? chosen) = Read(source, columns, rule, cancel);
        var notes = new List<string>(all.Notes);
        string[] classes = all.Classes(chosen?.Target);
        (validation, test) = (Known(validation, classes, all, notes), Known(test, classes, all, notes));
        string[] single = [.. all.Labels.CountBy(l => l).Where(l => l.Value == 1).Select(l => l.Key)];
        if (single.Length > 0) notes.Add($"seen once, so that nothing tells how well it is recognised: {Wording.Names(single)}");
        Dictionary<string, int> places = Places(classes);
        int[] labels = [.. all.Labels.Select(l => places[l])];
        var rows = new SplitData(all.Count, all.Item, all.Texts) { Labels = labels, Groups = rule.Group is null ? null : all.Groups,
            Times = rule.Time is null ? null : [.. all.Times] };
        SplitParts parts = DataSplit.Of(rows, rule, seed, validation is not null, test is not null, notes);
        if (test is null && rule.Folds is null)
        {
            if (parts.Test.Length == 0) throw new DataException(all.Source,
                $"has {Wording.Count(all.Count, all.Item)}, too few to keep some for the test", "more texts, or a test file of its own");
            notes.Add($"{parts.Test.Length:N0} of {all.Count:N0} {all.Item}s are kept for the test");
        }
        return new(all, validation, test, chosen, classes, parts, notes);
    }

    /// <summary>The sets as tokens.</summary>
    public TaskData Assemble(TextVocabulary vocabulary, IReadOnlyList<Fact> facts)
    {
        SampledDataset Part(TextExamples? own, int[] rows) => own is null ? Set(_all, rows, Classes, vocabulary)
            : Set(own, [.. Enumerable.Range(0, own.Count)], Classes, vocabulary);
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"{_all.Hash} {_validation?.Hash} {_test?.Hash}")));
        return new(Part(null, _parts.Training), Part(_validation, _parts.Validation), Part(_test, _parts.Test), _all.Source, hash,
            InputText(Columns), Notes) { Facts = facts };
    }

    /// <summary>Other texts to measure a run's network on.</summary>
    public static SampledDataset ForTest(TextExamples examples, string[] classes, TextVocabulary vocabulary, List<string> notes)
    {
        TextExamples known = Known(examples, classes, null, notes)!;
        return Set(known, [.. Enumerable.Range(0, known.Count)], classes, vocabulary);
    }

    /// <summary>What an example is, in a few words.</summary>
    public static string InputText(TextColumns? columns) => columns is null ? "a text"
        : $"a text, {(columns.Text.All(char.IsAsciiDigit) ? $"column {columns.Text}" : columns.Text)}";

    private static (TextExamples, TextExamples?, TextExamples?, TextColumns?) Read(DataSource? source, Func<RowSource, TextColumns> columns,
        SplitRule rule, CancellationToken cancel)
    {
        if (source is null) return (SpamMessages.Examples(), null, null, null);
        if (Directory.Exists(source.Path))
        {
            if ((rule.Group ?? rule.Time) is not null) throw new DataException(source.Path,
                "is a folder of texts, which has no columns to split by", "a table, or no --group and no --time");
            (TextExamples training, TextExamples? validation, TextExamples? test) = TextFolder.Read(source.Path, cancel);
            if (rule.Folds is not null && (test
                ?? validation) is not null) throw new TaskException($"{source.Path} has parts of its own, so it can't be cut into folds",
                "the training part alone, or no folds");
            return (training, validation, test, null);
        }
        RowSource rows = RowSources.Open(source.Path);
        TextColumns chosen = columns(rows);
        TextExamples? Own(string? path) => path is null ? null : Directory.Exists(path) ? TextFolder.ReadTest(path, cancel)
            : TextExamples.Of(RowSources.Open(path), chosen, new(), cancel);
        return (TextExamples.Of(rows, chosen, rule, cancel), Own(source.Validation), Own(source.Test), chosen);
    }

    // Texts of classes that the network has; what else is noticed.
    private static TextExamples? Known(TextExamples? own, string[] classes, TextExamples? training, List<string> notes)
    {
        if (own is null) return null;
        var names = new HashSet<string>(classes);
        var known = new TextExamples(own.Source, own.Notes) { Item = own.Item };
        for (int i = 0; i < own.Count; i++)
            if (names.Contains(own.Labels[i])) known.Add(own.Texts[i], own.Labels[i], own.Places[i]);
        notes.AddRange(own.Notes.Except(notes));
        string[] foreign = [.. own.Labels.Where(l => !names.Contains(l)).Distinct()];
        if (known.Count == 0) throw new DataException(own.Source,
            $"has no text of a class that the training data has; its labels are {Wording.Names(foreign)}, and those of the training {Wording.Names(classes)}", "data of the same classes");
        if (foreign.Length > 0)
            notes.Add($"passed over {Wording.Count(own.Count - known.Count, own.Item)} of {own.Source} with labels that the training data doesn't have: {Wording.Names(foreign)}");
        int common = training is null ? 0 : known.Texts.ToHashSet().Intersect(training.Texts).Count();
        if (common > 0) notes.Add($"{Wording.Count(common, "text")} of {own.Source} {(common == 1 ? "is" : "are")} in the training data too: the result looks better than it is");
        return known;
    }

    private static Dictionary<string, int> Places(string[] classes) => classes.Index().ToDictionary(c => c.Item, c => c.Index);

    private static SampledDataset Set(TextExamples examples, int[] rows, string[] classes, TextVocabulary vocabulary)
    {
        Dictionary<string, int> places = Places(classes);
        Tensor tokens = Tensor.Create<int>([rows.Length, vocabulary.Length], t =>
        {
            for (int i = 0; i < rows.Length; i++) vocabulary.Encode(examples.Texts[rows[i]], t.Slice(i * vocabulary.Length, vocabulary.Length));
        });
        Tensor labels = Tensor.Create<int>([rows.Length], t =>
        {
            for (int i = 0; i < rows.Length; i++) t[i] = places[examples.Labels[rows[i]]];
        });
        return new(new TensorDataset(tokens, labels), i => examples.Show(rows[i]));
    }
}
