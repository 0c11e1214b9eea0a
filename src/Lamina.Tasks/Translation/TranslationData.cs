using System.Globalization;
using Lamina.Learning.Data;
using Lamina.Learning.Texts;
using Lamina.Models;
using Lamina.Tasks.Rows;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Translation;

/// <summary>The pairs of a job, split into parts.</summary>
internal sealed class TranslationData
{
    private const int FewestPairs = 20, MostShown = 3;

    private readonly SentencePairs _all;
    private readonly SentencePairs? _ownValidation, _ownTest;
    private readonly SplitParts _parts;
    private readonly List<string> _notes;

    private TranslationData(SentencePairs all, SentencePairs? ownValidation, SentencePairs? ownTest, SplitParts parts, List<string> notes,
        PairFiles? files)
    {
        (_all, _ownValidation, _ownTest, _parts, _notes, Files) = (all, ownValidation, ownTest, parts, notes, files);
        Hash = string.Join('-', new[] { all, ownValidation, ownTest }.OfType<SentencePairs>().Select(p => p.Hash));
    }

    /// <summary>A path, or the name of built-in data.</summary>
    public string Source => _all.Source;

    /// <summary>Where they are; null: built in.</summary>
    public PairFiles? Files { get; }

    /// <summary>What both sides are called.</summary>
    public (string Source, string Target) Names => _all.Names;

    /// <summary>Whether they are rows of a table.</summary>
    public bool IsTable => _all.IsTable;

    /// <summary>A hash of everything in it.</summary>
    public string Hash { get; }

    /// <summary>Number of training pairs, before long ones are left out.</summary>
    public int Count => _parts.Training.Length;

    /// <summary>The sentences to train on.</summary>
    public IEnumerable<string> TrainingSources => _parts.Training.Select(i => _all.Sources[i]);

    /// <summary>Their translations.</summary>
    public IEnumerable<string> TrainingTargets => _parts.Training.Select(i => _all.Targets[i]);

    /// <summary>Reads pairs and splits them.</summary>
    /// <param name="source">Where they are; null: the built-in ones.</param>
    /// <param name="into">The language, file or column that is translated into; null: to be found.</param>
    /// <param name="column">The column of sentences of a table; null: to be found.</param>
    /// <param name="rule">How they are split.</param>
    /// <param name="seed">Random seed.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="DataException">The data can't be used.</exception>
    public static TranslationData Open(DataSource? source, string? into, string? column, SplitRule rule, long seed, CancellationToken cancel)
    {
        PairFiles? files = source is null ? null : PairFiles.Of(source.Path, into);
        if (files?.Target is not null && column is not null)
            throw new TaskException($"{files.Source} and {files.Target} are files of lines, which have no columns to choose",
                $"no --{TranslationTask.SourceColumn}");
        SentencePairs all = files is null ? SentencePairs.Of(SmallLanguages.Name, ("plain English", "an invented language"), SmallLanguages.Pairs())
            : SentencePairs.Read(files, ColumnsOf(files, column, into), isTraining: true, cancel);
        var notes = new List<string>(all.Notes);
        SentencePairs? Own(string? path)
        {
            if (path is null) return null;
            SentencePairs own = ReadLike(path, files!, all.Names, column, into, cancel);
            notes.AddRange(own.Notes);
            return own;
        }

        if (source is not null && rule.Folds is null) source = WithSiblings(source, files!, notes);
        SentencePairs? validation = Own(source?.Validation), test = Own(source?.Test);
        if (all.Count < FewestPairs) throw new DataException(all.Source,
            $"has {Wording.Count(all.Count, "pair")}, too few to train, validate and test on",
            $"{FewestPairs} pairs or more; thousands are needed to learn a language");
        SplitParts parts = DataSplit.Of(new SplitData(all.Count, "pair", []) { Hashes = [.. Enumerable.Range(0, all.Count).Select(all.HashOf)] },
            rule, seed, validation is not null, test is not null, notes);
        return new(all, validation, test, parts, notes, files);
    }

    // x-val and x-test beside x-train, where two files, a folder or what names begin with is given; of a file itself the spine has looked for them.
    private static DataSource WithSiblings(DataSource source, PairFiles files, List<string> notes)
    {
        if (source.Path == files.Source) return source;
        string? Alone(string? path) => path is null ? null : PairFiles.Of(path, null, files).Source;
        DataSource given = new(files.Source) { Validation = Alone(source.Validation), Test = Alone(source.Test) }, found = SiblingFiles.Of(given);
        string[] others = [.. new[] { found.Validation, found.Test }.Except([given.Validation, given.Test]).OfType<string>()];
        if (others.Length > 0) notes.Add($"beside {files.Source} lie its other parts: {string.Join(" and ", others)}");
        return source with { Validation = source.Validation ?? found.Validation, Test = source.Test ?? found.Test };
    }

    /// <summary>Reads other pairs, named as those of the training are.</summary>
    public static SentencePairs ReadLike(string path, PairFiles? files, (string Source, string Target) names, string? column, string? into,
        CancellationToken cancel)
    {
        PairFiles own = PairFiles.Of(path, files is null && !File.Exists(path) ? names.Target : null, files);
        if (own.Target is null && files?.Target is null && column is null && into is null) (column, into) = (names.Source, names.Target);
        if (own.Target is null && files?.Target is not null) (column, into) = (null, null);
        return SentencePairs.Read(own, ColumnsOf(own, column, into), isTraining: false, cancel);
    }

    /// <summary>Some pairs that are shown as they become better, of the validation.</summary>
    public ShownPair[] Shown()
    {
        const int ShownLength = 120;
        (SentencePairs pairs, int[] indices) = Validation;
        int[] some = [.. indices.Where(i => pairs.Sources[i].Length <= ShownLength && pairs.Targets[i].Length <= ShownLength)];
        if (some.Length == 0) some = indices;
        return [.. Enumerable.Range(0, Math.Min(MostShown, some.Length)).Select(i => some[(int)((long)i * some.Length / MostShown)])
            .Select(i => new ShownPair(pairs.Sources[i], pairs.Targets[i]))];
    }

    /// <summary>How often each token is next in the training's translations, the token that ends them included.</summary>
    public static long[] CountsOf(TranslationSet training, int size)
    {
        var counts = new long[size];
        for (int i = 0; i < training.Count; i++)
        {
            foreach (int token in training.TargetTokens(i)) counts[token]++;
            counts[SequencePairDataset.End]++;
        }
        return counts;
    }

    /// <summary>The sets, ready for the network.</summary>
    /// <param name="recipe">How sentences become tokens.</param>
    /// <param name="facts">What was decided.</param>
    /// <exception cref="DataException">No pair is short enough.</exception>
    public TaskData Assemble(TranslationRecipe recipe, IReadOnlyList<Fact> facts)
    {
        Tokenizer tokenizer = recipe.CreateTokenizer();
        List<string> notes = [.. _notes];
        TranslationSet training = Short(_all, _parts.Training, recipe, tokenizer, "training pairs", notes);
        (SentencePairs pairs, int[] indices) = Validation;
        TranslationSet validation = Short(pairs, indices, recipe, tokenizer, "validation pairs", notes);
        WordTable? words = null;
        WordTable Words(CancellationToken cancel) => words ??= new WordTable(_parts.Training.Select(i => (_all.Sources[i], _all.Targets[i])), cancel);
        (SentencePairs tested, int[] own) = _ownTest is null ? (_all, _parts.Test) : (_ownTest, Everything(_ownTest));
        TranslationSet test = ForTest(tested, own, recipe, tokenizer, notes, Words);
        return new(training, validation, test, Source, Hash, "a sentence", notes) { Facts = facts };
    }

    /// <summary>Pairs to measure on: none is left out, and what is too long is cut.</summary>
    public static TranslationSet ForTest(SentencePairs pairs, int[]? indices, TranslationRecipe recipe, Tokenizer tokenizer, List<string> notes,
        Func<CancellationToken, WordTable>? words)
    {
        indices ??= Everything(pairs);
        (int[][] sources, int[][] targets) = Encode(pairs, indices, recipe, tokenizer);
        int cut = sources.Count(s => s.Length > recipe.Longest), cutTargets = targets.Count(t => t.Length > recipe.Longest);
        if (cut > 0) notes.Add(string.Create(CultureInfo.InvariantCulture,
            $"of {cut:N0} of {indices.Length:N0} test sentences the first {recipe.Longest} tokens are translated"));
        if (cutTargets > 0) notes.Add(string.Create(CultureInfo.InvariantCulture,
            $"of {cutTargets:N0} of {indices.Length:N0} right translations the loss and accuracy see the first {recipe.Longest} tokens; BLEU sees all"));
        int[][] Cut(int[][] all) => [.. all.Select(t => t.Length > recipe.Longest ? t[..recipe.Longest] : t)];
        return new(pairs, indices, Cut(sources), Cut(targets)) { Words = words };
    }

    private (SentencePairs Pairs, int[] Indices) Validation => _ownValidation is null ? (_all, _parts.Validation)
        : (_ownValidation, Everything(_ownValidation));

    private static PairColumns? ColumnsOf(PairFiles files, string? column, string? into) =>
        files.Target is not null ? null : PairColumns.Of(RowSources.Open(files.Source), column, into);

    private static int[] Everything(SentencePairs pairs) => [.. Enumerable.Range(0, pairs.Count)];

    private static TranslationSet Short(SentencePairs pairs, int[] indices, TranslationRecipe recipe, Tokenizer tokenizer, string what,
        List<string> notes)
    {
        (int[][] sources, int[][] targets) = Encode(pairs, indices, recipe, tokenizer);
        int[] kept = [.. Enumerable.Range(0, indices.Length).Where(i => sources[i].Length <= recipe.Longest && targets[i].Length <= recipe.Longest)];
        if (kept.Length == 0) throw new DataException(pairs.Source, $"has no {what} of at most {recipe.Longest} tokens",
            $"--{TranslationTask.Longest} {sources.Min(s => s.Length) + 1}, or a sentence in each line");
        if (kept.Length < indices.Length)
            notes.Add(string.Create(CultureInfo.InvariantCulture,
                $"{indices.Length - kept.Length:N0} of {indices.Length:N0} {what} have more than {recipe.Longest} tokens, and are left out"));
        return new(pairs, [.. kept.Select(i => indices[i])], [.. kept.Select(i => sources[i])], [.. kept.Select(i => targets[i])]);
    }

    private static (int[][] Sources, int[][] Targets) Encode(SentencePairs pairs, int[] indices, TranslationRecipe recipe, Tokenizer tokenizer) =>
        ([.. indices.Select(i => Translator.Encode(tokenizer, recipe.OfSourceText(pairs.Sources[i])))],
            [.. indices.Select(i => Translator.Encode(tokenizer, recipe.OfTargetText(pairs.Targets[i])))]);
}
