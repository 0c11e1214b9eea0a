using System.Globalization;
using Lamina.Formats;
using Lamina.Learning.Columns;
using Lamina.Learning.Layers;
using Lamina.Learning.Saving;
using Lamina.Learning.Texts;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using Xunit;

namespace Lamina.Learning.Tests.Columns;

/// <summary>Cells as numbers: each encoding by its formula, and a table's columns in their order, saved and loaded.</summary>
public sealed class ColumnEncodingTests
{
    private static float[] Of(ColumnEncoding column, string cell, bool isRead = true)
    {
        var slots = new float[column.Slots];
        Array.Fill(slots, 99);
        Assert.Equal(isRead, column.Encode(cell, slots));
        return slots;
    }

    [Theory]
    [InlineData("1234.5", DecimalMark.Point, 1234.5)]
    [InlineData("-1,234.5", DecimalMark.Point, -1234.5)]
    [InlineData("1.234,5", DecimalMark.Comma, 1234.5)]
    [InlineData("1234,5", DecimalMark.Comma, 1234.5)]
    [InlineData("12.345.678", DecimalMark.Comma, 12345678)]
    [InlineData("1 234 567,5", DecimalMark.Comma, 1234567.5)]
    [InlineData("1\u00A0234.5", DecimalMark.Point, 1234.5)]
    [InlineData("1'234.5", DecimalMark.Point, 1234.5)]
    [InlineData("$1,200", DecimalMark.Point, 1200)]
    [InlineData("-$1,200.25", DecimalMark.Point, -1200.25)]
    [InlineData("$-5", DecimalMark.Point, -5)]
    [InlineData("1.200,50 €", DecimalMark.Comma, 1200.5)]
    [InlineData("£ 7", DecimalMark.Point, 7)]
    [InlineData("12.5%", DecimalMark.Point, 12.5)]
    [InlineData("12,5 %", DecimalMark.Comma, 12.5)]
    [InlineData("−3", DecimalMark.Point, -3)]
    [InlineData("+1e-3", DecimalMark.Point, 0.001)]
    [InlineData("1,5e3", DecimalMark.Comma, 1500)]
    [InlineData(".5", DecimalMark.Point, 0.5)]
    [InlineData("007", DecimalMark.Point, 7)]
    public void Numbers_are_read(string cell, DecimalMark mark, double value)
    {
        Assert.True(Cell.TryNumber(cell, mark, out double read));
        Assert.Equal(value, read, 1e-12);
    }

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("1,5")]
    [InlineData("1,23,456")]
    [InlineData("1234,567")]
    [InlineData("0,123")]
    [InlineData("1,234 567")]
    [InlineData("1.2.3")]
    [InlineData("12 34")]
    [InlineData("1,2345")]
    [InlineData("inf")]
    [InlineData("1e999")]
    [InlineData("NaN")]
    [InlineData("5 apples")]
    [InlineData("$")]
    [InlineData("%")]
    [InlineData("--5")]
    [InlineData("0x10")]
    [InlineData("00000000000000000000000000000000000000000000000000000000000000001")]
    public void What_is_no_number_isnt_read(string cell) => Assert.False(Cell.TryNumber(cell, DecimalMark.Point, out _));

    [Fact]
    public void Numbers_are_in_standard_units_and_clipped()
    {
        var plain = new NumberColumn("x", 10, 4);
        Assert.Equal([(13 - 10) / 4f], Of(plain, "13"));
        Assert.Equal([8f], Of(plain, "1e300"));
        Assert.Equal([-8f], Of(plain, "-1e300"));
        Assert.Equal([0f], Of(plain, ""));
        Assert.Equal([0f], Of(plain, "many", isRead: false));
        var gaps = new NumberColumn("x", 10, 4, hasMissing: true, DecimalMark.Comma);
        Assert.Equal([0.375f, 0], Of(gaps, "11,5"));
        Assert.Equal([0f, 1], Of(gaps, "NA"));
        Assert.Equal([0f, 1], Of(gaps, "inf", isRead: false));
    }

    [Fact]
    public void Far_outliers_are_placed_by_their_quantile()
    {
        var column = new NumberColumn("x", 0, 1, knots: [0, 1, 1, 1, 5, 1000]);
        // The normal score of (place + ½) / 6, by bisection of the distribution function.
        static double Score(double place)
        {
            double low = -8, high = 8, p = (place + 0.5) / 6;
            for (int i = 0; i < 80; i++)
            {
                double middle = (low + high) / 2;
                (low, high) = Distribution(middle) < p ? (middle, high) : (low, middle);
            }
            return low;
        }

        foreach ((double value, double place) in ((double, double)[])[(0, 0), (-7, 0), (0.5, 0.5), (1, 2), (3, 3.5), (5, 4), (502.5, 4.5), (1000, 5), (1e9, 5)])
            Assert.Equal(Score(place), column.Scaled(value), 1e-6);
        Assert.True(column.Scaled(2) < column.Scaled(2.1));
    }

    // By Simpson's rule.
    private static double Distribution(double x)
    {
        const int Steps = 2000;
        double h = x / Steps, sum = 0;
        for (int i = 0; i <= Steps; i++) sum += Math.Exp(-Math.Pow(i * h, 2) / 2) * (i is 0 or Steps ? 1 : i % 2 == 1 ? 4 : 2);
        return 0.5 + sum * h / 3 / Math.Sqrt(2 * Math.PI);
    }

    [Fact]
    public void Categories_are_numbered_and_unknown_ones_are_0()
    {
        var column = new CategoryColumn("c", ["red", "blue", ""]);
        Assert.Equal(4, column.Size);
        Assert.Equal([1f], Of(column, "red"));
        Assert.Equal([2f], Of(column, "blue"));
        Assert.Equal([3f], Of(column, "n/a"));
        Assert.Equal([0f], Of(column, "Red", isRead: false));
        Assert.Equal([0f], Of(new CategoryColumn("c", ["red"]), "")); // missing isn't a value that is new
        Assert.Contains("'red' twice", Assert.Throws<ArgumentException>(() => new CategoryColumn("c", ["red", "red"])).Message);
    }

    [Theory]
    [InlineData("2024-03-31", DateOrder.MonthFirst, 2024, 3, 31, 0)]
    [InlineData("2024/3/31", DateOrder.DayFirst, 2024, 3, 31, 0)]
    [InlineData("2024-03-31T18:00:00Z", DateOrder.MonthFirst, 2024, 3, 31, 18)]
    [InlineData("2024-03-31 18:00", DateOrder.DayFirst, 2024, 3, 31, 18)]
    [InlineData("2024-03-31T18:00:00+02:00", DateOrder.MonthFirst, 2024, 3, 31, 16)]
    [InlineData("31.3.2024", DateOrder.MonthFirst, 2024, 3, 31, 0)]
    [InlineData("1.2.2024", DateOrder.MonthFirst, 2024, 2, 1, 0)]
    [InlineData("1/2/2024", DateOrder.MonthFirst, 2024, 1, 2, 0)]
    [InlineData("1/2/2024", DateOrder.DayFirst, 2024, 2, 1, 0)]
    [InlineData("31 March 2024", DateOrder.MonthFirst, 2024, 3, 31, 0)]
    [InlineData("Mar 31, 2024", DateOrder.DayFirst, 2024, 3, 31, 0)]
    [InlineData("0001-01-01", DateOrder.MonthFirst, 1, 1, 1, 0)]
    [InlineData("9999-12-31", DateOrder.MonthFirst, 9999, 12, 31, 0)]
    public void Dates_are_days_and_circles(string cell, DateOrder order, int year, int month, int day, int hour)
    {
        var time = new DateTime(year, month, day, hour, 0, 0, DateTimeKind.Utc);
        double days = (time - new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc)).TotalDays;
        double[] turns = [(time.DayOfYear - 1) / 365.25, (int)time.DayOfWeek / 7.0, hour / 24.0];
        double[] expected = [Math.Clamp((days - 8000) / 500, -8, 8),
            .. turns.SelectMany(t => (double[])[Math.Sin(2 * Math.PI * t), Math.Cos(2 * Math.PI * t)]), 0];
        Assert.Equal(expected, Of(new DateColumn("d", order, 8000, 500), cell).Select(x => (double)x), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Theory]
    [InlineData("")]
    [InlineData("12.5")]
    [InlineData("2024.5")]
    [InlineData("2024-02-30")]
    [InlineData("31/31/2024")]
    [InlineData("soon, i.e. now")]
    [InlineData("10000-01-01")]
    [InlineData("1-2")]
    public void What_is_no_date_is_missing(string cell) =>
        Assert.Equal([0f, 0, 0, 0, 0, 0, 0, 1], Of(new DateColumn("d", DateOrder.MonthFirst, 8000, 500), cell, isRead: cell.Length == 0));

    [Fact]
    public void What_a_file_says_is_checked()
    {
        Assert.Throws<ArgumentException>(() => new NumberColumn("x", double.NaN, 1));
        Assert.Throws<ArgumentException>(() => new NumberColumn("x", 0, 0));
        Assert.Throws<ArgumentException>(() => new NumberColumn("x", 0, 1, knots: [1]));
        Assert.Throws<ArgumentException>(() => new NumberColumn("x", 0, 1, knots: [2, 1]));
        Assert.Throws<ArgumentException>(() => new NumberColumn("x", 0, 1, knots: [1, double.PositiveInfinity]));
        Assert.Throws<ArgumentException>(() => new DateColumn("x", DateOrder.MonthFirst, 0, -1));
        Assert.Throws<ArgumentException>(() => new TableColumns([]));
    }

    private static TableColumns Table => new(
    [
        new TextColumn("notes", TextVocabulary.Build(["a red fox", "a red hen"], new() { Length = 4, LeastTexts = 1, Pieces = 8 })),
        new CategoryColumn("colour", ["red", "blue"]), new NumberColumn("x", 1, 2, hasMissing: true), new DateColumn("day", DateOrder.DayFirst, 8000, 500),
        new CategoryColumn("size", ["s", "m", ""]), new NumberColumn("far", 0, 1, knots: [0, 1, 100]),
    ]);

    private static readonly string[][] s_rows = [["a red hen", "blue", "3", "31/3/2024", "m", "50"], ["", "mauve", "", "?", "NA", "-4"],
        ["狐 and fox", "red", "1e9", "2.2.2022", "l", "many"]];

    [Fact]
    public void A_row_has_numbers_first_then_categories_then_tokens()
    {
        TableColumns table = Table;
        Assert.Equal(2 + 8 + 1 + 1 + 1 + 4, table.Slots);
        float[] all = table.Encode(s_rows).ToArray<float>();
        int[] order = [2, 3, 5, 1, 4, 0];
        for (int row = 0; row < s_rows.Length; row++)
        {
            var expected = new List<float>();
            foreach (int column in order)
            {
                var slots = new float[table.Columns[column].Slots];
                table.Columns[column].Encode(s_rows[row][column], slots);
                expected.AddRange(slots);
            }
            Assert.Equal(expected, all[(row * table.Slots)..((row + 1) * table.Slots)]);
        }
        Assert.Contains("row 0 has 1 values, and there are 6 columns: notes, colour", Assert.Throws<FormatException>(() => table.Encode([["1"]])).Message);
    }

    [Fact]
    public void A_saved_table_gives_the_same_bits_in_any_culture()
    {
        TableColumns table = Table;
        var network = new Linear(table.Slots, 2);
        network.Build(new Spec(DType.Float32, [table.Slots]));
        network.Initialize(3);
        string file = Path.GetTempFileName();
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            Model.Save(file, network, new ModelInfo { Inputs = [new InputInfo { Name = "row", Shape = [table.Slots], Preprocessing = [table] }] });
            float[] expected = network.Forward(table.Encode(s_rows)).ToArray<float>();
            Assert.Equal(expected, Predictor.Load(file).PredictRows(s_rows).ToArray<float>());
            CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = { NumberDecimalSeparator = ",", NumberGroupSeparator = "." },
                DateTimeFormat = { ShortDatePattern = "dd.MM.yyyy" } };
            Assert.Equal(expected, Predictor.Load(file).PredictRows(s_rows).ToArray<float>());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
            File.Delete(file);
        }
    }
}
