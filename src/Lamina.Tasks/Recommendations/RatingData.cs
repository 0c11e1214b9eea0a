using Lamina.Learning.Data;
using Lamina.Learning.Ratings;
using Lamina.Tasks.Rows;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Recommendations;

/// <summary>The ratings of a job, split.</summary>
internal sealed class RatingData
{
    /// <summary>The most ratings of a user that are looked at for one prediction.</summary>
    public const int MostLength = 100;

    // Texts of run.json and of the model's description.
    private const int MostNames = 5_000_000, MostPacked = 1_500_000, MostLevels = 256;

    private readonly RatingFacts _facts;
    private readonly SplitParts _parts;

    private RatingData(RatingFacts facts, SplitParts parts, RatingColumns? columns) => (_facts, _parts, Columns) = (facts, parts, columns);

    /// <summary>The columns; null for built-in data.</summary>
    public RatingColumns? Columns { get; }

    /// <summary>All ratings.</summary>
    public RatingTable Table => _facts.Table;

    /// <summary>The mean of the training ratings.</summary>
    public float Mean => _facts.Mean;

    /// <summary>The number of items that training ratings are of.</summary>
    public int Items => _facts.KnownItems;

    /// <summary>The most ratings of a user in a row.</summary>
    public int Length => _facts.Length;

    /// <summary>Number of training ratings.</summary>
    public int Count => _parts.Training.Length;

    /// <summary>The ends of the scale: the least and the greatest training rating.</summary>
    public (float Least, float Most) Scale => (_parts.Training.Min(i => Table.Value[i]), _parts.Training.Max(i => Table.Value[i]));

    /// <summary>Reads and splits.</summary>
    /// <param name="source">The data; null: built-in ratings.</param>
    /// <param name="columns">Chooses the columns of a table.</param>
    /// <param name="scale">The scale where a person gave it.</param>
    /// <param name="rule">How it is split.</param>
    /// <param name="seed">Random seed of the split.</param>
    /// <param name="context">Is told how far it is, and stops.</param>
    /// <exception cref="DataException">The data can't be used.</exception>
    public static RatingData Open(DataSource? source, Func<RowSource, RatingColumns> columns, (double, double)? scale, SplitRule rule, long seed,
        TaskContext context)
    {
        RowSource rows = source is null ? TasteGroups.Rows() : RatingRows.Open(source.Path);
        RatingColumns chosen = columns(rows);
        var notes = new List<string>();
        var buffer = new RatingBuffer();
        void Check(long read)
        {
            context.Cancel.ThrowIfCancellationRequested();
            context.Tell(new Preparing("reading ratings", (int)Math.Min(read, int.MaxValue), 0));
        }
        buffer.Add(rows, chosen, RatingFile.Main, notes, Check);
        if (source?.Validation is { } validation) buffer.Add(RatingRows.Open(validation), chosen, RatingFile.Validation, notes, Check);
        if (source?.Test is { } test) buffer.Add(RatingRows.Open(test), chosen, RatingFile.Test, notes, Check);
        buffer.KeepOnScale(scale, rows.Name, notes);
        var table = new RatingTable(rows.Name, notes);
        table.Take(buffer);
        RequireVariety(table);
        SplitParts parts = Split(table, chosen, rule, seed, notes);
        var part = new byte[table.Count];
        foreach (int i in parts.Validation) part[i] = 1;
        foreach (int i in parts.Test) part[i] = 2;
        int longest = Enumerable.Range(0, table.Users.Count).Max(u => table.Starts[u + 1] - table.Starts[u]);
        var facts = new RatingFacts(table, part, parts.Training, rule.Time is null ? Known.ByPart : Known.ByTime, Math.Clamp(longest, 1, MostLength));
        Tell(facts, parts, notes);
        return new(facts, parts, source is null ? null : chosen);
    }

    /// <summary>What a pair of user and item needs to become a row: all ratings of the data, as many as there is room for.</summary>
    public UserRatings Preprocessing()
    {
        RatingTable table = Table;
        string[] items = [.. table.Items.Where((_, i) => _facts.ItemNumbers[i] > 0)];
        int users = UsersWithNames(items.Sum(n => n.Length + 3));
        float[] levels = Levels();
        int each = RatingsEach(users);
        string packed = UserRatings.Pack(users, u => Enumerable.Range(Math.Max(table.Starts[u], table.Starts[u + 1] - each),
            Math.Min(each, table.Starts[u + 1] - table.Starts[u]))
            .Where(i => _facts.ItemNumbers[table.Item[i]] > 0)
            .Select(i => (_facts.ItemNumbers[table.Item[i]], LevelOf(levels, table.Value[i]))));
        return new(table.Users[..users], items, levels, packed, Length, Mean);
    }

    /// <summary>The sets.</summary>
    public TaskData Assemble(IReadOnlyList<Fact> facts)
    {
        Dataset Part(int[] rows, byte part) => new SampledDataset(new RatingDataset(_facts, rows, part), i => Show(rows[i]));
        return new(Part(_parts.Training, 0), Part(_parts.Validation, 1), Part(_parts.Test, 2), Table.Source, Table.Hash, "a user and an item",
            Table.Notes)
        {
            Facts = facts,
        };
    }

    private RowSample Show(int rating) => new(Table.Place(rating), [KeyValuePair.Create("user", Table.Users[Table.User[rating]]),
        KeyValuePair.Create("item", Table.Items[Table.Item[rating]]),
        KeyValuePair.Create("ratings of the user", (Table.Starts[Table.User[rating] + 1] - Table.Starts[Table.User[rating]])
            .ToString(System.Globalization.CultureInfo.InvariantCulture))]);

    private static void RequireVariety(RatingTable table)
    {
        if (table.Users.Count < 2) throw new DataException(table.Source,
            $"has ratings of one user alone, '{table.Users.FirstOrDefault()}': tastes are learned from others'",
            "ratings of several users, or the task tables");
        if (table.Items.Count < 2) throw new DataException(table.Source,
            $"has ratings of one item alone, '{table.Items.FirstOrDefault()}': there is nothing to choose from",
            "ratings of several items");
        if (table.Value.AsSpan().IndexOfAnyExcept(table.Value[0]) < 0)
            throw new DataException(table.Source, $"has the same rating in every row, {table.Value[0]}: there is nothing to learn",
                "ratings that differ");
    }

    private static SplitParts Split(RatingTable table, RatingColumns columns, SplitRule rule, long seed, List<string> notes)
    {
        int[] main = [.. Enumerable.Range(0, table.Count).Where(i => table.File[i] == RatingFile.Main)];
        if (main.Length == 0) throw new DataException(table.Source, "has no rating that isn't in the test or validation file too",
            "other ratings to train on");
        int[]? groups = rule.Group is null ? null : rule.Group == columns.User ? table.User : rule.Group == columns.Item ? table.Item
            : throw new TaskException($"ratings can be kept together by user or by item, not by '{rule.Group}'", $"--group {columns.User}");
        bool hasValidation = table.File.Contains(RatingFile.Validation), hasTest = table.File.Contains(RatingFile.Test);
        var data = new SplitData(main.Length, "rating", [])
        {
            Hashes = [.. main.Select((_, i) => (ulong)i)], GroupHashes = groups is null ? null : [.. main.Select(i => (ulong)groups[i])],
            Times = rule.Time is null ? null : [.. main.Select(i => table.Time![i])],
        };
        SplitParts parts = DataSplit.Of(data, rule, seed, hasValidation, hasTest, notes);
        if (!hasTest && rule.Folds is null)
        {
            if (parts.Test.Length == 0) throw new DataException(table.Source,
                $"has {Wording.Count(main.Length, "rating")}, too few to keep some for the test", "more ratings, or a test file of its own");
            notes.Add($"{parts.Test.Length:N0} of {main.Length:N0} ratings are kept for the test");
        }
        int[] Of(int[] own, RatingFile file) => [.. own.Select(i => main[i]),
            .. Enumerable.Range(0, file == RatingFile.Main ? 0 : table.Count).Where(i => table.File[i] == file)];
        return new(Of(parts.Training, RatingFile.Main), Of(parts.Validation, RatingFile.Validation), Of(parts.Test, RatingFile.Test));
    }

    private static void Tell(RatingFacts facts, SplitParts parts, List<string> notes)
    {
        RatingTable table = facts.Table;
        if (facts.Known == Known.ByTime)
            notes.Add("each rating is predicted from what was known before it: the network from the training part, the user's own ratings from any earlier time");
        int newItems = parts.Test.Count(i => facts.ItemNumbers[table.Item[i]] == 0);
        if (newItems > 0) notes.Add($"{newItems:N0} of {parts.Test.Length:N0} test ratings are of items that no training rating is of");
        var trained = new bool[table.Users.Count];
        foreach (int i in parts.Training) trained[table.User[i]] = true;
        int newUsers = parts.Test.Count(i => !trained[table.User[i]]);
        if (newUsers > 0) notes.Add($"{newUsers:N0} of {parts.Test.Length:N0} test ratings are of users that no training rating is of");
        if (table.Count == table.Users.Count) notes.Add("every user has one rating alone, which says nothing of a taste: predictions are the items' means");
    }

    // The users whose names there is room for, those that came first.
    private int UsersWithNames(int used)
    {
        int users = 0;
        foreach (string name in Table.Users)
        {
            used += name.Length + 3;
            if (used > MostNames) break;
            users++;
        }
        if (users < Table.Users.Count)
            Table.Notes.Add($"the run keeps the names of {users:N0} of {Table.Users.Count:N0} users: the others are predicted as unknown ones");
        return users;
    }

    private int RatingsEach(int users)
    {
        long Kept(int most) => Enumerable.Range(0, users).Sum(u => (long)Math.Min(most, Table.Starts[u + 1] - Table.Starts[u]));
        int each = Enumerable.Range(0, users).Select(u => Table.Starts[u + 1] - Table.Starts[u]).DefaultIfEmpty(1).Max();
        if (Kept(each) <= MostPacked) return each;
        for (; each > 1 && Kept(each) > MostPacked; each = each * 7 / 8)
        {
        }
        Table.Notes.Add($"the run keeps the {each:N0} latest ratings of each user: items that were rated before may be recommended again");
        return each;
    }

    // The values that occur; of very many 256 that are evenly spread.
    private float[] Levels()
    {
        float[] values = [.. Table.Value.Distinct().Take(MostLevels + 1).Order()];
        if (values.Length <= MostLevels) return values;
        float least = Table.Value.Min(), most = Table.Value.Max();
        return [.. Enumerable.Range(0, MostLevels).Select(i => least + (most - least) * i / (MostLevels - 1))];
    }

    private static byte LevelOf(float[] levels, float value)
    {
        int at = Array.BinarySearch(levels, value);
        if (at >= 0) return (byte)at;
        at = Math.Clamp(~at, 1, levels.Length - 1);
        return (byte)(value - levels[at - 1] <= levels[at] - value ? at - 1 : at);
    }
}
