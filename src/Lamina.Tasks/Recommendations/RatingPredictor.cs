using System.Globalization;
using Lamina.Learning.Columns;
using Lamina.Learning.Data;
using Lamina.Learning.Ratings;
using Lamina.Tasks.Rows;
using Lamina.Tasks.Spine;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Recommendations;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>Ratings of pairs of users and items in tables, and of one pair that is given.</summary>
/// <param name="ratings">What users have rated.</param>
/// <param name="columns">The columns of the run's data; null: built-in data.</param>
internal sealed class RatingPredictor(UserRatings ratings, RatingColumns? columns)
{
    private const int AtOnce = 512;

    /// <summary>The predictions in the order of the inputs; a group of them is held in memory.</summary>
    /// <exception cref="DataException">An input can't be used at all.</exception>
    public PredictionList Predict(TaskModel model, PredictInput input, CancellationToken cancel)
    {
        var sources = new List<IEnumerable<Pair>>();
        if (input.Values.Count > 0) sources.Add([Given(input.Values)]);
        // What can't be used is refused here, not when the first prediction is asked for.
        foreach (string file in input.Files)
        {
            RowSource rows = RatingRows.Open(file);
            (int user, int item) = (Place(rows, columns?.User, RecommendTask.User, 0), Place(rows, columns?.Item, RecommendTask.Item, 1));
            sources.Add(Pairs(rows, user, item));
        }
        return new(null, "pair", sources.SelectMany(s => s).Chunk(AtOnce).SelectMany(part =>
        {
            cancel.ThrowIfCancellationRequested();
            return Answer(model, part);
        }));
    }

    /// <summary>Ratings of other data, to measure the run's network on.</summary>
    /// <exception cref="DataException">They can't be used.</exception>
    public Dataset ReadTest(string path, TaskContext context)
    {
        RowSource rows = RatingRows.Open(path);
        RatingColumns chosen = columns is null ? RatingColumns.Of(rows, null, null, null, null)
            : columns with { User = rows.Columns[Place(rows, columns.User, RecommendTask.User, 0)],
                Item = rows.Columns[Place(rows, columns.Item, RecommendTask.Item, 1)], Time = null };
        List<string> notes = [];
        var buffer = new RatingBuffer();
        buffer.Add(rows, chosen, RatingFile.Test, notes, _ => context.Cancel.ThrowIfCancellationRequested());
        int[] users = [.. buffer.Users.Names.Select(n => ratings.UserOf(n))], items = [.. buffer.Items.Names.Select(n => ratings.ItemOf(n))];
        (int newUsers, int newItems) = (users.Count(u => u == 0), items.Count(i => i == 0));
        if (newUsers > 0) notes.Add($"{newUsers:N0} of {users.Length:N0} users have no ratings in the run: their ratings are predicted from the items alone");
        if (newItems > 0) notes.Add($"{newItems:N0} of {items.Length:N0} items have no ratings in the run");
        int seen = Enumerable.Range(0, buffer.Count).Count(i => ratings.RatedBy(users[buffer.User[i]]).Contains(items[buffer.Item[i]]));
        if (seen > 0) notes.Add($"{seen:N0} of {buffer.Count:N0} ratings are in the run's data too: the result looks better than it is");
        context.Tell(new TestReady(path, "all of it", buffer.Count, "rating", "a user and an item", notes));
        return new SampledDataset(new PairDataset(ratings, buffer, users, items), i => new RowSample($"row {buffer.Row[i]}",
            [KeyValuePair.Create("user", buffer.Users.Names[buffer.User[i]]), KeyValuePair.Create("item", buffer.Items.Names[buffer.Item[i]])]));
    }

    private Pair Given(IReadOnlyList<KeyValuePair<string, string>> values)
    {
        string? Value(string? column, string name) => values.Where(v => v.Key == column || v.Key.Equals(name, StringComparison.OrdinalIgnoreCase))
            .Select(v => v.Value).LastOrDefault();
        return Value(columns?.User, RecommendTask.User) is { } user && Value(columns?.Item, RecommendTask.Item) is { } item
            ? new("-", null, user, item)
            : throw new TaskException("a rating is predicted for a user and an item",
                $"--set {columns?.User ?? RecommendTask.User}=… --set {columns?.Item ?? RecommendTask.Item}=…");
    }

    // By the run's name, or by what it is; a table without a header by the place that it has in most.
    private static int Place(RowSource rows, string? column, string kind, int otherwise)
    {
        if (column is not null && (rows.HasHeader || column.All(char.IsAsciiDigit))
            && rows.Columns.Contains(column)) return RatingColumns.TableColumn(rows, column);
        for (int i = 0; i < rows.Columns.Count; i++)
            if (rows.Columns[i].Equals(kind, StringComparison.OrdinalIgnoreCase)) return i;
        return rows.Columns.Count == 2 || !rows.HasHeader && rows.Columns.Count > otherwise ? otherwise
            : RatingColumns.TableColumn(rows, column ?? kind);
    }

    private static IEnumerable<Pair> Pairs(RowSource rows, int user, int item)
    {
        using RowReader reader = rows.Open();
        while (reader.Read()) yield return new(rows.Name, (int)Math.Min(reader.Row, int.MaxValue), reader[user].ToString(), reader[item].ToString());
    }

    private IEnumerable<Prediction> Answer(TaskModel model, Pair[] part)
    {
        string?[] problems = [.. part.Select(p => Cell.IsMissing(p.User) ? "it has no user" : Cell.IsMissing(p.Item) ? "it has no item" : null)];
        (int User, int Item)[] numbers = [.. part.Select(p => (ratings.UserOf(p.User), ratings.ItemOf(p.Item)))];
        float[] answers = Rate(model, ratings, numbers);
        for (int i = 0; i < part.Length; i++)
        {
            (string source, int? row, string user, string item) = part[i];
            string name = row is null ? $"{IdText.Of(user)}, {IdText.Of(item)}" : source;
            if (problems[i] is { } problem)
            {
                yield return new(name, [], problem) { Row = row };
                continue;
            }
            string? note = numbers[i] switch
            {
                (0, 0) => "the user and the item are unknown",
                (0, _) => "the user is unknown: what others say of the item",
                (_, 0) => "the item is unknown: what the user gives on the average",
                _ => null,
            };
            var intervals = new List<KeyValuePair<string, Interval>>();
            NumberOutput output = (NumberOutput)model.Run.Output;
            if (output.Interval is { } half)
                intervals.Add(KeyValuePair.Create(output.Name, new Interval(Math.Max(answers[i] - half, output.Least!.Value),
                    Math.Min(answers[i] + half, output.Most!.Value))));
            yield return new(name, [], null) { Row = row, Numbers = [KeyValuePair.Create(output.Name, (double)answers[i])], Intervals = intervals,
                Note = note };
        }
    }

    /// <summary>The ratings of pairs, in the unit of ratings.</summary>
    /// <param name="model">The network.</param>
    /// <param name="ratings">What users have rated.</param>
    /// <param name="pairs">Numbers of users and items.</param>
    public static float[] Rate(TaskModel model, UserRatings ratings, IReadOnlyList<(int User, int Item)> pairs) =>
        Rate(model, ratings.Slots, pairs.Count, (i, row) => ratings.Encode(pairs[i].User, pairs[i].Item, row));

    /// <summary>The ratings of rows, in the unit of ratings.</summary>
    /// <param name="model">The network.</param>
    /// <param name="slots">How many numbers a row has.</param>
    /// <param name="count">How many rows there are.</param>
    /// <param name="write">Writes a row.</param>
    public static float[] Rate(TaskModel model, int slots, int count, Action<int, Span<float>> write)
    {
        var all = new float[count];
        for (int first = 0; first < count; first += AtOnce)
        {
            int some = Math.Min(AtOnce, count - first);
            Tensor rows = Tensor.Create<float>(new Shape(some, slots), values =>
            {
                for (int i = 0; i < some; i++) write(first + i, values.Slice(i * slots, slots));
            });
            model.Predictor.Predict(rows).Read<float>().CopyTo(all.AsSpan(first));
        }
        WeightCheck.RequireFinite(all);
        return all;
    }

    private readonly record struct Pair(string Source, int? Row, string User, string Item);

    /// <summary>Ratings of other data; what is known of their users is in the run.</summary>
    private sealed class PairDataset(UserRatings ratings, RatingBuffer buffer, int[] users, int[] items) : Dataset
    {
        private const int UserPrior = 7, ItemPrior = 3;

        private readonly float[] _biases = Biases(ratings);

        public override int Count => buffer.Count;

        public override Specs Inputs { get; } = new Spec(DType.Float32, [ratings.Slots]);

        public override Specs Targets { get; } = [new(DType.Float32, [1]), new(DType.Float32, [1])];

        public override void Read(in ReadCall call)
        {
            Span<float> inputs = call.Inputs<float>(), targets = call.Targets<float>(0), baseline = call.Targets<float>(1);
            for (int i = 0; i < call.Indices.Length; i++)
            {
                int index = call.Indices[i], user = users[buffer.User[index]], item = items[buffer.Item[index]];
                Span<float> row = inputs.Slice(i * ratings.Slots, ratings.Slots);
                ratings.Encode(user, item, row);
                targets[i] = buffer.Value[index] - ratings.Mean;
                double above = 0;
                int count = 0;
                for (; count < ratings.Length && row[2 + count] > 0; count++) above += row[2 + ratings.Length + count] - _biases[(int)row[2 + count]];
                baseline[i] = (float)(_biases[item] + above / (count + UserPrior));
            }
        }

        private static float[] Biases(UserRatings ratings)
        {
            (int[] counts, double[] means) = ratings.OfItems();
            return [0, .. counts.Select((n, i) => n == 0 ? 0 : (float)(n * (means[i] - ratings.Mean) / (n + ItemPrior)))];
        }
    }
}
