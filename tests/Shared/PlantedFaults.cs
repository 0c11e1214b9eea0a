using System.Globalization;

namespace Lamina.Tests;

/// <summary>
/// Plants spikes, drifts, frozen and missing stretches in the series of a CSV file, with a last column that names them: what anomalies are measured
/// on. The same seed
/// plants the same.
/// </summary>
internal static class PlantedFaults
{
    /// <summary>The name of the column of faults.</summary>
    public const string Column = "fault";

    private const int Apart = 50;

    private static readonly (string Kind, int Count, int Least, int Most, double Small, double Large)[] s_faults =
        [("spike", 30, 1, 3, 3, 5), ("drift", 6, 100, 200, 2, 4), ("frozen", 8, 24, 72, 0, 0), ("missing", 8, 12, 48, 0, 0)];

    /// <summary>Writes a copy of a CSV file whose first column is the time and whose others are numbers.</summary>
    /// <returns>How many faults of each kind were planted.</returns>
    public static IReadOnlyDictionary<string, int> Write(string from, string to, int seed)
    {
        string[] lines = File.ReadAllLines(from);
        string[][] rows = [.. lines.Skip(1).Where(l => l.Length > 0).Select(l => l.Split(','))];
        int columns = rows[0].Length - 1, steps = rows.Length;
        double[][] values = [.. Enumerable.Range(1, columns).Select(c =>
            rows.Select(r => double.Parse(r[c], CultureInfo.InvariantCulture)).ToArray())];
        double[] deviations = [.. values.Select(v => Math.Sqrt(v.Average(x => (x - v.Average()) * (x - v.Average()))))];
        var random = new Random(seed);
        var faults = new string[steps];
        foreach ((string kind, int count, int least, int most, double small, double large) in s_faults)
            for (int k = 0; k < count;)
            {
                int length = random.Next(least, most + 1), first = random.Next(2 * Apart, steps - length - 2 * Apart);
                if (faults.AsSpan(first - Apart, length + 2 * Apart).ContainsAnyExcept((string?)null)) continue;
                int[] hit = [.. Enumerable.Range(0, columns).OrderBy(_ => random.Next()).Take(random.NextDouble() < 0.7 ? 1 : 2)];
                foreach (int c in hit)
                {
                    double size = deviations[c] * (small + (large - small) * random.NextDouble()) * (random.Next(2) == 0 ? -1 : 1),
                        held = values[c][first];
                    for (int i = 0; i < length; i++)
                        values[c][first + i] = kind switch
                        {
                            "spike" => values[c][first + i] + size,
                            "drift" => values[c][first + i] + size * (i + 1) / length,
                            "frozen" => held,
                            _ => double.NaN,
                        };
                }
                Array.Fill(faults, kind, first, length);
                k++;
            }
        File.WriteAllLines(to, [$"{lines[0]},{Column}", .. Enumerable.Range(0, steps).Select(t =>
            string.Join(',', [rows[t][0], .. values.Select(v => double.IsNaN(v[t]) ? "" : v[t].ToString(CultureInfo.InvariantCulture)), faults[t]]))]);
        return s_faults.ToDictionary(f => f.Kind, f => f.Count);
    }
}
