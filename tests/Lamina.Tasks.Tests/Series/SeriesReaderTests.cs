using System.Globalization;
using Lamina.Tasks.Rows;
using Lamina.Tasks.Series;

namespace Lamina.Tasks.Tests.Series;

/// <summary>Tables of series: how times are read, how rows come onto a grid, and what is told or refused.</summary>
public sealed class SeriesReaderTests
{
    private static SeriesTable Read(string[] columns, IEnumerable<string[]> rows, SeriesChoice? choice = null) =>
        SeriesReader.Read(new MemoryRows("data", columns, [.. rows]), choice ?? new(), CancellationToken.None);

    private static SeriesTable Read(IEnumerable<string> times, SeriesChoice? choice = null) =>
        Read(["date", "x"], times.Select((t, i) => new[] { t, $"{i % 5 + 1}" }), choice);

    private static IEnumerable<string> Times(string pattern, Func<DateTime, DateTime> next, int count = 30, string start = "2024-01-31")
    {
        DateTime time = DateTime.Parse(start, CultureInfo.InvariantCulture);
        for (int i = 0; i < count; i++, time = next(time)) yield return time.ToString(pattern, CultureInfo.InvariantCulture);
    }

    [Theory]
    [InlineData("yyyy-MM-dd HH:mm:ss", 1, "1 hour")]
    [InlineData("yyyy-MM-ddTHH:mmZ", 1, "1 hour")]
    [InlineData("dd.MM.yyyy HH:mm", 6, "6 hours")]
    [InlineData("yyyy-MM-dd", 24, "1 day")]
    [InlineData("dd/MM/yyyy", 24, "1 day")]
    [InlineData("MM/dd/yyyy", 24, "1 day")]
    [InlineData("yyyyMMdd", 24, "1 day")]
    [InlineData("d MMM yyyy", 168, "1 week")]
    public void Even_times_of_many_formats(string pattern, int hours, string step)
    {
        SeriesTable table = Read(Times(pattern, t => t.AddHours(hours)));
        Assert.Equal(step, table.Grid.Text);
        Assert.Equal(30, table.Tracks.Single().Steps);
        Assert.Empty(table.Notes);
    }

    [Theory]
    [InlineData("yyyy-MM", 1, "1 month", "2026-07")]
    [InlineData("MM/yyyy", 3, "1 quarter", "07/2031")]
    [InlineData("yyyy-MM-dd", 12, "1 year", "2054-01-01")]
    public void Months_are_steps_of_the_calendar(string pattern, int months, string step, string next)
    {
        SeriesTable table = Read(Times(pattern, t => t.AddMonths(months), start: "2024-01-01"));
        Assert.Equal(step, table.Grid.Text);
        Assert.Equal(30, table.Tracks.Single().Steps);
        Assert.Equal(next, table.TimeText(30));
    }

    [Fact]
    public void The_ends_of_months_stay_the_ends()
    {
        SeriesTable table = Read(Enumerable.Range(0, 12).Select(i =>
            new DateTime(2024, 1, 1).AddMonths(i + 1).AddDays(-1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)));
        Assert.Equal(12, table.Tracks.Single().Steps);
        Assert.Equal("2025-02-28", table.TimeText(13));
    }

    [Fact]
    public void Quarters_years_and_years_with_months_are_read()
    {
        SeriesTable quarters = Read(["2020Q1", "2020Q2", "2020Q3", "2020Q4", "2021Q1"]);
        Assert.Equal(("1 quarter", "2021Q2"), (quarters.Grid.Text, quarters.TimeText(5)));
        Assert.Equal("1 month", Read(["1-10", "1-11", "1-12", "2-01", "2-02"]).Grid.Text); // sales of shampoo
        SeriesTable years = Read(["year", "x"], Enumerable.Range(1950, 20).Select(y => new[] { $"{y}", "1" }));
        Assert.Equal(("1", "1970"), (years.Grid.Text, years.TimeText(20)));
    }

    [Fact]
    public void Seconds_and_milliseconds_since_1970_are_dates()
    {
        foreach (long unit in (long[])[1, 1000])
        {
            SeriesTable table = Read(["timestamp", "x"], Enumerable.Range(0, 20).Select(i => new[] { $"{(1_700_000_000L + 900 * i) * unit}", "1" }));
            Assert.Equal("15 minutes", table.Grid.Text);
            Assert.Equal($"{(1_700_000_000L + 900 * 20) * unit}", table.TimeText(20));
        }
    }

    [Fact]
    public void Working_days_have_no_weekends()
    {
        IEnumerable<DateTime> days = Enumerable.Range(0, 60).Select(i => new DateTime(2024, 3, 1).AddDays(i)).Where(d =>
            d.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday));
        string[] times = [.. days.Select(d => d.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture))];
        SeriesTable table = Read(times);
        Assert.Equal("1 working day", table.Grid.Text);
        Assert.Equal(times.Length, table.Tracks.Single().Steps);
        for (int i = 0; i < times.Length; i++) Assert.Equal(times[i], table.TimeText(i));
    }

    [Fact]
    public void Date_and_time_in_two_columns_and_in_four()
    {
        SeriesTable two = Read(["Date", "Time", "power"], Enumerable.Range(0, 50).Select(i =>
            new[] { $"{16 + i / 24}/12/2006", $"{i % 24:00}:00:00", "1" }));
        Assert.Equal(("1 hour", 50), (two.Grid.Text, two.Tracks.Single().Steps));
        SeriesTable four = Read(["year", "month", "day", "hour", "pm"],
            Enumerable.Range(0, 50).Select(i => new[] { "2010", "1", $"{1 + i / 24}", $"{i % 24}", "1" }));
        Assert.Equal(("1 hour", 50), (four.Grid.Text, four.Tracks.Single().Steps));
        Assert.Equal(["pm"], four.Layout.Columns.Select(c => c.Name));
    }

    [Fact]
    public void Rows_out_of_order_twice_and_missing_are_put_right_and_told()
    {
        string[][] rows = [["2024-01-03", "3"], ["2024-01-01", "1"], ["2024-01-02", "2"], ["2024-01-02", "4"], ["2024-01-07", "7"],
            ["2024-01-08", "8"], ["2024-01-09", ""]];
        SeriesTable table = Read(["date", "x"], rows);
        double[] values = table.Tracks.Single().Values;
        Assert.Equal([1, 3, 3, double.NaN, double.NaN, double.NaN, 7, 8, double.NaN], values);
        Assert.Equal([1, 3, 3, 4, 5, 6, 7, 8, 8], table.Tracks[0].Filled(0));
        string notes = string.Join("\n", table.Notes);
        Assert.Contains("1 row out of order: sorted by time", notes);
        Assert.Contains("1 row has the time of another: averaged", notes);
        Assert.Contains("3 steps are missing, at most 3 in a row", notes);
    }

    [Fact]
    public void Newest_first_is_told_as_that()
    {
        SeriesTable table = Read(Times("yyyy-MM-dd", t => t.AddDays(-1)));
        Assert.Contains(table.Notes, n => n.Contains("backwards"));
        Assert.Equal("2024-01-31", table.TimeText(table.End - 1));
    }

    [Fact]
    public void A_change_of_time_zone_with_offsets_is_read_in_utc()
    {
        // Central Europe, the night of 2024-10-27: 02:00 comes twice.
        string[] times = [.. Enumerable.Range(0, 24).Select(i => new DateTimeOffset(2024, 10, 26, 20, 0, 0, TimeSpan.Zero).AddHours(i))
            .Select(t => t.ToOffset(TimeSpan.FromHours(t.UtcDateTime < new DateTime(2024, 10, 27, 1, 0, 0) ? 2
                : 1)).ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture))];
        SeriesTable table = Read(times);
        Assert.Equal(("1 hour", 24), (table.Grid.Text, table.Tracks.Single().Steps));
        Assert.Contains(table.Notes, n => n.Contains("different offsets from UTC"));
        Assert.Equal("2024-10-27T21:00:00+01:00", table.TimeText(24));
    }

    [Fact]
    public void Summer_time_without_offsets_is_suspected()
    {
        DateTime start = new(2024, 3, 30);
        IEnumerable<DateTime> local = Enumerable.Range(0, 24 * 240).Select(i => start.AddHours(i)).Select(t =>
            t >= new DateTime(2024, 3, 31, 2, 0, 0) && t < new DateTime(2024, 10, 27, 2, 0, 0) ? t.AddHours(1) : t);
        SeriesTable table = Read(local.Select(t => t.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)));
        string notes = string.Join("\n", table.Notes);
        Assert.Contains("1 step is missing", notes);
        Assert.Contains("1 row has the time of another", notes);
        Assert.Contains("summer time", notes);
    }

    [Fact]
    public void Odd_cells_are_missing_and_told()
    {
        string[] cells = [.. Enumerable.Range(0, 40).Select(i => $"{i % 7}")];
        (cells[3], cells[4], cells[5], cells[6], cells[7]) = ("?0.2", "inf", "1e30", "NA", "-Infinity");
        SeriesTable table = Read(["date", "Temp"], cells.Select((c, i) =>
            new[] { new DateTime(1981, 1, 1).AddDays(i).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), c }));
        for (int i = 3; i <= 7; i++) Assert.True(double.IsNaN(table.Tracks[0].Values[i]));
        string notes = string.Join("\n", table.Notes);
        Assert.Contains("'Temp': 1 cell is no number, such as '?0.2': taken as missing", notes);
        Assert.Contains("2 values are infinite", notes);
        Assert.Contains("such as 1E+30, is a million times further out", notes);
    }

    [Fact]
    public void Series_below_each_other_are_told_apart()
    {
        string[][] rows = [.. Enumerable.Range(0, 20).SelectMany(i =>
            new[] { "north", "south" }.Select(s => new[] { new DateTime(2024, 1, 1).AddDays(i).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            s, s == "north" ? $"{i}" : $"{100 + i}" }))];
        SeriesTable table = Read(["day", "shop", "sold"], rows);
        Assert.Equal(["north", "south"], table.Tracks.Select(t => t.Name));
        Assert.Equal(20, table.Tracks[1].Steps);
        Assert.Equal(119, table.Tracks[1].Values[^1]);
        Assert.Contains("'shop' tells 2 series apart", table.Notes);
    }

    [Fact]
    public void Series_told_apart_by_numbers_and_by_two_columns()
    {
        string Day(int i) => new DateTime(2024, 1, 1).AddDays(i).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        SeriesTable one = Read(["date", "item_id", "sold"], Enumerable.Range(0, 60).Select(i => new[] { Day(i / 3), $"{i % 3}", $"{i * 7 % 50}.5" }));
        Assert.Equal(["0", "1", "2"], one.Tracks.Select(t => t.Name));
        Assert.Equal(["sold"], one.Layout.Columns.Select(c => c.Name));
        string[][] rows = [.. Enumerable.Range(0, 120).Select(i => new[] { Day(i / 6), $"{i % 2}", $"{i % 3}", $"{i * 7 % 50}.5" })];
        string[] columns = ["date", "store", "item", "sales"];
        SeriesTable two = Read(columns, rows, new() { Id = "store,item" });
        Assert.Equal(6, two.Tracks.Count);
        Assert.Equal("0 / 0", two.Tracks[0].Name);
        // An average over stores and items is nobody's series.
        Assert.Contains("--series", Assert.Throws<DataException>(() => Read(columns, rows)).Message);
    }

    [Fact]
    public void Rows_within_a_step_that_is_asked_for_are_averaged()
    {
        SeriesTable table = Read(["time", "x"], Enumerable.Range(0, 48).Select(i =>
            new[] { new DateTime(2024, 1, 1, 0, 10, 0).AddMinutes(30 * i).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture), $"{i}" }),
            new() { Step = "1h" });
        Assert.Equal(("1 hour", 24), (table.Grid.Text, table.Tracks.Single().Steps));
        Assert.Equal([0.5, 2.5], table.Tracks[0].Values.Take(2));
        Assert.Equal("2024-01-01 01:00", table.TimeText(1));
        Assert.Throws<TaskException>(() => Read(Times("yyyy-MM-dd", t => t.AddDays(1)), new() { Step = "5 apples" }));
    }

    [Theory]
    [InlineData("empty", "has no rows")]
    [InlineData("one", "has one row alone")]
    [InlineData("same", "has one time alone")]
    [InlineData("text", "has no column of numbers")]
    [InlineData("named text", "is no number")]
    [InlineData("missing", "has no column of numbers")]
    [InlineData("named missing", "has no value in 'x'")]
    [InlineData("irregular", "no regular step")]
    [InlineData("no such time", "has no column 'when'")]
    [InlineData("no time", "neither a date nor a number")]
    public void What_can_t_be_used_is_refused_with_a_reason(string kind, string reason)
    {
        string[][] Rows(int count, Func<int, string> time, Func<int, string> value) =>
            [.. Enumerable.Range(0, count).Select(i => new[] { time(i), value(i) })];
        string Day(int i) => new DateTime(2024, 1, 1).AddDays(i).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        (string[][] rows, SeriesChoice choice) = kind switch
        {
            "empty" => ([], new SeriesChoice()),
            "one" => (Rows(1, Day, _ => "1"), new()),
            "same" => (Rows(5, _ => Day(0), _ => "1"), new()),
            "text" => (Rows(9, Day, i => i % 2 == 0 ? "warm" : "cold"), new()),
            "named text" => (Rows(9, Day, i => i % 2 == 0 ? "warm" : "cold"), new() { Named = ["x"] }),
            "missing" => (Rows(9, Day, _ => "NA"), new()),
            "named missing" => (Rows(9, Day, _ => ""), new() { Named = ["x"] }),
            "irregular" => (Rows(30, i => new DateTime(2024, 1, 1).AddSeconds(i * i * i * 977).ToString("yyyy-MM-dd HH:mm:ss",
                CultureInfo.InvariantCulture), _ => "1"), new()),
            "no such time" => (Rows(9, Day, _ => "1"), new() { Time = "when" }),
            _ => (Rows(9, i => $"day {i}!", _ => "1"), new SeriesChoice { Time = "date" }),
        };
        Assert.Contains(reason, Assert.Throws<DataException>(() => Read(["date", "x"], rows, choice)).Message);
    }

    [Fact]
    public void Without_times_rows_are_steps()
    {
        SeriesTable table = Read(["a", "b"], Enumerable.Range(0, 10).Select(i => new[] { $"{i * i % 7}", $"{-i}" }));
        Assert.Equal((10, "row 11"), (table.Tracks.Single().Steps, table.TimeText(10)));
    }

    [Fact]
    public void Another_table_is_read_like_the_first()
    {
        SeriesTable first = Read(["date", "x"], [.. Times("dd/MM/yyyy", t => t.AddDays(1)).Select(t => new[] { t, "1,5" })]);
        // Alone these dates could have their months first.
        SeriesTable again = SeriesReader.Read(new MemoryRows("more", ["x", "DATE"], [["2,5", "01/03/2024"], ["3,5", "02/03/2024"]]), first.Layout,
            [], CancellationToken.None);
        Assert.Equal([2.5, 3.5], again.Tracks.Single().Values);
        Assert.Equal("03/03/2024", again.TimeText(2));
    }

    [Theory]
    [InlineData(24, 3_600)]
    [InlineData(7, 86_400)]
    [InlineData(131, 0)]
    public void The_season_is_found(int season, int seconds)
    {
        var random = new Random(1);
        double[] series = [.. Enumerable.Range(0, season * 12).Select(i => Math.Sin(2 * Math.PI * i / season) + 0.02 * i / season
            + 0.3 * random.NextDouble())];
        TimeGrid grid = seconds == 0 ? TimeGrid.OfRows : new(StepUnit.Seconds, seconds, 0);
        Assert.InRange(Seasonality.Of([series], grid), season - season / 20, season + season / 20);
        Assert.Equal(1, Seasonality.Of([[.. series.Select(_ => random.NextDouble())]], grid));
        Assert.Equal(1, Seasonality.Of([new double[200]], grid));
    }
}
