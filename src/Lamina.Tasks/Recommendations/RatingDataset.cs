using Lamina.Learning.Data;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Recommendations;

/// <summary>Which of a user's other ratings are known when one is predicted.</summary>
internal enum Known
{
    /// <summary>Those in the same part or an earlier one: training, validation, test.</summary>
    ByPart,
    /// <summary>Those made before, in whatever part.</summary>
    ByTime,
}

/// <summary>
/// Ratings to learn from or to measure on: a row of user, item and the user's known ratings (see
/// <see cref="Lamina.Learning.Ratings.UserRatings"/>), the nearest in time first; the rating less the mean; and what the biases of user and item
/// alone
/// would say, which is the baseline.
/// </summary>
/// <param name="facts">What all parts have in common.</param>
/// <param name="rows">The ratings of this part.</param>
/// <param name="part">The part, from 0 for training.</param>
internal sealed class RatingDataset(RatingFacts facts, int[] rows, byte part) : Dataset
{
    private const int UserPrior = 7;

    /// <inheritdoc/>
    public override int Count => rows.Length;

    /// <inheritdoc/>
    public override Specs Inputs { get; } = new Spec(DType.Float32, [2 + 2 * facts.Length]);

    /// <inheritdoc/>
    public override Specs Targets { get; } = [new(DType.Float32, [1]), new(DType.Float32, [1])];

    /// <inheritdoc/>
    public override void Read(in ReadCall call)
    {
        int slots = 2 + 2 * facts.Length;
        Span<float> inputs = call.Inputs<float>(), targets = call.Targets<float>(0), baseline = call.Targets<float>(1);
        for (int i = 0; i < call.Indices.Length; i++)
        {
            int rating = rows[call.Indices[i]];
            Span<float> row = inputs.Slice(i * slots, slots);
            targets[i] = facts.Table.Value[rating] - facts.Mean;
            double draw = Draw(rating, call.Seed, call.Epoch);
            // What was rated later says as much of a taste: half of the training examples have that too.
            baseline[i] = Fill(rating, row, part == 0 && draw < 0.5 ? Known.ByPart : facts.Known);
            if (part == 0 && facts.IsShownAsUnknown(rating, 2 * draw % 1)) row[1] = 0;
        }
    }

    // Returns what the baseline says.
    private float Fill(int rating, Span<float> row, Known known)
    {
        RatingTable table = facts.Table;
        row.Clear();
        int user = table.User[rating], start = table.Starts[user], end = table.Starts[user + 1];
        (row[0], row[1]) = (facts.UserNumbers[user], facts.ItemNumbers[table.Item[rating]]);
        int left = rating - 1, right = known == Known.ByTime ? end : rating + 1, count = 0;
        double above = 0;
        while (count < facts.Length && (left >= start || right < end))
        {
            int next = right >= end || left >= start && Distance(left, rating) <= Distance(rating, right) ? left-- : right++;
            int item = facts.ItemNumbers[table.Item[next]];
            if (item == 0 || !IsKnown(next, rating, known)) continue;
            float value = table.Value[next] - facts.Mean;
            row[2 + count] = item;
            row[2 + facts.Length + count++] = value;
            above += value - facts.ItemBias[table.Item[next]];
        }
        return (float)(facts.ItemBias[table.Item[rating]] + above / (count + UserPrior));
    }

    private bool IsKnown(int other, int rating, Known known) => known == Known.ByTime
        ? facts.Table.Time![other] < facts.Table.Time[rating]
        : facts.Part[other] == 0 || facts.Part[other] < part;

    // From 0 to below 1 by SplitMix64 (Steele, Lea and Flood, 2014).
    private static double Draw(int rating, long seed, int epoch)
    {
        ulong x = (ulong)seed * 0x9E3779B97F4A7C15 + (ulong)epoch * 0xBF58476D1CE4E5B9 + (ulong)rating * 0x94D049BB133111EB;
        x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9;
        x = (x ^ x >> 27) * 0x94D049BB133111EB;
        return ((x ^ x >> 31) >> 11) * (1.0 / (1UL << 53));
    }

    private double Distance(int earlier, int later) => facts.Table.Time is { } time ? time[later] - time[earlier] : later - earlier;
}

/// <summary>What the parts of a split have in common.</summary>
internal sealed class RatingFacts
{
    private const int ItemPrior = 3, UserPrior = 7, Rounds = 5;

    private readonly int[] _counts;

    /// <param name="table">All ratings.</param>
    /// <param name="part">The part of each rating, from 0 for training.</param>
    /// <param name="training">The training ratings.</param>
    /// <param name="known">Which of a user's ratings are known when one is predicted.</param>
    /// <param name="length">The most ratings of a user in a row.</param>
    public RatingFacts(RatingTable table, byte[] part, int[] training, Known known, int length)
    {
        (Table, Part, Known, Length) = (table, part, known, length);
        _counts = new int[table.Items.Count];
        double sum = 0;
        foreach (int i in training)
        {
            _counts[table.Item[i]]++;
            sum += table.Value[i];
        }
        Mean = (float)(sum / training.Length);
        ItemNumbers = new int[_counts.Length];
        int items = 0;
        for (int i = 0; i < _counts.Length; i++) ItemNumbers[i] = _counts[i] > 0 ? ++items : 0;
        KnownItems = items;
        UserNumbers = [.. Enumerable.Range(1, table.Users.Count)];
        ItemBias = Biases(training);
    }

    public RatingTable Table { get; }

    public byte[] Part { get; }

    public Known Known { get; }

    public int Length { get; }

    /// <summary>The mean of the training ratings.</summary>
    public float Mean { get; }

    /// <summary>The number of each item in rows, from 1; 0 where no training rating is of it.</summary>
    public int[] ItemNumbers { get; }

    /// <summary>The number of items that training ratings are of.</summary>
    public int KnownItems { get; }

    /// <summary>The number of each user in rows, from 1.</summary>
    public int[] UserNumbers { get; }

    /// <summary>How far each item is above the mean, shrunk.</summary>
    public float[] ItemBias { get; }

    /// <summary>
    /// Whether a training rating's item is shown as an unknown one in this epoch: about one rating of each item is, so that the network learns
    /// what items are like that nobody has rated yet.
    /// </summary>
    /// <param name="rating">The rating.</param>
    /// <param name="draw">A random number from 0 to below 1.</param>
    public bool IsShownAsUnknown(int rating, double draw) => draw * (1 + _counts[Table.Item[rating]]) < 1;

    // Users' and items' means above the other, in turns.
    private float[] Biases(int[] training)
    {
        float[] items = new float[Table.Items.Count], users = new float[Table.Users.Count];
        var userCounts = new int[users.Length];
        foreach (int i in training) userCounts[Table.User[i]]++;
        for (int round = 0; round < Rounds; round++)
        {
            Turn(items, _counts, Table.Item, users, Table.User, ItemPrior);
            Turn(users, userCounts, Table.User, items, Table.Item, UserPrior);
        }
        return items;

        void Turn(float[] biases, int[] counts, int[] of, float[] others, int[] ofOther, int prior)
        {
            var sums = new double[biases.Length];
            foreach (int i in training) sums[of[i]] += Table.Value[i] - Mean - others[ofOther[i]];
            for (int i = 0; i < sums.Length; i++) biases[i] = (float)(sums[i] / (counts[i] + prior));
        }
    }
}
