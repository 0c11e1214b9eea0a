using System.Globalization;
using Lamina.Tasks.Rows;
using Lamina.Tensors;

namespace Lamina.Tasks.Recommendations;

/// <summary>
/// Ratings of films that don't exist by people who don't, for trying out: films have some of five traits, people like or dislike each trait, are
/// more or
/// less generous, and rate the films that are well known more often. A rating has noise of half a star that no model can predict.
/// </summary>
internal static class TasteGroups
{
    public const string Name = "built-in synthetic ratings";

    private const int Users = 400, Items = 250, Count = 20_000, Traits = 5;
    private const double Noise = 0.5;

    private static readonly string[] s_first = ["Silent", "Last", "Red", "Broken", "Golden", "Lost", "Midnight", "Paper", "Winter", "Second"],
        s_second = ["Harbour", "Promise", "Machine", "Garden", "Witness", "Road", "Summer", "Signal", "Orchard", "Letter", "Crown", "Island",
            "Engine", "Mirror",
            "Season", "River", "Visitor", "Border", "Game", "Light", "Kitchen", "Planet", "Detective", "Choir", "Bridge"];

    /// <summary>The ratings, always the same.</summary>
    public static RowSource Rows()
    {
        var random = new RandomStream(2026, 3);
        double[][] films = [.. Enumerable.Range(0, Items).Select(_ => Draw(() => random.NextDouble() < 0.35 ? 1 : 0))];
        double[] quality = [.. Enumerable.Range(0, Items).Select(_ => 0.45 * random.NextNormal())];
        double[][] people = [.. Enumerable.Range(0, Users).Select(_ => Draw(() => 0.6 * random.NextNormal()))];
        double[] generous = [.. Enumerable.Range(0, Users).Select(_ => 0.4 * random.NextNormal())];
        var seen = new HashSet<(int, int)>();
        var rows = new List<IReadOnlyList<string>>();
        var start = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        while (rows.Count < Count)
        {
            // Few people rate many films, and few films are rated by many.
            int person = (int)(Users * Math.Pow(random.NextDouble(), 1.5)), film = (int)(Items * Math.Pow(random.NextDouble(), 1.7));
            if (!seen.Add((person, film))) continue;
            double taste = 3.4 + quality[film] + generous[person] + Noise * random.NextNormal();
            for (int t = 0; t < Traits; t++) taste += people[person][t] * films[film][t];
            string rating = Math.Clamp(Math.Round(taste * 2) / 2, 0.5, 5).ToString(CultureInfo.InvariantCulture);
            DateTime when = start.AddMinutes(rows.Count * 20 + random.NextInt(20));
            rows.Add([$"u{person + 1}", $"{s_first[film % s_first.Length]} {s_second[film / s_first.Length]}", rating,
                when.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)]);
        }
        return new MemoryRows(Name, ["user", "film", "rating", "time"], rows);

        double[] Draw(Func<double> value) => [.. Enumerable.Range(0, Traits).Select(_ => value())];
    }
}
