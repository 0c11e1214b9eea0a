using System.Globalization;
using Lamina.Tasks.Rows;
using Lamina.Tensors;

namespace Lamina.Tasks.Tables;

/// <summary>
/// Houses that don't exist, for a first look at tables: each is drawn at random, and its price follows from area, place, age and condition, with
/// noise of some eight percent that no model can predict. Figures on them say nothing of real houses.
/// </summary>
internal static class Houses
{
    public const string Name = "built-in synthetic houses";

    private const int Count = 3_000;

    private static readonly (string Name, double Factor)[] s_districts = [("harbour", 1.5), ("old town", 1.35), ("hill", 1.2), ("station", 0.9),
        ("north", 0.8), ("fields", 0.7)];
    private static readonly (string Name, double Factor)[] s_conditions = [("new", 1.15), ("good", 1), ("worn", 0.85), ("to be renovated", 0.65)];

    /// <summary>The houses, always the same.</summary>
    public static RowSource Rows()
    {
        var random = new RandomStream(2026, 1);
        string[][] rows = [.. Enumerable.Range(0, Count).Select(_ => Draw(random))];
        return new MemoryRows(Name, ["area", "rooms", "built", "garden", "district", "condition", "garage", "km to centre", "sold", "price"], rows);
    }

    private static string[] Draw(RandomStream random)
    {
        double area = Math.Clamp(Math.Exp(4.7 + 0.4 * random.NextNormal()), 25, 450), kilometres = 20 * random.NextDouble() * random.NextDouble();
        int rooms = Math.Max(1, (int)Math.Round(area / (22 + 4 * random.NextNormal()))), built = 1900 + random.NextInt(125);
        bool hasGarden = random.NextDouble() < 0.6, hasGarage = random.NextDouble() < 0.5;
        double garden = hasGarden ? Math.Round(Math.Exp(5 + 0.8 * random.NextNormal())) : 0;
        (string district, double place) = s_districts[random.NextInt(s_districts.Length)];
        (string condition, double state) = s_conditions[Math.Min(random.NextInt(s_conditions.Length), random.NextInt(s_conditions.Length))];
        DateTime sold = new DateTime(2019, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddDays(random.NextInt(6 * 365));
        double age = (2025 - built) / 125.0, years = (sold - new DateTime(2019, 1, 1, 0, 0, 0, DateTimeKind.Utc)).TotalDays / 365.25;
        // Old houses are cheap, very old ones expensive again.
        double price = 3_000 * Math.Pow(area, 0.93) * place * state * (1 - 0.5 * age + 0.45 * age * age) * Math.Exp(-0.035 * kilometres + 0.04 * years)
            + 120 * garden * place + (hasGarage ? 15_000 : 0);
        price *= Math.Exp(0.08 * random.NextNormal());
        // Some cells are left empty, as in real tables.
        string Or(string text, double share) => random.NextDouble() < share ? "" : text;
        return
        [
            Text(Math.Round(area, 1)), Or(Text(rooms), 0.03), Or(Text(built), 0.05), Text(garden), district, Or(condition, 0.02), hasGarage ? "yes"
                : "no", Text(Math.Round(kilometres, 2)),
            sold.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), Text(Math.Round(price / 100) * 100),
        ];
    }

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}
