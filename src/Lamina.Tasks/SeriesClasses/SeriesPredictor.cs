using Lamina.Formats;
using Lamina.Formats.Sounds;
using Lamina.Learning.Saving;
using Lamina.Learning.Series;
using Lamina.Learning.Sounds;
using Lamina.Tasks.Images;
using Lamina.Tasks.Rows;
using Lamina.Tasks.Sounds;
using Lamina.Tasks.Spine;

namespace Lamina.Tasks.SeriesClasses;

/// <summary>Classes and probabilities of series: rows or steps of tables, files of a series each, or recordings, as in the training.</summary>
internal sealed class SeriesPredictor(Predictor predictor, SeriesRecipe recipe)
{
    private const int AtOnce = 64;

    private readonly SeriesEncoding _encoding = recipe.Encoding();

    /// <summary>The predictions in the order of the inputs.</summary>
    /// <exception cref="DataException">An input can't be used at all.</exception>
    public PredictionList Predict(IReadOnlyList<string> inputs, int top, CancellationToken cancel)
    {
        // What can't be used is refused here, not when the first prediction is asked for.
        (int Count, IEnumerable<Item> Items)[] sources = [.. inputs.Select(path => Open(path, cancel))];
        return new(sources.Sum(s => s.Count), "series", sources.SelectMany(s => s.Items).Chunk(AtOnce).SelectMany(part =>
        {
            cancel.ThrowIfCancellationRequested();
            return Classify(part, top);
        }));
    }

    private (int Count, IEnumerable<Item> Items) Open(string path, CancellationToken cancel)
    {
        bool isSound = recipe.Envelopes is not null;
        if (Directory.Exists(path))
        {
            using FolderReader folder = FolderReader.Open(path, cancel);
            string[] files = [.. folder.Files.Where(isSound ? SoundFiles.IsWave : SeriesFiles.IsTable).Select(f => Path.Combine(path, f))];
            return files.Length > 0 ? (files.Length, files.Select(OfFile)) : throw new DataException(path,
                $"has no {(isSound ? "WAV" : ".csv or .tsv")} files", "files like those of the training");
        }
        if (path != "-" && !File.Exists(path)) throw new DataException(path, "there's no such file or folder",
            "the path of data like that of the training");
        if (isSound || recipe is { Columns: null, Label: not null }) return (1, [OfFile(path)]);
        RowSource rows = RowSources.Open(path);
        SeriesColumns columns = recipe.Columns ?? AllColumns(rows);
        SeriesExamples examples = SeriesRows.Read(rows, columns, null, needsLabel: false, cancel);
        return (examples.Count, Enumerable.Range(0, examples.Count).Select(i => new Item(path,
            examples.Places[i].StartsWith("row ", StringComparison.Ordinal) && int.TryParse(examples.Places[i].AsSpan(4), out int row) ? row
                : null, examples.Values[i], null)
            { Note = columns.Id is null ? null : examples.Places[i] }));
    }

    // A network of built-in charts takes rows of numbers, whatever their columns are called.
    private static SeriesColumns AllColumns(RowSource rows) => new("", null, null, rows.Columns, "");

    private Item OfFile(string path)
    {
        if (recipe.Envelopes is not { } envelopes)
            return SeriesFiles.ReadOne(path, recipe.Channels, out float[] values, out int missing) is { } problem
                ? new(path, null, [], $"is a file {problem}")
                : new(path, null, values, null) { Note = missing > 0 ? $"{Wording.Count(missing, "channel")} missing" : null };
        try
        {
            using WaveReader reader = path == "-" ? new(Console.OpenStandardInput(), path) : WaveReader.Open(path);
            float[] logs = new MelSpectrogram(envelopes).Analyze(reader.ReadToEnd((int)Math.Min(int.MaxValue,
                (long)SoundClips.MostSeconds * reader.Rate)));
            return logs.Length == 0 ? new(path, null, [], "is silent") : new(path, null, SeriesData.Level(logs), null) { Note = reader.IsCutShort
                ? "cut short: used as far as it goes" : null };
        }
        catch (FileFormatException e)
        {
            return new(path, null, [], e.Message.Replace("\n  try", "; try", StringComparison.Ordinal));
        }
    }

    private IEnumerable<Prediction> Classify(Item[] part, int top)
    {
        IReadOnlyList<string> classes = predictor.Classes;
        Item[] good = [.. part.Where(i => i.Problem is null)];
        float[] probabilities = good.Length == 0 ? [] : predictor.Predict(_encoding.Encode([.. good.Select(i => i.Values)]))[0].ToArray<float>();
        WeightCheck.RequireFinite(probabilities);
        int row = 0;
        foreach (Item item in part)
        {
            if (item.Problem is { } problem)
            {
                yield return new Prediction(item.Source, [], problem) { Row = item.Row };
                continue;
            }
            ArraySegment<float> own = new(probabilities, row++ * classes.Count, classes.Count);
            ClassProbability[] best = [.. own.Select((p, i) => new ClassProbability(classes[i], p)).OrderByDescending(c => c.Probability).Take(top)];
            yield return new Prediction(item.Source, best, null) { Row = item.Row, Note = item.Note };
        }
    }

    private readonly record struct Item(string Source, int? Row, float[] Values, string? Problem)
    {
        public string? Note { get; init; }
    }
}
