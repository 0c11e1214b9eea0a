using Lamina.Learning.Columns;
using Lamina.Tasks.Rows;
using Lamina.Tasks.Spine;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Tables;

/// <summary>Predicts the rows of tables in constant memory.</summary>
internal static class TablePredictor
{
    private const int AtOnce = 1024;

    public static PredictionList Predict(TaskModel model, TableLayout layout, PredictInput input, int top, TaskContext context)
    {
        List<RowSource> sources = [.. input.Files.Select(file => LikeTraining.Open(file, layout, TableTask.OptionsOf(model.Run)))];
        List<int[]> columns = sources.ConvertAll(source => ColumnMap.Of(source, layout)); // refused before anything is predicted
        if (input.Values.Count > 0)
        {
            sources.Add(Given(layout, input.Values));
            columns.Add([.. Enumerable.Range(0, layout.Names.Count)]);
        }
        return new(null, "row", sources.SelectMany((source, i) => Rows(model, layout, source, columns[i], top, context)));
    }

    // One row of values that were given; columns that weren't are missing.
    private static MemoryRows Given(TableLayout layout, IReadOnlyList<KeyValuePair<string, string>> values)
    {
        const string Name = "the values that were given";
        var named = new MemoryRows(Name, layout.Names, []);
        var cells = new string?[layout.Names.Count];
        foreach ((string name, string value) in values)
        {
            if (layout.Targets.Contains(name) && !layout.Names.Contains(name)) throw new DataException(Name,
                $"hold '{name}', which is what is predicted", "the columns to predict it from");
            int column = TableSurvey.ColumnOf(named, name);
            if (cells[column] is not null) throw new DataException(Name, $"hold '{layout.Names[column]}' twice", "one value for each column");
            cells[column] = value;
        }
        return new(Name, layout.Names, [[.. cells.Select(cell => cell ?? "")]]);
    }

    // The next rows are read and encoded while the network is at work on those before.
    private static IEnumerable<Prediction> Rows(TaskModel model, TableLayout layout, RowSource source, int[] columns, int top, TaskContext context)
    {
        using RowReader from = source.Open();
        Block now = new(layout.Columns.Slots), next = new(layout.Columns.Slots);
        Task reading = Task.Run(() => next.Fill(layout, from, columns));
        try
        {
            while (true)
            {
                reading.GetAwaiter().GetResult();
                context.Cancel.ThrowIfCancellationRequested();
                (now, next) = (next, now);
                if (now.Count == 0) yield break;
                Block filled = next;
                reading = Task.Run(() => filled.Fill(layout, from, columns));
                float[] answers = Answers(model, now.Values, now.Count);
                int each = answers.Length / now.Count;
                for (int i = 0; i < now.Count; i++) yield return One(model, source.Name, now.Rows[i], now.Unknown[i], answers.AsSpan(i * each, each), top);
            }
        }
        finally
        {
            reading.ContinueWith(static _ => { }, TaskScheduler.Default).Wait(); // the reader is closed after it
        }
    }

    /// <summary>Some rows as numbers.</summary>
    private sealed class Block(int slots)
    {
        private readonly float[] _values = new float[AtOnce * slots];

        public int Count { get; private set; }

        public long[] Rows { get; } = new long[AtOnce];

        /// <summary>What a row has that training hadn't; null for nothing.</summary>
        public string?[] Unknown { get; } = new string?[AtOnce];

        public ReadOnlySpan<float> Values => _values.AsSpan(0, Count * slots);

        public void Fill(TableLayout layout, RowReader from, int[] columns)
        {
            Count = 0;
            while (Count < AtOnce && from.Read())
            {
                Encode(layout, from, columns, _values.AsSpan(Count * slots, slots), out Unknown[Count]);
                Rows[Count++] = from.Row;
            }
        }
    }

    private static void Encode(TableLayout layout, RowReader from, int[] columns, Span<float> row, out string? unknown)
    {
        unknown = null;
        for (int i = 0; i < columns.Length; i++)
        {
            if (layout.Columns.Encode(i, from[columns[i]], row)) continue;
            ColumnEncoding column = layout.Columns.Columns[i];
            unknown = $"{(unknown is null ? "" : unknown + ", ")}{column.Name}: '{ColumnSurvey.Shown(from[columns[i]].ToString())}' is {(column is CategoryColumn ? "a new category" : column is DateColumn ? "no date" : "no number")}";
        }
    }

    private static float[] Answers(TaskModel model, ReadOnlySpan<float> rows, int count)
    {
        float[] answers = model.Predictor.Predict(Tensor.From(rows, new Shape(count, rows.Length / count))).ToArray<float>();
        WeightCheck.RequireFinite(answers);
        return answers;
    }

    private static Prediction One(TaskModel model, string source, long row, string? unknown, ReadOnlySpan<float> answer, int top)
    {
        if (model.Run.Output is not ClassOutput classes)
        {
            IReadOnlyList<NumberOutput> numbers = TableTask.Numbers(model.Run.Output);
            var values = new KeyValuePair<string, double>[numbers.Count];
            for (int i = 0; i < values.Length; i++) values[i] = KeyValuePair.Create(numbers[i].Name, (double)answer[i]);
            return new(source, [], null) { Row = (int)row, Numbers = values, Note = unknown, Intervals = Intervals(numbers, answer) };
        }
        var all = new ClassProbability[answer.Length];
        for (int i = 0; i < all.Length; i++) all[i] = new(classes.Names[i], answer[i]);
        if (classes.Decision is { } decision)
        {
            // What the threshold says comes first, however improbable.
            int said = all[decision.Positive].Probability >= decision.Threshold ? decision.Positive : 1 - decision.Positive;
            all = [all[said], all[1 - said]];
        }
        else Array.Sort(all, static (a, b) => b.Probability.CompareTo(a.Probability));
        return new(source, all.Length <= top ? all : all[..top], null) { Row = (int)row, Note = unknown };
    }

    private static IReadOnlyList<KeyValuePair<string, Interval>> Intervals(IReadOnlyList<NumberOutput> numbers, ReadOnlySpan<float> answer)
    {
        var intervals = new List<KeyValuePair<string, Interval>>();
        for (int i = 0; i < numbers.Count; i++)
            if (numbers[i].Interval is { } half) intervals.Add(KeyValuePair.Create(numbers[i].Name, new Interval(answer[i] - half, answer[i] + half)));
        return intervals;
    }
}
