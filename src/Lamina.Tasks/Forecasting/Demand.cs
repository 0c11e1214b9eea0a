using System.Globalization;
using Lamina.Tasks.Rows;
using Lamina.Tensors;

namespace Lamina.Tasks.Forecasting;

/// <summary>
/// The demand of electricity of three districts that don't exist, hour by hour over a year, and the outside temperature: a daily course that differs
/// at weekends, heating in the cold, slow drift, and noise that no model can foretell.
/// </summary>
internal static class Demand
{
    public const string Name = "built-in synthetic demand of electricity";

    private const int Hours = 365 * 24;

    private static readonly (string Name, double Base, double Evening, double Heating, double Weekend)[] s_districts =
        [("centre", 40, 12, 0.4, 0.75), ("suburb", 22, 14, 0.9, 1.1), ("harbour", 55, 4, 0.2, 0.6)];

    /// <summary>The hours, always the same.</summary>
    public static RowSource Rows()
    {
        var random = new RandomStream(2026, 16);
        var start = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var rows = new string[Hours][];
        var drift = new double[s_districts.Length];
        double weather = 0;
        for (int h = 0; h < Hours; h++)
        {
            DateTime now = start.AddHours(h);
            double day = 2 * Math.PI * (now.Hour + 0.5) / 24, year = 2 * Math.PI * now.DayOfYear / 366;
            weather = 0.985 * weather + 0.5 * random.NextNormal();
            double temperature = 10 - 9 * Math.Cos(year - 0.3) - 4 * Math.Cos(day - 0.9) + weather;
            bool isWeekend = now.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday;
            rows[h] = [now.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture), Text(temperature), .. s_districts.Select((d, i) =>
            {
                drift[i] = 0.995 * drift[i] + 0.15 * random.NextNormal();
                double course = 1 - 0.35 * Math.Cos(day - 0.6) + 0.12 * Math.Cos(2 * day - 1.2);
                double load = d.Base * course * (isWeekend ? d.Weekend : 1) + d.Evening * Math.Exp(-Math.Pow((now.Hour - 19) / 2.5, 2))
                    + d.Heating * Math.Max(0, 16 - temperature) + drift[i] + 0.03 * d.Base * random.NextNormal();
                return Text(Math.Max(0, load));
            })];
        }
        return new MemoryRows(Name, ["time", "temperature", .. s_districts.Select(d => d.Name)], rows);
    }

    private static string Text(double value) => Math.Round(value, 2).ToString(CultureInfo.InvariantCulture);
}
