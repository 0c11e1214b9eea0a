using Lamina.Tensors;

namespace Lamina.Tasks.SeriesClasses;

/// <summary>
/// Synthetic control charts of six kinds, 60 steps each (Alcock and Manolopoulos, 1999: "Time-series similarity queries employing a feature-based
/// approach"): y(t) = 30 + 2·r(t),
/// r uniform from −3 to 3, and on top of it a cycle, a trend or a shift.
/// </summary>
internal static class ControlCharts
{
    /// <summary>What they are called.</summary>
    public const string Name = "built-in control charts";

    // The same charts whatever the run's seed, so that runs can be compared.
    private const ulong Seed = 1;
    private const int Each = 100, Steps = 60;

    private static readonly string[] s_kinds = ["cyclic", "decreasing", "downward shift", "increasing", "normal", "upward shift"];

    /// <summary>The charts, the same at each call.</summary>
    public static SeriesExamples Examples()
    {
        var examples = new SeriesExamples(Name, ["value"]);
        for (int i = 0; i < Each * s_kinds.Length; i++) examples.Add(Chart(s_kinds[i % s_kinds.Length], new RandomStream(Seed, (ulong)i)),
            s_kinds[i % s_kinds.Length], null, $"chart {i + 1}");
        return examples;
    }

    private static float[] Chart(string kind, RandomStream random)
    {
        double Between(double low, double high) => low + (high - low) * random.NextDouble();
        double amplitude = Between(10, 15), period = Between(10, 15), gradient = Between(0.2, 0.5), start =
            Between(Steps / 3.0, 2 * Steps / 3.0), shift = Between(7.5, 20);
        var values = new float[Steps];
        for (int t = 1; t <= Steps; t++)
        {
            double more = kind switch
            {
                "cyclic" => amplitude * Math.Sin(2 * Math.PI * t / period),
                "increasing" => gradient * t,
                "decreasing" => -gradient * t,
                "upward shift" => t >= start ? shift : 0,
                "downward shift" => t >= start ? -shift : 0,
                _ => 0,
            };
            values[t - 1] = (float)(30 + 2 * Between(-3, 3) + more);
        }
        return values;
    }
}
