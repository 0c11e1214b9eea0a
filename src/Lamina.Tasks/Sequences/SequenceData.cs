using System.Security.Cryptography;
using System.Text;
using Lamina.Learning.Data;
using Lamina.Learning.Texts;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Sequences;

/// <summary>The sequences of a job, split, before their symbols are numbers.</summary>
internal sealed class SequenceData
{
    private const int MostLabels = 1_000, MostCharacters = 200, ShownLabels = 20;

    private readonly SequenceSet _all;
    private readonly SequenceSet? _validation, _test;
    private readonly SplitParts _parts;

    private SequenceData(SequenceSet all, SequenceSet? validation, SequenceSet? test, SequenceLayout? layout, SplitParts parts, List<string> notes)
    {
        (_all, _validation, _test, Layout, _parts, Notes) = (all, validation, test, layout, parts, notes);
        int known = all.Labels.Names.Count;
        var counts = new long[known];
        foreach (int i in parts.Training)
            foreach (int label in all.LabelsOf(i))
                if (label >= 0) counts[label]++;
        // By their names, and those alone that training has.
        LabelOrder = [.. Enumerable.Range(0, known).Where(l => counts[l] > 0).OrderBy(l => all.Labels.Names[l], StringComparer.Ordinal)];
        Labels = [.. LabelOrder.Select(l => all.Labels.Names[l])];
        Counts = [.. LabelOrder.Select(l => counts[l])];
    }

    /// <summary>How lines hold sequences; null for built-in data.</summary>
    public SequenceLayout? Layout { get; }

    /// <summary>The labels.</summary>
    public string[] Labels { get; }

    /// <summary>The number of training positions of each label.</summary>
    public long[] Counts { get; }

    public List<string> Notes { get; }

    /// <summary>Number of training sequences.</summary>
    public int Count => _parts.Training.Length;

    /// <summary>Number of training positions.</summary>
    public long Positions => _parts.Training.Sum(i => (long)_all.LabelsOf(i).Length);

    /// <summary>The names of the baselines, the first one first.</summary>
    public string[] Baselines => Layout is null ? [Frequent, HiddenStates.Best] : [Frequent];

    private const string Frequent = "the most frequent label of each symbol";

    // Numbers of labels in the set, in the order of the outputs.
    private int[] LabelOrder { get; }

    /// <summary>Reads and splits.</summary>
    /// <param name="source">The data; null: built-in sequences.</param>
    /// <param name="layout">Finds how lines hold sequences.</param>
    /// <param name="rule">How it is split.</param>
    /// <param name="seed">Random seed of the split.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="DataException">The data can't be used.</exception>
    public static SequenceData Open(DataSource? source, Func<string, SequenceLayout> layout, SplitRule rule, long seed, CancellationToken cancel)
    {
        SequenceLayout? found = source is null ? null : layout(source.Path);
        if (found is { Label: < 0 }) throw new DataException(source!.Path, "has symbols alone: each line has one field, and no label behind it",
            "lines with a symbol and its label");
        SequenceSet all = source is null ? HiddenStates.Read() : SequenceSet.Read(source.Path, found!, null, cancel);
        SequenceSet? Own(string? path) => path is null ? null : SequenceSet.Read(path, found!, all, cancel);
        (SequenceSet? validation, SequenceSet? test) = (Own(source?.Validation), Own(source?.Test));
        if (rule.Folds is not null && (validation ?? test) is not null)
            throw new TaskException($"{source!.Path} has parts of its own, so it can't be cut into folds", "the training part alone, or no folds");
        List<string> notes = [.. all.Notes, .. validation?.Notes ?? [], .. test?.Notes ?? []];
        var data = new SplitData(all.Count, "sequence", []) { Hashes = [.. Enumerable.Range(0, all.Count).Select(all.HashOf)] };
        if (all.Count < (test is null ? 3 : 2)) throw new DataException(all.Source,
            $"has {Wording.Count(all.Count, "sequence")} alone, so none can be kept {(test is null ? "for validation and test" : "for validation")}",
            "a blank line between sequences, or more of them");
        SplitParts parts = DataSplit.Of(data, rule, seed, validation is not null, test is not null, notes);
        if (test is null && rule.Folds is null)
        {
            if (parts.Test.Length == 0) throw new DataException(all.Source,
                $"has {Wording.Count(all.Count, "sequence")}, too few to keep some for the test", "more sequences, or a test file of its own");
            notes.Add($"{parts.Test.Length:N0} of {all.Count:N0} sequences are kept for the test");
        }
        var result = new SequenceData(all, validation, test, found, parts, notes);
        result.RequireLabels();
        foreach (SequenceSet own in new[] { validation, test }.OfType<SequenceSet>()) result.TellForeign(own, notes);
        return result;
    }

    /// <summary>The vocabulary of the training sequences: characters, or words that come twice or more and pieces of all words.</summary>
    public SymbolVocabulary Vocabulary()
    {
        const int Pieces = 4_096, MostWords = 200_000;
        int[] counts = SymbolCounts();
        IReadOnlyList<string> names = _all.Symbols.Names;
        int[] occurring = [.. Enumerable.Range(0, counts.Length).Where(s => counts[s] > 0)];
        bool areWords = occurring.Length > MostCharacters || occurring.Average(s => names[s].Length) > 2;
        return areWords ? new([.. occurring.Where(s => counts[s] > 1).OrderByDescending(s => counts[s]).Take(MostWords).Select(s => names[s])],
            Pieces)
            : new([.. occurring.Select(s => names[s]).Order(StringComparer.Ordinal)], 0);
    }

    /// <summary>The sets as numbers.</summary>
    public TaskData Assemble(SymbolVocabulary vocabulary, IReadOnlyList<Fact> facts)
    {
        int[] frequent = FrequentLabels();
        int[] labelOf = LabelNumbers(_all.Labels.Names);
        var counts = new int[vocabulary.Size];
        var first = new int[vocabulary.Features];
        int[] symbolCounts = SymbolCounts();
        for (int s = 0; s < symbolCounts.Length; s++)
            if (vocabulary.Encode(_all.Symbols.Names[s], first)) counts[first[0]] += symbolCounts[s];
        SampledDataset Part(SequenceSet set, int[] rows, int[]? shown) => new(
            new LabelledSequences(vocabulary.Features, [.. rows.Select(i => Encode(set, i, vocabulary, labelOf, frequent))], Baselines.Length, shown),
            i => Show(set, rows[i]));
        SampledDataset Of(SequenceSet? own, int[] rows) => own is null ? Part(_all, rows, null)
            : Part(own, [.. Enumerable.Range(0, own.Count)], null);
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"{_all.Hash} {_validation?.Hash} {_test?.Hash}")));
        return new(Part(_all, _parts.Training, counts), Of(_validation, _parts.Validation), Of(_test, _parts.Test), _all.Source, hash, "a sequence",
            Notes) { Facts = facts };
    }

    /// <summary>Other sequences to measure a run's network on.</summary>
    public static (SampledDataset Set, List<string> Notes) ForTest(SequenceSet set, SymbolVocabulary vocabulary, IReadOnlyList<string> labels,
        int[] frequent, int baselines)
    {
        int[] labelOf = [.. set.Labels.Names.Select(name => labels.ToList().IndexOf(name))];
        List<string> notes = [.. set.Notes];
        string[] foreign = [.. set.Labels.Names.Where((_, i) => labelOf[i] < 0)];
        if (foreign.Length > 0) notes.Add($"labels that the training data doesn't have are seen, and not measured: {Wording.Names(foreign)}");
        if (foreign.Length == set.Labels.Names.Count) throw new DataException(set.Source,
            $"has no label that the training data has: {Wording.Names(foreign)}, not {Wording.Names([.. labels])}", "sequences of the same labels");
        bool isBuiltIn = baselines > 1;
        if (isBuiltIn && set.Symbols.Names.FirstOrDefault(name => !HiddenStates.Makes(name)) is { } other)
            throw new DataException(set.Source, $"has the symbol '{other}', which the built-in process doesn't make", "a run on data of your own");
        int most = 0;
        int[] ofSymbol = [.. set.Symbols.Names.Select(name => Number(name) is >= 0 and int n && n < frequent.Length ? frequent[n] : most)];
        EncodedSequence One(int sequence)
        {
            EncodedSequence one = Encode(set, sequence, vocabulary, labelOf, ofSymbol, 1);
            return isBuiltIn ? WithBest(one, set, sequence, [.. labels]) : one;
        }
        return (new(new LabelledSequences(vocabulary.Features, [.. Enumerable.Range(0, set.Count).Select(One)], baselines, null), i => Show(set, i)), notes);

        int Number(string name)
        {
            var numbers = new int[vocabulary.Features];
            vocabulary.Encode(name, numbers);
            return numbers[0];
        }
    }

    /// <summary>The most frequent label of each number of the vocabulary, and of all at 0.</summary>
    public int[] FrequentOf(SymbolVocabulary vocabulary)
    {
        int[] bySymbol = FrequentLabels(), byNumber = [.. Enumerable.Repeat(MostFrequent, 2 + vocabulary.Symbols.Count)];
        var numbers = new int[vocabulary.Features];
        for (int s = 0; s < bySymbol.Length; s++)
            if (vocabulary.Encode(_all.Symbols.Names[s], numbers)) byNumber[numbers[0]] = bySymbol[s];
        return byNumber;
    }

    private int MostFrequent => Enumerable.Range(0, Counts.Length).MaxBy(l => Counts[l]);

    private EncodedSequence Encode(SequenceSet set, int sequence, SymbolVocabulary vocabulary, int[] labelOf, int[] frequent)
    {
        EncodedSequence one = Encode(set, sequence, vocabulary, labelOf, frequent, 1);
        return Layout is null ? WithBest(one, set, sequence, Labels) : one;
    }

    // Of the built-in process, what is best is known.
    private static EncodedSequence WithBest(EncodedSequence one, SequenceSet set, int sequence, string[] labels)
    {
        string[] best = HiddenStates.Decode([.. set.SymbolsOf(sequence).ToArray().Select(s => set.Symbols.Names[s])]);
        return one with { Baselines = [one.Baselines[0], [.. best.Select(name => Array.IndexOf(labels, name))]] };
    }

    private static EncodedSequence Encode(SequenceSet set, int sequence, SymbolVocabulary vocabulary, int[] labelOf, int[] frequent, int baselines)
    {
        ReadOnlySpan<int> symbols = set.SymbolsOf(sequence), labels = set.LabelsOf(sequence);
        var numbers = new int[symbols.Length * vocabulary.Features];
        int[] own = new int[labels.Length], said = new int[labels.Length];
        for (int i = 0; i < symbols.Length; i++)
        {
            vocabulary.Encode(set.Symbols.Names[symbols[i]], numbers.AsSpan(i * vocabulary.Features, vocabulary.Features));
            own[i] = labels[i] < 0 ? -1 : labelOf[labels[i]];
            said[i] = frequent[symbols[i]];
        }
        return new(numbers, own, [.. Enumerable.Repeat(said, baselines)]);
    }

    private static SequenceSample Show(SequenceSet set, int sequence) => new(set.Place(sequence),
        [.. set.SymbolsOf(sequence).ToArray().Select(s => set.Symbols.Names[s])],
        [.. set.LabelsOf(sequence).ToArray().Select(l => l < 0 ? null : set.Labels.Names[l])]);

    private int[] LabelNumbers(IReadOnlyList<string> names)
    {
        var numbers = new int[names.Count];
        Array.Fill(numbers, -1);
        for (int i = 0; i < LabelOrder.Length; i++) numbers[LabelOrder[i]] = i;
        return numbers;
    }

    private int[] SymbolCounts()
    {
        var counts = new int[_all.Symbols.Names.Count];
        foreach (int i in _parts.Training)
            foreach (int symbol in _all.SymbolsOf(i)) counts[symbol]++;
        return counts;
    }

    // By the symbol's number in the set; of symbols that training hasn't, the most frequent label of all.
    private int[] FrequentLabels()
    {
        int[] labelOf = LabelNumbers(_all.Labels.Names);
        var counts = new Dictionary<(int Symbol, int Label), int>();
        foreach (int i in _parts.Training)
        {
            ReadOnlySpan<int> symbols = _all.SymbolsOf(i), labels = _all.LabelsOf(i);
            for (int s = 0; s < symbols.Length; s++)
                if (labels[s] >= 0) System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(counts,
                    (symbols[s], labelOf[labels[s]]), out _)++;
        }
        int[] frequent = [.. Enumerable.Repeat(MostFrequent, _all.Symbols.Names.Count)], most = new int[frequent.Length];
        foreach (((int symbol, int label), int count) in counts.OrderBy(c => c.Key))
            if (count > most[symbol]) (most[symbol], frequent[symbol]) = (count, label);
        return frequent;
    }

    private void RequireLabels()
    {
        if (Labels.Length == 0) throw new DataException(_all.Source, "has no label in any line", "lines with a symbol and its label");
        if (Labels.Length == 1) throw new DataException(_all.Source, $"has one label alone, '{Labels[0]}': there is nothing to tell apart",
            "sequences with a second label");
        if (Labels.Length > MostLabels || Labels.Length > ShownLabels && Labels.Length > Positions / 4)
            throw new DataException(_all.Source, $"has {Labels.Length:N0} different labels at {Positions:N0} positions: these are no labels",
                $"another column, with --{SequencesTask.Label}");
    }

    private void TellForeign(SequenceSet own, List<string> notes)
    {
        int[] labelOf = LabelNumbers(own.Labels.Names);
        int[] seen = [.. Enumerable.Range(0, own.Count).SelectMany(i => own.LabelsOf(i).ToArray()).Where(l => l >= 0)];
        string[] foreign = [.. seen.Where(l => labelOf[l] < 0).Distinct().Select(l => own.Labels.Names[l])];
        if (foreign.Length == 0) return;
        if (seen.All(l => labelOf[l] < 0)) throw new DataException(own.Source,
            $"has no label that the training data has: {Wording.Names(foreign)}, not {Wording.Names(Labels)}", "sequences of the same labels");
        notes.Add($"{seen.Count(l => labelOf[l] < 0):N0} positions of {own.Source} have labels that the training data doesn't have, and are not measured: {Wording.Names(foreign)}");
    }
}
