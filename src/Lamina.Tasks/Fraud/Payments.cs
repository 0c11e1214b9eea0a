using System.Globalization;
using Lamina.Tasks.Rows;
using Lamina.Tensors;

namespace Lamina.Tasks.Fraud;

/// <summary>
/// Card payments that never were, for a first look: one in a hundred is a fraud of one of four kinds. Each kind is a combination of things that are
/// innocent one by one (a large amount by night, tiny amounts in quick succession online, a distant withdrawal, gift cards on a new card), so that
/// a sum of evidence finds only a part. Figures on them say nothing of real payments.
/// </summary>
internal static class Payments
{
    public const string Name = "built-in synthetic payments";

    private const int Count = 40_000;
    private const double FraudShare = 0.01;

    private static readonly string[] s_shops = ["groceries", "fuel", "restaurant", "online", "electronics", "clothing", "transport", "travel",
        "cash", "gift cards"];
    private static readonly double[] s_shares = [0.26, 0.09, 0.14, 0.14, 0.06, 0.09, 0.1, 0.04, 0.06, 0.02];
    private static readonly string[] s_abroad = ["FR", "ES", "IT", "GB", "US", "NL", "PL", "TR"];

    /// <summary>The payments, always the same.</summary>
    public static RowSource Rows()
    {
        var random = new RandomStream(2026, 7);
        string[][] rows = [.. Enumerable.Range(0, Count).Select(_ => Draw(random).Cells(random))];
        return new MemoryRows(Name, ["amount", "hour", "merchant", "country", "distance_km", "card_age_days", "payments_last_hour", "new_device",
            "balance", "is_fraud"], rows);
    }

    private sealed record Payment(double Amount, int Hour, string Shop, bool IsAbroad, double Kilometres, double CardDays, int LastHour,
        bool IsNewDevice, bool IsFraud)
    {
        public string[] Cells(RandomStream random) =>
        [
            Text(Math.Round(Amount, 2)), Text(Hour), Shop, IsAbroad ? s_abroad[random.NextInt(s_abroad.Length)] : "DE",
                Text(Math.Round(Kilometres, 1)),
            Text(Math.Ceiling(CardDays)), Text(LastHour), random.NextDouble() < 0.03 ? "" : IsNewDevice ? "yes" : "no",
            Text(Math.Round(Math.Exp(7 + 0.9 * random.NextNormal()))), IsFraud ? "yes" : "no",
        ];
    }

    private static Payment Draw(RandomStream random)
    {
        bool isFraud = random.NextDouble() < FraudShare;
        double kind = random.NextDouble();
        Payment usual = Usual(random);
        // An innocent habit that a fraud shares one half of, as often as not; or a fraud.
        if (!isFraud) return kind switch
        {
            < 0.06 => usual with { Hour = Night(random), Amount = Amount(random, 2.3) },
            < 0.12 => usual with { Amount = Amount(random, 5.6), Hour = Day(random) },
            < 0.16 => usual with { Kilometres = Far(random), IsAbroad = true, Shop = random.NextDouble() < 0.6 ? "travel" : "restaurant" },
            < 0.20 => usual with { LastHour = 3 + random.NextInt(6), Amount = Amount(random, 1.2), Shop = random.NextDouble() < 0.7 ? "transport"
                : "restaurant" },
            < 0.23 => usual with { Shop = "gift cards", Amount = Amount(random, 4), CardDays = 200 + 2_000 * random.NextDouble() },
            < 0.28 => usual with { CardDays = 60 * random.NextDouble() + 1, IsNewDevice = random.NextDouble() < 0.5 },
            _ => usual,
        };
        return (kind switch
        {
            < 0.3 => usual with { Hour = Night(random), Amount = Amount(random, 5.6), Shop = random.NextDouble() < 0.5 ? "electronics"
                : usual.Shop },
            < 0.6 => usual with { LastHour = 3 + random.NextInt(6), Amount = Amount(random, 1.2), Shop = random.NextDouble() < 0.85 ? "online"
                : usual.Shop },
            < 0.85 => usual with { Kilometres = Far(random), IsAbroad = random.NextDouble() < 0.8, Shop = random.NextDouble() < 0.5 ? "cash"
                : "electronics" },
            _ => usual with { Shop = "gift cards", Amount = Amount(random, 4), CardDays = 45 * random.NextDouble() + 1,
                IsNewDevice = random.NextDouble() < 0.5 },
        }) with { IsFraud = true };
    }

    private static Payment Usual(RandomStream random)
    {
        double at = random.NextDouble();
        int shop = 0;
        while (shop < s_shares.Length - 1 && at >= s_shares[shop]) at -= s_shares[shop++];
        return new(Amount(random, 3.3), random.NextDouble() < 0.03 ? Night(random) : Day(random), s_shops[shop], random.NextDouble() < 0.04,
            Math.Exp(1.2 + random.NextNormal()), 30 + 2_500 * random.NextDouble(), random.NextDouble() < 0.75 ? 0 : 1 + random.NextInt(2),
            random.NextDouble() < 0.06, false);
    }

    private static double Amount(RandomStream random, double logarithm) => Math.Max(0.5, Math.Exp(logarithm + 0.7 * random.NextNormal()));

    private static int Night(RandomStream random) => random.NextInt(6);

    private static int Day(RandomStream random) => Math.Clamp((int)Math.Round(14 + 4 * random.NextNormal()), 6, 23);

    private static double Far(RandomStream random) => Math.Exp(6.5 + 0.7 * random.NextNormal());

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}
