using System.Globalization;
using Lamina.Learning.Columns;
using Lamina.Learning.Data;
using Lamina.Tasks.Rows;
using Lamina.Tasks.Spine;
using Lamina.Tasks.Tables;
using Lamina.Tensors;

namespace Lamina.Tasks.Tests.Tables;

/// <summary>The parts between a table and its batches, each against its slow definition.</summary>
public sealed class TablePartTests
{
    private static readonly TaskContext s_context = new(_ => { });

    private static string Text(double x) => x.ToString("R", CultureInfo.InvariantCulture);

    private static NumberColumn Fit(IEnumerable<double> values, bool isMissing = false)
    {
        var fit = new NumberFit("x", DecimalMark.Point, isRegression: true);
        foreach (double x in values) fit.Add(Text(x), 0);
        if (isMissing) fit.Add("", 0);
        return (NumberColumn)fit.Finish([]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1e9)] // where a sum of squares would be lost
    [InlineData(-1e12)]
    public void Mean_and_deviation_in_one_pass_are_those_of_two(double offset)
    {
        var random = new Random(1);
        double[] values = [.. Enumerable.Range(0, 500).Select(_ => offset + random.NextDouble() * 8)];
        NumberColumn column = Fit(values);
        double mean = values.Average(), deviation = Math.Sqrt(values.Average(x => (x - mean) * (x - mean)));
        Assert.Equal(mean, column.Mean, 1e-9 * Math.Max(1, Math.Abs(offset)) * 1e-3);
        Assert.Equal(deviation, column.Deviation, 1e-4);
        Assert.False(column.HasMissing);
        Assert.Empty(column.Knots);
        Assert.True(Fit(values, isMissing: true).HasMissing);
    }

    [Fact]
    public void Odd_columns_have_a_usable_scale()
    {
        Assert.Equal((5, 1), (Fit([5, 5, 5]).Mean, Fit([5, 5, 5]).Deviation));
        Assert.Equal((0, 1), (Fit([]).Mean, Fit([]).Deviation));
        Assert.True(double.IsFinite(Fit([1e308, -1e308, 1e308]).Mean));
        Assert.Equal(1, Fit([1e308, -1e308, 1e308]).Deviation);
        NumberColumn far = Fit([.. Enumerable.Range(0, 1000).Select(i => i / 100.0), 1e12]);
        Assert.Equal(257, far.Knots.Count);
        Assert.Equal((0, 1e12), (far.Knots[0], far.Knots[^1]));
        Assert.Equal([.. far.Knots.Order()], far.Knots);
        Assert.True(far.Scaled(9) - far.Scaled(1) > 1); // in standard units all but one would be a point
    }

    [Fact]
    public void Edges_are_quantiles_in_the_networks_units()
    {
        var fit = new NumberFit("x", DecimalMark.Point, isRegression: true);
        for (int i = 0; i <= 100; i++) fit.Add(Text(i * 37 % 101), 0);
        ColumnEncoding column = fit.Finish([]);
        double mean = 50, deviation = Math.Sqrt((101 * 101 - 1) / 12.0);
        Assert.Equal([.. Enumerable.Range(0, 5).Select(i => (i * 25 - mean) / deviation)], fit.Edges(column, 4).Select(x => (double)x),
            (a, b) => Math.Abs(a - b) < 1e-6);
        var few = new NumberFit("x", DecimalMark.Point, isRegression: true);
        for (int i = 0; i < 100; i++) few.Add(i % 50 == 0 ? "1" : "0", 0);
        Assert.Empty(few.Edges(few.Finish([]), 8)); // two values need no bins
    }

    [Fact]
    public void Dates_and_categories_are_learned()
    {
        var dates = new DateFit("d", DateOrder.DayFirst);
        foreach (string cell in (string[])["1/1/2000", "3/1/2000", "", "11.1.2000"]) dates.Add(cell, 0);
        var column = (DateColumn)dates.Finish([]);
        Assert.Equal(4, column.Mean, 1e-12);
        Assert.Equal(Math.Sqrt((16 + 4 + 36) / 3.0), column.Deviation, 1e-12);
        var words = new CategoryFit("c");
        foreach (string cell in (string[])["b", "a", "c", "b", "", "NA", "c", "b"]) words.Add(cell, 0);
        Assert.Equal(["b", "", "c", "a"], ((CategoryColumn)words.Finish([])).Values); // by frequency, then by name
        var many = new CategoryFit("m");
        for (int i = 0; i < 120; i++) many.Add($"v{i % 100}", 0);
        List<string> notes = [];
        Assert.Equal(20, ((CategoryColumn)many.Finish(notes)).Values.Count); // those that came once teach what an unknown one is
        Assert.Equal("'m' has 100 categories; the 20 most frequent are told apart", Assert.Single(notes));
    }

    [Fact]
    public void A_column_that_says_the_target_is_found()
    {
        static bool Tells(bool isRegression, int rows, Func<int, (double X, double Target)> row)
        {
            var fit = new NumberFit("x", DecimalMark.Point, isRegression);
            for (int i = 0; i < rows; i++) fit.Add(Text(row(i).X), row(i).Target);
            fit.Finish([]);
            return fit.TellsTarget;
        }

        static double Value(int i) => i * 7919 % 1000 + 1;
        Assert.True(Tells(true, 200, i => (Value(i), Value(i))));
        Assert.True(Tells(true, 200, i => (100 - 2.54 * Value(i), Value(i))));
        Assert.True(Tells(true, 200, i => (Math.Log(Value(i)), Value(i))));
        Assert.True(Tells(true, 200, i => (1 / Value(i), Value(i))));
        Assert.True(Tells(true, 200, i => (Math.Round(Value(i) / 2.54, 1), Value(i))));
        Assert.False(Tells(true, 200, i => (Value(i) + i % 5 * 10, Value(i))));
        Assert.False(Tells(true, 200, i => (i % 7, Value(i))));
        Assert.False(Tells(true, 200, i => (5, Value(i))));
        Assert.True(Tells(false, 200, i => (10 - i % 3, i % 3)));
        Assert.True(Tells(false, 200, i => (i % 3 * 10 + Value(i) / 200, i % 3)));
        Assert.False(Tells(false, 200, i => (i % 3 * 4 + Value(i) / 200, i % 3))); // they overlap
        Assert.False(Tells(false, 10, i => (i, i % 2))); // too few to say
        Assert.False(Tells(false, 200, i => (Value(i), i % 2)));
        var words = new CategoryFit("c");
        for (int i = 0; i < 60; i++) words.Add($"w{i % 6}", i % 3);
        Assert.True(words.TellsTarget);
        words.Add("w0", 1);
        Assert.False(words.TellsTarget);
    }

    private static readonly TableColumns s_columns = new([new CategoryColumn("a", ["x", "y"]), new NumberColumn("n", 0, 1),
        new CategoryColumn("b", ["p", "q"])]);

    private static EncodedRows Encoded(int count)
    {
        var rows = new EncodedRows(s_columns, [.. Enumerable.Range(0, count).Select(i => i % 3 + 0.0)], 1, isClasses: true);
        for (int i = 0; i < count; i++)
        {
            s_columns.Encode(0, i % 2 == 0 ? "x" : "y", rows[i]);
            s_columns.Encode(1, Text(i % 8), rows[i]);
            s_columns.Encode(2, i % 3 == 0 ? "p" : "q", rows[i]);
        }
        return rows;
    }

    private static float[] Epoch(Dataset rows, int epoch, long seed, int batch = 50) =>
        [.. new DataLoader(rows, new BatchOptions { Size = batch, Shuffle = false, Last = LastBatch.Keep, Seed = seed }).Epoch(epoch,
            cancel: TestContext.Current.CancellationToken).SelectMany(b => b.Input.ToArray<float>())];

    [Fact]
    public void Some_categories_are_shown_as_unknown_by_seed_epoch_and_row()
    {
        const int Count = 2_000;
        EncodedRows rows = Encoded(Count);
        float[] plain = Epoch(rows, 1, 7), first = Epoch(rows.ForTraining(0.1), 1, 7);
        for (int i = 0; i < Count; i++)
        {
            Assert.Equal(i % 8, plain[i * 3]);
            Assert.Equal((i % 2 + 1, i % 3 == 0 ? 1 : 2), (plain[i * 3 + 1], plain[i * 3 + 2]));
            Assert.Equal(plain[i * 3], first[i * 3]); // numbers stay
            for (int c = 1; c <= 2; c++) Assert.True(first[i * 3 + c] == 0 || first[i * 3 + c] == plain[i * 3 + c]);
        }
        for (int c = 1; c <= 2; c++) Assert.InRange(Enumerable.Range(0, Count).Count(i => first[i * 3 + c] == 0), 0.1 * Count - 60, 0.1 * Count + 60);
        Assert.Equal(first, Epoch(rows.ForTraining(0.1), 1, 7, batch: 333)); // whatever the batches are
        Assert.NotEqual(first, Epoch(rows.ForTraining(0.1), 2, 7));
        Assert.NotEqual(first, Epoch(rows.ForTraining(0.1), 1, 8));
        Assert.Equal(plain, Epoch(rows, 2, 8));
    }

    [Fact]
    public void Rows_beyond_a_block_are_found()
    {
        const int Count = (1 << 14) + 9;
        var rows = new EncodedRows(new TableColumns([new NumberColumn("n", 0, 1e6)]), [.. Enumerable.Range(0, 2 * Count).Select(i => i / 4.0)], 2,
            isClasses: false);
        for (int i = 0; i < Count; i++) rows[i][0] = i;
        Batch batch = new DataLoader(rows.Select([0, (1 << 14) - 1, 1 << 14, Count - 1]), BatchOptions.Evaluation).Epoch(0,
            cancel: TestContext.Current.CancellationToken).Single();
        Assert.Equal([0, 16383, 16384, 16392], batch.Input.ToArray<float>());
        Assert.Equal([0, 0.25f, 8191.5f, 8191.75f, 8192, 8192.25f, 8196, 8196.25f], batch.Target.ToArray<float>());
    }

    private static TableRows Read(string[] names, string[][] rows, TableColumnsOf columns, string[]? classes, List<string> notes) =>
        TableRows.Read(new MemoryRows("t", names, rows), columns, new TargetReader(classes, [DecimalMark.Point]), s_context, notes);

    [Fact]
    public void Rows_without_a_target_are_left_out_and_equal_ones_have_equal_hashes()
    {
        string[][] cells = [["1", "a", "g", "2024-01-01", "5"], ["1", "a", "h", "2024-01-02", "5"], ["1", "a", "g", "2024-01-03", "?"],
            ["1a", "", "g", "4/1/2024", "5"], ["1", "a", "", "31/1/2024", "6e9"]];
        List<string> notes = [];
        TableRows rows = Read(["x", "c", "g", "t", "y"], cells, new([0, 1], [4]) { Group = 2, Time = 3 }, null, notes);
        Assert.Equal([1, 2, 4, 5], Enumerable.Range(0, rows.Count).Select(rows.RowOf));
        Assert.Equal("left out 1 row without a target: row 3 has '?' in y, which is a missing value", Assert.Single(notes));
        Assert.Equal([5, 5, 5, 6e9], rows.Targets.ToArray());
        Assert.Equal(rows.Hashes[0], rows.Hashes[1]); // the group and the time are no part of it
        Assert.Equal(3, rows.Hashes.ToArray().Distinct().Count()); // "1a" + "" isn't "1" + "a"
        Assert.Equal((rows.Groups[0], false, false), (rows.Groups[2], rows.Groups[0] == rows.Groups[1], rows.Groups[1] == rows.Groups[3]));
        double[] times = rows.Times!;
        Assert.Equal([1, 2, 27], times[1..].Select((t, i) => t - times[i])); // the last says that the day comes first in the one before
        Assert.Null(rows.Labels);
        Assert.Equal(["x", "c"], rows.Show(2).Cells.Select(c => c.Key));
        Assert.Equal(("row 4", "1a"), (rows.Show(2).Place, rows.Show(2).Cells[0].Value));
        rows.Standardize([new NumberOutput("y", 5, 2)]);
        Assert.Equal((6e9 - 5) / 2, rows.Targets[3]);
    }

    [Fact]
    public void Large_targets_that_differ_little_keep_their_digits()
    {
        TableRows rows = Read(["x", "y"], [.. Enumerable.Range(0, 10).Select(i => (string[])["1", Text(1_700_000_000 + i)])], new([0], [1]), null, []);
        rows.Standardize([new NumberOutput("y", 1_700_000_004.5, 2)]);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => (i - 4.5) / 2), rows.Targets.ToArray());
    }

    [Fact]
    public void Hashes_of_the_data_change_with_its_cells_order_and_names()
    {
        static string Hash(string[] names, params string[][] rows) => Read(names, rows, new([0], [1]), ["a", "b"], []).Hash;
        string hash = Hash(["x", "y"], ["1", "a"], ["2", "b"]);
        Assert.Equal(hash, Hash(["x", "y"], ["1", "a"], ["2", "b"]));
        Assert.Equal(4, new[] { hash, Hash(["x", "y"], ["2", "b"], ["1", "a"]), Hash(["x", "y"], ["1", "a"], ["2.0", "b"]),
            Hash(["w", "y"], ["1", "a"], ["2", "b"]) }.Distinct().Count());
        Assert.Equal([0, 1], Read(["x", "y"], [["1", "a"], ["2", "b"]], new([0], [1]), ["a", "b"], []).Labels!);
    }

    [Fact]
    public void Intervals_are_the_errors_quantile()
    {
        // The ⌈0.9 (n + 1)⌉-th smallest of n, or the largest.
        Assert.Equal(19, PredictionInterval.Quantile([.. Enumerable.Range(1, 20).Select(i => (double)(i * 7 % 20 + 1)).Select(x => x)]) is { } half ? half : 0);
        Assert.Equal(91, PredictionInterval.Quantile([.. Enumerable.Range(1, 100).Reverse().Select(i => (double)i)]));
        Assert.Equal(900, PredictionInterval.Quantile([.. Enumerable.Range(1, 999).Select(i => (double)i)]));
        Assert.Null(PredictionInterval.Quantile([1, double.NaN, double.PositiveInfinity]));
    }

    [Fact]
    public void Predictions_are_a_table_without_formulas()
    {
        static string Csv(OutputMeaning output, RowFormat format, params Prediction[] predictions)
        {
            var table = new PredictionTable(output);
            using var text = new StringWriter();
            RowWriter rows = RowWriter.Create(text, table.Columns, format);
            foreach (Prediction one in predictions) table.Write(rows, one);
            return text.ToString();
        }

        var classes = new ClassOutput(["=cmd()", "+b", "@c"]);
        Prediction evil = new("=1+1.csv", [new("=cmd()", 0.5), new("@c", 0.25), new("+b", 0.25)], null) { Row = 3,
            Note = "x: '=HYPERLINK(1)' is a new category" };
        Assert.Equal("source,row,prediction,probability,probability =cmd(),probability +b,probability @c,note\n'=1+1.csv,3,'=cmd(),0.5,0.5,0.25,0.25,x: '=HYPERLINK(1)' is a new category\n", Csv(classes, RowFormat.Csv, evil));
        Assert.Contains("\"prediction\":\"=cmd()\"", Csv(classes, RowFormat.JsonLines, evil)); // no spreadsheet reads these
        var number = new NumbersOutput([new("=price", 0, 1) { Interval = 2 }, new("row", 0, 1)]);
        Prediction said = new("-", [], null) { Row = 1, Numbers = [KeyValuePair.Create("=price", -5.5), KeyValuePair.Create("row", 1.0)],
            Intervals = [KeyValuePair.Create("=price", new Interval(-7.5, -3.5))] };
        Assert.Equal("source,row,'=price,=price low,=price high,row 6,note\n".Replace(",=price",
            ",'=price") + "'-,1,-5.5,-7.5,-3.5,1,\n'-,,,,,,broken\n", Csv(number, RowFormat.Csv, said, new("-", [], "broken")));
    }
}
