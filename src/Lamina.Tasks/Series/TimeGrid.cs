using System.Globalization;

namespace Lamina.Tasks.Series;

/// <summary>What a step of time is measured in.</summary>
internal enum StepUnit
{
    /// <summary>There is no time column: a step is a row.</summary>
    Rows,
    /// <summary>The time column's own numbers.</summary>
    Numbers,
    /// <summary>Seconds.</summary>
    Seconds,
    /// <summary>Days from Monday to Friday.</summary>
    Weekdays,
    /// <summary>Months of the calendar.</summary>
    Months,
}

/// <summary>Evenly spaced times: what every series of a table is brought to.</summary>
/// <param name="Unit">What steps are measured in.</param>
/// <param name="Step">The distance of two steps, above 0.</param>
/// <param name="Origin">The time of step 0: seconds since the beginning of 2000, or a number.</param>
internal sealed record TimeGrid(StepUnit Unit, double Step, double Origin)
{
    /// <summary>The seconds of a day.</summary>
    public const double Day = 86_400;

    private const int LeastTimes = 3;
    private const double Common = 0.5, SameDay = 0.98;

    /// <summary>Rows that are steps by themselves.</summary>
    public static TimeGrid OfRows { get; } = new(StepUnit.Rows, 1, 0);

    /// <summary>Whether its times are dates.</summary>
    public bool IsDates => Unit is StepUnit.Seconds or StepUnit.Weekdays or StepUnit.Months;

    /// <summary>The step of a time, with a fraction where it lies between two.</summary>
    public double IndexOf(double time) => Unit switch
    {
        StepUnit.Months => (Month(time) - Month(Origin)) / Step,
        StepUnit.Weekdays => Weekday(time) - Weekday(Origin),
        _ => (time - Origin) / Step,
    };

    /// <summary>The time of a step.</summary>
    public double TimeAt(long index)
    {
        switch (Unit)
        {
            case StepUnit.Months:
                DateTime first = TimeText.Date(Origin);
                long months = 12L * first.Year + first.Month - 1 + (long)(index * Step);
                int year = (int)Math.Clamp(months / 12, 1, 9998), month = (int)(months % 12) + 1, last = DateTime.DaysInMonth(year, month);
                // What ends a month ends each month.
                int day = first.Day == DateTime.DaysInMonth(first.Year, first.Month) && first.Day > 27 ? last : Math.Min(first.Day, last);
                return TimeText.Seconds(new DateTime(year, month, day, 0, 0, 0, DateTimeKind.Utc) + first.TimeOfDay);
            case StepUnit.Weekdays:
                double place = Weekday(Origin) + index, weeks = Math.Floor(place / 5);
                return (weeks * 7 + place - weeks * 5 - 5) * Day + Origin - Math.Floor(Origin / Day) * Day; // 2000-01-01 was a Saturday
            default:
                return Origin + index * Step;
        }
    }

    /// <summary>A step in words, such as <c>1 hour</c>.</summary>
    public string Text => Unit switch
    {
        StepUnit.Rows => "1 row",
        StepUnit.Numbers => Step.ToString("G6", CultureInfo.InvariantCulture),
        StepUnit.Weekdays => "1 working day",
        StepUnit.Months => Step % 12 == 0 ? Count(Step / 12, "year") : Step == 3 ? "1 quarter" : Count(Step, "month"),
        _ => Step % (7 * Day) == 0 ? Count(Step / 7 / Day, "week") : Step % Day == 0 ? Count(Step / Day, "day") : Step % 3600 == 0
            ? Count(Step / 3600, "hour")
            : Step % 60 == 0 ? Count(Step / 60, "minute") : Count(Step, "second"),
    };

    /// <summary>The grid that most of some times lie on.</summary>
    /// <param name="times">Different times, ascending.</param>
    /// <param name="isDates">Whether they are dates.</param>
    /// <param name="regular">The share of neighbouring times that are one step apart.</param>
    public static TimeGrid Of(double[] times, bool isDates, out double regular)
    {
        if (isDates && OfMonths(times, out regular) is { } months) return months;
        double step = Usual(times, out regular);
        if (isDates && step == Day && IsWorkdays(times))
        {
            var weekdays = new TimeGrid(StepUnit.Weekdays, 1, times[0]);
            regular = Share(times, t => Math.Round(weekdays.IndexOf(t)));
            return weekdays;
        }
        if (regular < Common && times.Length > LeastTimes)
        {
            // Times that waver around even ones: the step is the middle distance, brought to a round one.
            double[] distances = Distances(times);
            Array.Sort(distances);
            double middle = isDates ? Round(distances[distances.Length / 2]) : distances[distances.Length / 2];
            var wavering = new TimeGrid(isDates ? StepUnit.Seconds : StepUnit.Numbers, middle, isDates ? Math.Round(times[0] / middle) * middle
                : times[0]);
            double share = Share(times, t => Math.Round(wavering.IndexOf(t)));
            if (share > regular)
            {
                regular = share;
                return wavering;
            }
        }
        return new(isDates ? StepUnit.Seconds : StepUnit.Numbers, step, times[0]);
    }

    private static TimeGrid? OfMonths(double[] times, out double regular)
    {
        regular = 0;
        var days = new Dictionary<int, int>();
        int atEnd = 0, sameTime = 0;
        TimeSpan first = TimeText.Date(times[0]).TimeOfDay;
        foreach (double time in times)
        {
            DateTime date = TimeText.Date(time);
            days[date.Day] = days.GetValueOrDefault(date.Day) + 1;
            if (date.Day == DateTime.DaysInMonth(date.Year, date.Month)) atEnd++;
            if (date.TimeOfDay == first) sameTime++;
        }
        if (times.Length < 2 || sameTime < times.Length * SameDay || Math.Max(atEnd, days.Values.Max()) < times.Length * SameDay) return null;
        double[] months = [.. times.Select(Month).Distinct()];
        if (months.Length < times.Length * SameDay) return null; // several in a month
        double step = Usual(months, out regular);
        return step >= 1 ? new(StepUnit.Months, step, times[0]) : null;
    }

    // The most common distance, equal up to a millionth of it.
    private static double Usual(double[] times, out double share)
    {
        double[] distances = Distances(times);
        if (distances.Length == 0)
        {
            share = 1;
            return 1;
        }
        Array.Sort(distances);
        (double best, int most) = (distances[0], 0);
        for (int i = 0; i < distances.Length;)
        {
            int end = i;
            while (end < distances.Length && distances[end] - distances[i] <= 1e-6 * Math.Abs(distances[i])) end++;
            if (end - i > most) (best, most) = (distances[(i + end) / 2], end - i);
            i = end;
        }
        share = (double)most / distances.Length;
        // Sums of binary fractions differ from what was meant in the last digits.
        return Math.Round(best, 6) is > 0 and var rounded ? rounded : best;
    }

    private static double[] Distances(double[] times)
    {
        var distances = new double[Math.Max(0, times.Length - 1)];
        for (int i = 0; i < distances.Length; i++) distances[i] = times[i + 1] - times[i];
        return distances;
    }

    private static double Share(double[] times, Func<double, double> index)
    {
        int next = 0;
        for (int i = 1; i < times.Length; i++)
            if (index(times[i]) - index(times[i - 1]) == 1) next++;
        return times.Length < 2 ? 1 : (double)next / (times.Length - 1);
    }

    private static bool IsWorkdays(double[] times)
    {
        const int LeastDays = 15;
        return times.Length >= LeastDays && times[^1] - times[0] >= LeastDays * Day
            && times.All(t => TimeText.Date(t).DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday));
    }

    // To one of the steps that people measure at.
    private static double Round(double seconds)
    {
        double[] usual = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10_800, 14_400, 21_600, 28_800, 43_200, Day,
            7 * Day];
        double near = usual.MinBy(u => Math.Abs(Math.Log(u / seconds)));
        return Math.Abs(near / seconds - 1) < 0.1 ? near : seconds;
    }

    private static double Month(double time) => TimeText.Date(time) is var date ? 12.0 * date.Year + date.Month - 1 : 0;

    // Working days since the Monday after the beginning of 2000 less a week; those of a weekend are its Friday.
    private static double Weekday(double time)
    {
        double days = Math.Floor(time / Day) + 5, weeks = Math.Floor(days / 7);
        return 5 * weeks + Math.Min(4, days - 7 * weeks);
    }

    private static string Count(double number, string one) =>
        $"{number.ToString("G6", CultureInfo.InvariantCulture)} {one}{(number == 1 ? "" : "s")}";
}
