using Lamina.Learning.Columns;
using Lamina.Learning.Texts;
using Lamina.Models;
using Lamina.Tasks.Rows;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;
using Lamina.Tensors;

namespace Lamina.Tasks.Tables;

/// <summary>How a table is read: its input columns and their encodings, its targets. The part of a run that tells one table from another.</summary>
/// <param name="Columns">The encodings of the inputs.</param>
/// <param name="Places">Their places in the training table.</param>
/// <param name="Targets">The names of the targets.</param>
/// <param name="TargetPlaces">Their places in the training table.</param>
/// <param name="TargetMarks">Their decimal marks.</param>
/// <param name="HasHeader">Whether the training table named its columns.</param>
/// <param name="Width">The number of the training table's columns.</param>
internal sealed record TableLayout(
    TableColumns Columns, IReadOnlyList<int> Places, IReadOnlyList<string> Targets, IReadOnlyList<int> TargetPlaces,
        IReadOnlyList<DecimalMark> TargetMarks, bool HasHeader, int Width)
{
    /// <summary>The names of the input columns.</summary>
    public IReadOnlyList<string> Names => [.. Columns.Columns.Select(c => c.Name)];

    /// <summary>The places of inputs and targets in a table that has both.</summary>
    /// <exception cref="DataException">A column is missing.</exception>
    public TableColumnsOf In(RowSource source, SplitRule? split = null) => new(ColumnMap.Of(source, this), ColumnMap.TargetsOf(source, this))
    {
        Group = split?.Group is { } group ? TableSurvey.ColumnOf(source, group) : null,
        Time = split?.Time is { } time ? TableSurvey.ColumnOf(source, time) : null,
    };

    /// <summary>What the rows' cells are, such as <c>9 columns: 8 numbers, 1 category</c>.</summary>
    public string Text
    {
        get
        {
            (string One, string More, int Count)[] kinds =
            [
                ("number", "numbers", Columns.Columns.Count(c => c is NumberColumn)),
                    ("category", "categories", Columns.Columns.Count(c => c is CategoryColumn)),
                ("date", "dates", Columns.Columns.Count(c => c is DateColumn)), ("text", "texts", Columns.Columns.Count(c => c is TextColumn)),
            ];
            return $"{Wording.Count(Columns.Columns.Count, "column")} ({string.Join(", ", kinds.Where(k => k.Count > 0).Select(k => $"{k.Count} {(k.Count == 1 ? k.One : k.More)}"))})";
        }
    }

    /// <summary>Rows of any numbers with numbers of categories and tokens in place of those that stand for such.</summary>
    /// <param name="rows">Rows (count, slots).</param>
    public Tensor Synthetic(Tensor rows)
    {
        int numbers = Columns.Columns.Where(c => c.Kind == SlotKind.Number).Sum(c => c.Slots);
        int[] sizes = [.. Columns.Columns.OfType<CategoryColumn>().Select(c => c.Size), .. Columns.Columns.OfType<TextColumn>()
            .SelectMany(c => Enumerable.Repeat(c.Vocabulary.Size, c.Slots))];
        float[] values = rows.ToArray<float>();
        var random = new Random(1);
        for (int row = 0; row < rows.Shape[0]; row++)
            for (int i = 0; i < sizes.Length; i++) values[row * Columns.Slots + numbers + i] = random.Next(sizes[i]);
        return Tensor.From(values, rows.Shape);
    }

    /// <summary>The rows as numbers.</summary>
    public EncodedRows Encode(TableRows rows, bool isClasses, TaskContext context)
    {
        var encoded = new EncodedRows(Columns, rows.Targets, Targets.Count, isClasses);
        int[] inputs = rows.Columns.Inputs;
        rows.ForEach(context, "encoding rows", (from, index) =>
        {
            Span<float> row = encoded[index];
            for (int i = 0; i < inputs.Length; i++) Columns.Encode(i, from[inputs[i]], row);
        });
        encoded.Complete();
        return encoded;
    }
}

/// <summary>Learns a table's encodings, and which network suits it, from its training rows.</summary>
internal sealed class TableFit
{
    private const int FewestForBins = 1_000, BinsOfRow = 500, Many = 100_000, TokensOfText = 64;

    private readonly ColumnFit?[] _fits;
    private readonly ColumnEncoding[] _encodings;
    private readonly bool _isClasses;

    /// <param name="survey">What was seen in the table.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="training">The indices of the training rows, ascending.</param>
    /// <param name="isClasses">Whether classes are predicted.</param>
    /// <param name="context">Is told how far it has come.</param>
    /// <param name="notes">Takes what a person should know.</param>
    public TableFit(TableSurvey survey, TableRows rows, int[] training, bool isClasses, TaskContext context, List<string> notes)
    {
        _isClasses = isClasses;
        int[] inputs = rows.Columns.Inputs;
        _fits = [.. inputs.Select(i => FitOf(survey.Columns[i], isClasses))];
        int targets = rows.Columns.Targets.Length, next = 0;
        rows.ForEach(context, "learning columns", (from, index) =>
        {
            if (next == training.Length || training[next] != index) return;
            next++;
            double target = rows.Targets[index * targets];
            for (int i = 0; i < inputs.Length; i++) _fits[i]?.Add(from[inputs[i]], target);
        });
        _encodings = [.. _fits.Select((fit, i) => fit?.Finish(notes)
            ?? new TextColumn(survey.Columns[inputs[i]].Name,
            TextVocabulary.Build(Texts(rows, inputs[i], training), new() { Length = TokensOfText })))];
        string[] tell = [.. _fits.OfType<ColumnFit>().Where(f => f.TellsTarget).Select(f => f.Name)];
        if (tell.Length > 0)
        {
            string target = survey.Columns[rows.Columns.Targets[0]].Name;
            string what = tell.Length == 1
                ? $"'{tell[0]}' says '{target}' outright in all training rows: if it isn't known when predictions are made, leave it out (drop it)"
                : $"{Wording.Names(tell)} each say '{target}' outright in all training rows: "
                    + "if they aren't known when predictions are made, leave them out (drop them)";
            context.Tell(new Warned($"{what}, or the figures mean nothing"));
        }
        Columns = new TableColumns(_encodings);
    }

    /// <summary>The encodings of the inputs.</summary>
    public TableColumns Columns { get; }

    /// <summary>A network for the table, by the number of its rows.</summary>
    public TabularNetOptions Network(int outputs, int rows, IReadOnlyList<int>? hidden, double? dropout)
    {
        int numbers = _encodings.Where(c => c.Kind == SlotKind.Number).Sum(c => c.Slots);
        // Many rows say the same with fewer; many numbers would make a wide layer.
        int bins = rows < FewestForBins ? 0 : Math.Clamp(BinsOfRow / Math.Max(1, _encodings.Count(c => c is NumberColumn)), 4, rows < 5_000
            || rows >= Many ? 16 : 48);
        List<IReadOnlyList<float>> edges = [];
        for (int i = 0; i < _encodings.Length && bins > 0; i++)
        {
            if (_encodings[i].Kind != SlotKind.Number) continue;
            edges.Add(_fits[i]!.Edges(_encodings[i], bins));
            while (edges.Count < _encodings.Take(i + 1).Where(c => c.Kind == SlotKind.Number).Sum(c => c.Slots)) edges.Add([]);
        }
        return new TabularNetOptions
        {
            Outputs = outputs,
            Numbers = numbers,
            Edges = edges,
            Categories = [.. _encodings.OfType<CategoryColumn>().Select(c => c.Size)],
            Texts = [.. _encodings.OfType<TextColumn>().Select(c => new TokenColumn(c.Vocabulary.Size, c.Slots))],
            Hidden = hidden ?? (rows < Many ? [128, 128] : [256, 256]),
            Dropout = dropout ?? (_isClasses && rows < 2_000 ? 0.3 : 0.1),
            Members = rows < 2_000 ? 16 : rows < Many ? 8 : rows < 1_000_000 ? 2 : 1,
        };
    }

    private static ColumnFit? FitOf(ColumnSurvey column, bool isClasses) => column.Kind().Kind switch
    {
        ColumnKind.Number => new NumberFit(column.Name, column.Mark, !isClasses),
        ColumnKind.Date => new DateFit(column.Name, column.Order),
        ColumnKind.Text => null,
        _ => new CategoryFit(column.Name),
    };

    private static IEnumerable<string> Texts(TableRows rows, int column, int[] training)
    {
        using RowReader from = rows.Source.Open();
        foreach (int index in training)
        {
            while (from.Read() && from.Row != rows.RowOf(index)) { }
            yield return from[column].ToString();
        }
    }
}
