namespace Lamina.Tasks.Series;

/// <summary>What the calendar says of a step, as points on circles with their harmonics: known for every time to come.</summary>
internal static class CalendarCircles
{
    /// <summary>The place in the year.</summary>
    public const string Year = "year";

    /// <summary>The place in the week.</summary>
    public const string Week = "week";

    /// <summary>The place in the day.</summary>
    public const string DayTime = "day";

    /// <summary>The names of all circles, with the number of harmonics that each has.</summary>
    private static readonly (string Name, int Harmonics)[] s_circles = [(DayTime, 4), (Week, 3), (Year, 3)];

    /// <summary>Whether there is a circle of this name.</summary>
    public static bool Has(string name) => s_circles.Any(c => c.Name == name);

    /// <summary>The number of values of a step.</summary>
    public static int Width(IReadOnlyList<string> circles) => s_circles.Where(c => circles.Contains(c.Name)).Sum(c => 2 * c.Harmonics);

    /// <summary>The circles that a window is too short to see, although the training steps hold them twice.</summary>
    public static string[] Beyond(TimeGrid grid, int window, long training)
    {
        const double LeastSeen = 2;
        if (!grid.IsDates) return [];
        double day = grid.Unit == StepUnit.Seconds ? TimeGrid.Day / grid.Step : 0, week = grid.Unit == StepUnit.Weekdays ? 5 : 7 * day;
        double year = grid.Unit == StepUnit.Months ? 12 / grid.Step : grid.Unit == StepUnit.Weekdays ? 261 : 365.25 * day;
        (string Name, double Length)[] circles = [(DayTime, day), (Week, week), (Year, year)];
        return [.. circles.Where(c => c.Length > 1.5 && c.Length > window && training >= LeastSeen * c.Length).Select(c => c.Name)];
    }

    /// <summary>Writes the values of a time.</summary>
    public static void Write(IReadOnlyList<string> circles, double time, Span<float> to)
    {
        DateTime date = TimeText.Date(time);
        int at = 0;
        foreach ((string name, int harmonics) in s_circles)
        {
            if (!circles.Contains(name)) continue;
            double share = name switch
            {
                DayTime => date.TimeOfDay.TotalDays,
                Week => ((int)date.DayOfWeek + date.TimeOfDay.TotalDays) / 7,
                _ => (date.DayOfYear - 1 + date.TimeOfDay.TotalDays) / 365.25,
            };
            for (int k = 1; k <= harmonics; k++)
                (to[at++], to[at++]) = ((float)Math.Sin(2 * Math.PI * k * share), (float)Math.Cos(2 * Math.PI * k * share));
        }
    }
}
