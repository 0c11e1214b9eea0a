using System.Text;
using Lamina.Learning.Saving;
using Lamina.Learning.Texts;
using Lamina.Tasks.Rows;
using Lamina.Tasks.Spine;
using Lamina.Tensors;

namespace Lamina.Tasks.Texts;

/// <summary>Classes and probabilities of texts: those given, .txt files, lines of standard input, and rows of tables.</summary>
internal sealed class TextPredictor(Predictor predictor, TextColumns? columns)
{
    private const int AtOnce = 256, ShownText = 60;

    private readonly TextVocabulary _vocabulary = predictor.Info.Inputs is [{ Preprocessing: [TextVocabulary vocabulary, ..] }, ..] ? vocabulary
        : throw new ArgumentException($"{predictor.Network} takes no texts", nameof(predictor));

    /// <summary>The predictions in the order of the inputs; a group of them is held in memory.</summary>
    /// <exception cref="DataException">An input can't be used at all.</exception>
    public PredictionList Predict(PredictInput input, int top, CancellationToken cancel)
    {
        foreach ((string name, _) in input.Values)
            if (name != TextTask.Text && name != columns?.Text)
                throw new TaskException($"the run predicts from a text alone, so '{name}' can't be given", $"'{columns?.Text ?? TextTask.Text}'");
        // What can't be used is refused here, not when the first prediction is asked for.
        (int? Count, IEnumerable<Item> Items)[] sources = [(input.Values.Count,
            input.Values.Select(v => new Item(Cut(v.Value), null, v.Value, null))), .. input.Files.Select(Open)];
        int? count = sources.All(s => s.Count is not null) ? sources.Sum(s => s.Count) : null;
        return new(count, "text", sources.SelectMany(s => s.Items).Chunk(AtOnce).SelectMany(part =>
        {
            cancel.ThrowIfCancellationRequested();
            return Classify(part, top);
        }));
    }

    private (int? Count, IEnumerable<Item> Items) Open(string path)
    {
        if (path == "-") return (null, Lines());
        if (Directory.Exists(path))
        {
            string[] files = TextFolder.Files(path);
            return files.Length > 0 ? (files.Length, files.Select(OfFile))
                : throw new DataException(path, "has no .txt files in it", "a folder with .txt files, or a table");
        }
        if (Path.GetExtension(path).Equals(".txt", StringComparison.OrdinalIgnoreCase))
            return File.Exists(path) ? (1, [OfFile(path)]) : throw new DataException(path, "there's no such file", "the path of a text or a table");
        RowSource rows = RowSources.Open(path);
        int column = Column(rows);
        return (null, OfRows(rows, column));
    }

    // A table of one column has nothing to choose.
    private int Column(RowSource rows) =>
        columns is null ? rows.Columns.Count == 1 ? 0 : TextColumns.Place(rows, TextColumns.Of(rows, null, null).Text)
        : rows.Columns.Count == 1 && !(rows.HasHeader && columns.Text.Any(c => !char.IsAsciiDigit(c))) ? 0 : TextColumns.Place(rows, columns.Text);

    private static Item OfFile(string file) => TextFolder.ReadFile(file, out string? problem) is { } text ? new(file, null, text, null)
        : problem == TextFolder.Empty ? new(file, null, "", null) : new(file, null, "", problem);

    private static IEnumerable<Item> Lines()
    {
        using var reader = new StreamReader(Console.OpenStandardInput(), Encoding.UTF8);
        for (int row = 1; reader.ReadLine() is { } line; row++) yield return new("-", row, line, null);
    }

    private static IEnumerable<Item> OfRows(RowSource rows, int column)
    {
        using RowReader reader = rows.Open();
        while (reader.Read()) yield return new(rows.Name, (int)Math.Min(reader.Row, int.MaxValue), reader[column].ToString(), null);
    }

    private IEnumerable<Prediction> Classify(Item[] part, int top)
    {
        IReadOnlyList<string> classes = predictor.Classes;
        Item[] good = [.. part.Where(i => i.Problem is null)];
        float[] probabilities = [];
        bool[] hasWords = [];
        if (good.Length > 0)
        {
            Tensor tokens = _vocabulary.Encode([.. good.Select(i => i.Text)]);
            int length = tokens.Shape[1];
            hasWords = [.. Enumerable.Range(0, good.Length).Select(i => tokens.Read<int>()[i * length] != 0)];
            probabilities = predictor.Predict(tokens).ToArray<float>();
            WeightCheck.RequireFinite(probabilities);
        }
        int row = 0;
        foreach (Item item in part)
        {
            if (item.Problem is { } problem)
            {
                yield return new Prediction(item.Source, [], problem) { Row = item.Row };
                continue;
            }
            ArraySegment<float> own = new(probabilities, row * classes.Count, classes.Count);
            ClassProbability[] best = [.. own.Select((p, i) => new ClassProbability(classes[i], p)).OrderByDescending(c => c.Probability).Take(top)];
            yield return new Prediction(item.Source, best, null) { Row = item.Row, Note = hasWords[row++] ? null
                : "no word that is known: the classes' shares in the training" };
        }
    }

    private static string Cut(string text)
    {
        string line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length == 0 ? "(no text)" : line.Length <= ShownText ? line
            : line[..(char.IsHighSurrogate(line[ShownText - 1]) ? ShownText - 1 : ShownText)] + "…";
    }

    private readonly record struct Item(string Source, int? Row, string Text, string? Problem);
}
