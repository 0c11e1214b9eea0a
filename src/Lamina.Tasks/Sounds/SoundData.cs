using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Lamina.Learning.Data;
using Lamina.Learning.Sounds;
using Lamina.Tasks.Images;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Sounds;

/// <summary>The recordings of a job, split.</summary>
internal sealed class SoundData
{
    private const int LeastGroups = 10;

    private readonly SoundClips _all;
    private readonly SoundClips? _validation, _test;
    private readonly SplitParts _parts;
    private string? _testPart;

    private SoundData(SoundClips all, SoundClips? validation, SoundClips? test, string[] classes, SplitParts parts, SoundRecipe recipe)
    {
        (_all, _validation, _test, Classes, _parts, Recipe) = (all, validation, test, classes, parts, recipe);
    }

    public string[] Classes { get; }

    /// <summary>Where labels are, and how spectrograms are made.</summary>
    public SoundRecipe Recipe { get; }

    public List<string> Notes { get; } = [];

    public List<Fact> Facts { get; } = [];

    /// <summary>Number of training recordings.</summary>
    public int Count => _parts.Training.Length;

    /// <summary>The number of training recordings of each class.</summary>
    public long[] Counts => LabelClasses.Count(_parts.Training.Select(i => _all.Labels[i]), Classes);

    /// <summary>Reads and splits.</summary>
    /// <param name="source">The data; null: built-in sounds.</param>
    /// <param name="choose">What a person chose, or a run has.</param>
    /// <param name="rule">How it is split.</param>
    /// <param name="seed">Random seed of the split.</param>
    /// <param name="context">Is told how far it is; stops.</param>
    /// <exception cref="DataException">The data can't be used.</exception>
    public static SoundData Open(DataSource? source, SoundChoice choose, SplitRule rule, long seed, TaskContext context)
    {
        List<string> notes = [];
        List<Fact> facts = [];
        (SoundClips all, SoundRecipe recipe) = source is null ? BuiltIn(choose) : Read(source.Path, choose, rule, notes, facts, context);
        SoundClips? Own(string? path) => path is null ? null : ReadOther(path, recipe, notes, context);
        SoundClips? validation = Take(ref all, 1) ?? Own(source?.Validation), test = Take(ref all, 2) ?? Own(source?.Test);
        if (rule.Folds is not null && (validation ?? test) is not null)
            throw new TaskException($"{all.Source} has parts of its own, so it can't be cut into folds", "the training part alone, or no folds");
        string[] classes = LabelClasses.Of(all.Labels, all.Source, "recordings", "--label with another part of the names");
        (validation, test) = (Known(validation, classes, notes), Known(test, classes, notes));
        int[] labels = [.. all.Labels.Select(l => Array.IndexOf(classes, l))];
        var split = new SplitData(all.Count, "recording", all.Hashes) { Labels = labels, Groups = rule.Group is null ? null : all.Groups };
        SplitParts parts = DataSplit.Of(split, rule, seed, validation is not null, test is not null, notes, LeastGroups);
        if (test is null && rule.Folds is null)
        {
            if (parts.Test.Length == 0) throw new DataException(all.Source,
                $"has {Wording.Count(all.Count, "recording")}, too few to keep some for the test", "more recordings");
            notes.Add($"{parts.Test.Length:N0} of {all.Count:N0} recordings are kept for the test");
        }
        if (choose.Mel is null) recipe = recipe with { Mel =
            recipe.Mel with { Frames = SoundSurvey.Frames(parts.Training.Select(i => all.Logs[i].Length / recipe.Mel.Bands)) } };
        var data = new SoundData(all, validation, test, classes, parts, recipe);
        data.Notes.AddRange(notes);
        data.Facts.AddRange(facts);
        data.Describe(rule);
        return data;
    }

    /// <summary>The sets as spectrograms.</summary>
    public TaskData Assemble(SoundAugmentation? augmentation)
    {
        MelSpectrogram spectrogram = Recipe.Spectrogram();
        SampledDataset Part(SoundClips? own, int[] rows, SoundAugmentation? vary) => own is null ? Set(_all, rows, Classes, spectrogram, vary)
            : Set(own, [.. Enumerable.Range(0, own.Count)], Classes, spectrogram, vary);
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"{_all.Hash} {_validation?.Hash} {_test?.Hash}")));
        return new(Part(null, _parts.Training, augmentation), Part(_validation, _parts.Validation, null), Part(_test, _parts.Test, null),
            _all.Source, hash,
            InputText(Recipe.Mel), Notes) { Facts = Facts, TestPart = _testPart };
    }

    /// <summary>Other recordings to measure a run's network on.</summary>
    public static SampledDataset ForTest(string path, string[] classes, SoundRecipe recipe, List<string> notes, TaskContext context, out int found)
    {
        SoundClips known = Known(ReadOther(path, recipe, notes, context), classes, notes)!;
        found = known.Labels.Distinct().Count();
        return Set(known, [.. Enumerable.Range(0, known.Count)], classes, recipe.Spectrogram(), null);
    }

    /// <summary>What an example is, in a few words.</summary>
    public static string InputText(MelOptions mel) => string.Create(CultureInfo.InvariantCulture,
        $"a recording at {mel.Rate:N0} Hz, up to {mel.Frames * mel.Hop:0.##} s, as {mel.Frames} frames of {mel.Bands} bands");

    private static (SoundClips, SoundRecipe) BuiltIn(SoundChoice choose)
    {
        MelOptions mel = choose.Mel ?? SoundSurvey.Of(choose.Rate ?? SyntheticSounds.Rate, SyntheticSounds.MostSeconds);
        return (SyntheticSounds.Clips(new MelSpectrogram(mel)), new(null, mel));
    }

    private static (SoundClips, SoundRecipe) Read(string path, SoundChoice choose, SplitRule rule, List<string> notes, List<Fact> facts,
        TaskContext context)
    {
        using ImageTree tree = SoundFiles.Open(path, context.Cancel);
        SoundFiles files = SoundFiles.Of(tree, choose.Label, rule.Group, notes);
        notes.AddRange(tree.Notes);
        facts.Add(new("label", "labels", files.Reason));
        if (files.Groups is { } groups) facts.Add(new("group", "groups", groups));
        MelOptions mel = choose.Mel ?? SoundSurvey.Of(tree, files.Files, choose.Rate);
        return (SoundClips.Read(tree, files.Files, new MelSpectrogram(mel), notes, context.Tell, context.Cancel), new(files.Label, mel));
    }

    private static SoundClips ReadOther(string path, SoundRecipe recipe, List<string> notes, TaskContext context)
    {
        using ImageTree tree = SoundFiles.Open(path, context.Cancel);
        SoundFiles files = SoundFiles.Of(tree, recipe.Label, null, notes);
        // Of data in parts the test part alone.
        SoundFile[] chosen = [.. files.Files.Where(f => f.Part == 2)];
        return SoundClips.Read(tree, chosen.Length > 0 ? chosen : files.Files, recipe.Spectrogram(), notes, context.Tell, context.Cancel);
    }

    private static SoundClips? Take(ref SoundClips all, int part)
    {
        if (!all.Parts.Contains(part)) return null;
        SoundClips whole = all;
        all = Where(whole, i => whole.Parts[i] != part);
        return Where(whole, i => whole.Parts[i] == part);
    }

    private static SoundClips Where(SoundClips clips, Func<int, bool> isKept)
    {
        var kept = new SoundClips(clips.Source);
        for (int i = 0; i < clips.Count; i++)
            if (isKept(i)) kept.Add(clips.Names[i], clips.Labels[i], clips.Groups[i], clips.Parts[i], clips.Logs[i], clips.Hashes[i]);
        return kept;
    }

    private static SoundClips? Known(SoundClips? own, string[] classes, List<string> notes)
    {
        if (own is null || LabelClasses.Foreign(own.Labels, classes, own.Source, "recordings") is not { Length: > 0 } foreign) return own;
        SoundClips known = Where(own, i => classes.Contains(own.Labels[i]));
        notes.Add($"passed over {own.Count - known.Count:N0} recordings with labels that the training data doesn't have: {Wording.Names(foreign)}");
        return known;
    }

    private void Describe(SplitRule rule)
    {
        string[] single = [.. _all.Labels.CountBy(l => l).Where(l => l.Value == 1).Select(l => l.Key)];
        if (single.Length > 0) Notes.Add($"heard once, so that nothing tells how well it is recognised: {Wording.Names(single)}");
        int longer = _all.Logs.Count(l => l.Length / Recipe.Mel.Bands > Recipe.Mel.Frames);
        if (longer > 0)
            Notes.Add(string.Create(CultureInfo.InvariantCulture,
                $"{longer:N0} of {_all.Count:N0} recordings are longer than {Recipe.Mel.Frames * Recipe.Mel.Hop:0.##} s: training takes a "
                + $"part at random, the test the middle"));
        if (rule.Group is not { } group || _parts.Test.Length == 0) return;
        _testPart = LabelClasses.TestPart(group, _parts.Test.Select(i => _all.Groups[i]));
        Notes.Add($"tested on {_testPart}");
    }

    private static SampledDataset Set(SoundClips clips, int[] rows, string[] classes, MelSpectrogram spectrogram, SoundAugmentation? augmentation) =>
        new(new SoundDataset(spectrogram, [.. rows.Select(i => clips.Logs[i])], [.. rows.Select(i => Array.IndexOf(classes, clips.Labels[i]))],
            augmentation),
            i => SoundPicture.Of(clips.Names[rows[i]], clips.Logs[rows[i]], spectrogram.Options));
}

/// <summary>What is given before recordings are read.</summary>
/// <param name="Label">Where labels are; null: by evidence.</param>
/// <param name="Rate">Samples in a second; null: by the data.</param>
/// <param name="Mel">Options of a run that was planned; null: by the data.</param>
internal sealed record SoundChoice(string? Label, int? Rate, MelOptions? Mel);
