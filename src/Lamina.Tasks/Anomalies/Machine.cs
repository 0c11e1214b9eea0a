using System.Globalization;
using Lamina.Tasks.Rows;
using Lamina.Tensors;

namespace Lamina.Tasks.Anomalies;

/// <summary>
/// The sensors of a machine that doesn't exist, every ten minutes for eight weeks: it works in shifts, and what it draws heats and shakes it.
/// Spikes, drifts, frozen
/// and missing values are planted, and named in a column.
/// </summary>
internal static class Machine
{
    public const string Name = "built-in sensors of a machine", Fault = "fault";

    private const int Steps = 8 * 7 * 144;

    private static readonly (string Kind, int Count, int Least, int Most)[] s_faults = [("spike", 12, 1, 2), ("drift", 5, 150, 300),
        ("frozen", 5, 40, 100), ("missing", 5, 20, 80)];

    /// <summary>The steps, always the same.</summary>
    public static RowSource Rows()
    {
        var random = new RandomStream(2026, 17);
        var start = new DateTime(2025, 3, 3, 0, 0, 0, DateTimeKind.Utc);
        string[] names = ["load", "current", "temperature", "vibration", "pressure"];
        double[] scales = [25, 12, 9, 0.6, 0.5];
        var values = new double[Steps * names.Length];
        double job = 0, temperature = 30;
        for (int t = 0; t < Steps; t++)
        {
            DateTime now = start.AddMinutes(10.0 * t);
            bool isOn = now.DayOfWeek != DayOfWeek.Sunday && now.Hour is >= 6 and < 22;
            job = 0.97 * job + 3 * random.NextNormal();
            double load = isOn ? Math.Clamp(60 + job + 10 * Math.Sin(2 * Math.PI * (now.Hour + now.Minute / 60.0) / 8), 5, 100) : 4
                + 0.5 * random.NextNormal();
            temperature += 0.08 * (25 + 0.45 * load - temperature) + 0.15 * random.NextNormal();
            double[] step = [load, 2 + 0.45 * load + 0.4 * random.NextNormal(), temperature, 0.3 + 0.02 * load + 0.05 * random.NextNormal(), 4
                + 0.015 * load + 0.03 * random.NextNormal()];
            step.CopyTo(values, t * names.Length);
        }
        string[] faults = Plant(values, names.Length, scales, random);
        return new MemoryRows(Name, ["time", .. names, Fault], [.. Enumerable.Range(0, Steps).Select(t => (string[])
        [
            start.AddMinutes(10.0 * t).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
            .. Enumerable.Range(0, names.Length).Select(c => values[t * names.Length + c] is var v && double.IsNaN(v) ? ""
                : Math.Round(v, 3).ToString(CultureInfo.InvariantCulture)),
            faults[t],
        ])]);
    }

    private static string[] Plant(double[] values, int columns, double[] scales, RandomStream random)
    {
        const int Apart = 40;
        var faults = new string[Steps];
        Array.Fill(faults, "");
        foreach ((string kind, int count, int least, int most) in s_faults)
            for (int k = 0; k < count;)
            {
                int length = least + random.NextInt(most - least + 1), first = Apart + random.NextInt(Steps - length - 2 * Apart),
                    column = random.NextInt(columns);
                if (faults.AsSpan(first - Apart, length + 2 * Apart).ContainsAnyExcept("")) continue;
                double size = scales[column] * (3 + random.NextDouble()) * (random.NextDouble() < 0.5 ? -1 : 1),
                    held = values[first * columns + column];
                for (int i = 0; i < length; i++)
                {
                    ref double value = ref values[(first + i) * columns + column];
                    value = kind switch { "spike" => value + size, "drift" => value + size * (i + 1) / length, "frozen" => held, _ => double.NaN };
                    faults[first + i] = kind;
                }
                k++;
            }
        return faults;
    }
}
