using System.Globalization;
using Lamina.Learning.Ratings;
using Lamina.Models;
using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Recommendations;

/// <summary>What can be done with a network of ratings: the best items for a user, and the items most like one.</summary>
internal static class RatingVerbs
{
    private const string Count = "count", Items = "items", RatedOption = "rated";
    private const int UsualCount = 10;

    private static readonly TaskOption s_count = new(Count, OptionKind.Whole, $"Number of items (default: {UsualCount}).") { Most = 100_000 },
        s_items = new(Items, OptionKind.Text,
            "A table that names the items: a column of the items' identifiers, and one of names.") { ValueName = "FILE" };

    private static readonly TaskOption s_rated = new(RatedOption, OptionKind.Text,
        "What somebody new has rated, in place of a user: ITEM=RATING, several with semicolons between them.") { ValueName = "ITEM=RATING;…" };

    /// <summary>The verbs.</summary>
    public static IReadOnlyList<TaskVerb> All { get; } =
    [
        new("recommend", "The items that users haven't rated yet and would rate highest, with the predicted ratings.", [s_count, s_items, s_rated],
            Recommend),
        new("similar", "The items that are most like an item: liked by the same users.", [s_count, s_items], Similar),
    ];

    private static IEnumerable<string> Recommend(TaskModel model, IReadOnlyList<string> users, IReadOnlyDictionary<string, object> values,
        TaskContext context)
    {
        UserRatings ratings = RecommendTask.RatingsOf(model);
        ItemNames names = ItemNames.Of(values, ratings);
        (int[] counts, double[] means) = ratings.OfItems();
        (int Item, float Rating)[]? given = values.TryGetValue(RatedOption, out object? typed) ? GivenIn((string)typed, names) : null;
        if (users.Count == 0 && given is null) throw new TaskException("recommend needs a user to recommend to",
            $"the name of a user, as it stands in the data, or --{RatedOption} with what somebody new has rated");
        IEnumerable<string> known = users.SelectMany(user =>
        {
            context.Cancel.ThrowIfCancellationRequested();
            int number = ratings.UserOf(user.Trim());
            string near = number == 0 && NearName.Find(user, ratings.Users) is { } other ? $"; did you mean {other}?" : "";
            string head = number == 0 ? $"{user}: unknown user{near}; what everybody likes"
                : $"{user}: {Rated(ratings.RatedBy(number).Length)}, {Text(ratings.RatingsBy(number).DefaultIfEmpty(float.NaN).Average())} on the average";
            return Best(head, [.. ratings.RatedBy(number)], open => RatingPredictor.Rate(model, ratings, [.. open.Select(i => (number, i))]));
        });
        return given is null ? known : known.Concat(Best($"somebody new with {Rated(given.Length)}", [.. given.Select(g => g.Item)],
            open => RatingPredictor.Rate(model, ratings.Slots, open.Length, (i, row) => ratings.Encode(given, open[i], row))));

        IEnumerable<string> Best(string head, HashSet<int> seen, Func<int[], float[]> predict)
        {
            int[] open = [.. Enumerable.Range(1, ratings.Items.Count).Where(i => !seen.Contains(i))];
            if (open.Length == 0) return [head, "  every item has been rated"];
            float[] predicted = predict(open);
            return Enumerable.Range(0, open.Length).OrderByDescending(i => predicted[i]).ThenByDescending(i => counts[open[i] - 1])
                .Take(Wanted(values))
                .Select((i, place) =>
                $"{place + 1,3}. {Text(predicted[i])}  {names.Of(open[i])}  ({Rated(counts[open[i] - 1])}, {Text(means[open[i] - 1])} on the average)")
                .Prepend(head);
        }
    }

    private static (int, float)[] GivenIn(string text, ItemNames names) =>
        [.. text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.LastIndexOf('=') is > 0 and int at
            && float.TryParse(pair.AsSpan(at + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out float rating) && float.IsFinite(rating)
            ? (names.Find(pair[..at].Trim()), rating) : throw new TaskException($"--{RatedOption} {pair}: expected ITEM=RATING", "50=5;181=4"))];

    private static IEnumerable<string> Similar(TaskModel model, IReadOnlyList<string> items, IReadOnlyDictionary<string, object> values,
        TaskContext context)
    {
        if (items.Count == 0) throw new TaskException("similar needs an item to compare with", "the name of an item, as it stands in the data");
        UserRatings ratings = RecommendTask.RatingsOf(model);
        ItemNames names = ItemNames.Of(values, ratings);
        (int[] counts, _) = ratings.OfItems();
        // What is unknown is refused here, not when the first line is asked for.
        int[] numbers = [.. items.Select(item => names.Find(item.Trim()))];
        float[] vectors = ((MatrixFactorization)model.Network).Item.Weight.Value.ToArray<float>();
        int width = vectors.Length / (ratings.Items.Count + 1);
        return numbers.SelectMany(number =>
        {
            context.Cancel.ThrowIfCancellationRequested();
            double[] cosines = [.. Enumerable.Range(0, ratings.Items.Count + 1).Select(i => Cosine(vectors, number, i, width))];
            return Enumerable.Range(1, ratings.Items.Count).Where(i => i != number).OrderByDescending(i => cosines[i]).Take(Wanted(values))
                .Select((i, place) => $"{place + 1,3}. {Text(cosines[i])}  {names.Of(i)}  ({Rated(counts[i - 1])})")
                .Prepend($"{names.Of(number)} ({Rated(counts[number - 1])}): most alike, by the cosine of what was learned");
        });
    }

    private static double Cosine(float[] vectors, int a, int b, int width)
    {
        ReadOnlySpan<float> x = vectors.AsSpan(a * width, width), y = vectors.AsSpan(b * width, width);
        float cosine = System.Numerics.Tensors.TensorPrimitives.CosineSimilarity(x, y);
        return float.IsFinite(cosine) ? cosine : 0;
    }

    private static int Wanted(IReadOnlyDictionary<string, object> values) =>
        values.TryGetValue(Count, out object? count) ? checked((int)(long)count) : UsualCount;

    private static string Rated(int count) => count == 1 ? "1 rating" : string.Create(CultureInfo.InvariantCulture, $"{count:N0} ratings");

    private static string Text(double value) => value.ToString("F2", CultureInfo.InvariantCulture);
}
