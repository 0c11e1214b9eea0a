using System.Globalization;

namespace Lamina.Tasks.Reports;

/// <summary>The range of an axis and its ticks, at 1, 2 or 5 times a power of ten.</summary>
/// <param name="Label">What is measured along it.</param>
/// <param name="Low">Its lower end.</param>
/// <param name="High">Its upper end, above <paramref name="Low"/>.</param>
/// <param name="IsLog">Whether equal ratios have equal distances.</param>
internal sealed record Axis(string Label, double Low, double High, bool IsLog = false)
{
    private const int MostTicks = 6;
    private const double LogRatio = 50;

    /// <summary>Whether only whole numbers are ticks, as for epochs.</summary>
    public bool IsWhole { get; init; }

    /// <summary>An axis that holds these values; those that aren't finite are left out.</summary>
    /// <param name="label">What is measured along it.</param>
    /// <param name="values">The values.</param>
    /// <param name="mayBeLog">Whether values of very different sizes, all above 0, get a logarithmic axis.</param>
    public static Axis Of(string label, IEnumerable<double> values, bool mayBeLog = false)
    {
        (double low, double high) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (double value in values)
            if (double.IsFinite(value)) (low, high) = (Math.Min(low, value), Math.Max(high, value));
        if (low > high) return new(label, 0, 1);
        if (mayBeLog && low > 0 && high / low > LogRatio) return new(label, low / 1.1, high * 1.1, IsLog: true);
        // Halves, so that the range of the largest numbers stays finite.
        double margin = low == high ? Math.Max(Math.Abs(low) / 10, 1e-9) : (high / 2 - low / 2) * 0.08;
        (double start, double end) = (Math.Max(low - margin, -double.MaxValue), Math.Min(high + margin, double.MaxValue));
        return start < end ? new(label, start, end) : new(label, 0, 1);
    }

    /// <summary>Where a value lies, 0 to 1.</summary>
    public double At(double value) => IsLog
        ? (Math.Log(value) - Math.Log(Low)) / (Math.Log(High) - Math.Log(Low))
        : (value / 2 - Low / 2) / (High / 2 - Low / 2);

    /// <summary>The ticks within the axis.</summary>
    public IReadOnlyList<double> Ticks
    {
        get
        {
            if (IsLog)
            {
                int first = (int)Math.Floor(Math.Log10(Low)), last = (int)Math.Floor(Math.Log10(High)), every = (last - first + MostTicks) / MostTicks;
                double[] within = last - first <= 2 ? [1, 2, 5] : [1];
                return [.. Enumerable.Range(0, (last - first) / every + 1).SelectMany(i => within.Select(w => w * Math.Pow(10, first + i * every)))
                    .Where(v => v >= Low && v <= High)];
            }
            double raw = (High / 2 - Low / 2) / MostTicks * 2, power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
            if (!(power > 0) || !double.IsFinite(power)) return [];
            double step = power * ((raw / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 });
            double start = Math.Ceiling(Low / step);
            // Where neighbouring ticks would be one number, in a range far from 0, there are none.
            return [.. Enumerable.Range(0, MostTicks + 2).Select(i => (start + i) * step)
                .Where(v => v >= Low && v <= High && (!IsWhole || Math.Abs(v - Math.Round(v)) < 1e-9)).Distinct()];
        }
    }

    /// <summary>A tick's text.</summary>
    public static string Text(double value) => Math.Abs(value) is 0 or (>= 1e-3 and < 1e5)
        ? value.ToString("0.######", CultureInfo.InvariantCulture)
        : value.ToString("0.####e0", CultureInfo.InvariantCulture);
}
