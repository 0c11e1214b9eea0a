using System.Globalization;
using System.Text.Json.Nodes;
using Lamina.Learning.Columns;
using Lamina.Learning.Saving;
using Lamina.Learning.Training;
using Lamina.Models;
using Lamina.Tasks.Rows;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;
using Microsoft.Data.Sqlite;
using Parquet;
using Parquet.Schema;

namespace Lamina.Tasks.Tests.Tables;

/// <summary>Tables with columns of all kinds: learned, resumed to the same bits, opened without the run, from each kind of file.</summary>
[Collection("the shared pool")]
public sealed class TableWholeTests : IDisposable
{
    private const string Header = "id,size,colour,sold,notes,gap,fixed,price,kind";

    private readonly TableFiles _files = new();

    public void Dispose() => _files.Dispose();

    private static string[] Cells(int i)
    {
        string colour = ((string[])["red", "green", "blue"])[i % 3], size = (i * 37 % 101 / 8.0).ToString(CultureInfo.InvariantCulture);
        string price = (i * 37 % 101 * 2 + i % 3 * 10 + i % 7 * 0.25).ToString(CultureInfo.InvariantCulture);
        string notes = $"{(i % 2 == 0 ? "a quiet street" : "a loud road")} near house number {i * 13 % 997}";
        return [$"{i + 1}", size, colour, new DateTime(2024, 1, 1).AddDays(i * 17 % 365).ToString("yyyy-MM-dd"), notes, i % 9 == 0 ? "" : $"{i % 5}",
            "1", price, i % 2 == 0 ? "quiet" : "loud"];
    }

    private string Csv(string name, int count = 150, int first = 0) => _files.Rows(name, Header, count, i => string.Join(',', Cells(first + i)));

    [Theory]
    [InlineData("price", 2)]
    [InlineData("kind", 5)]
    public void Resumes_to_the_same_bits_with_categories_texts_and_dates(string target, int steps)
    {
        string data = Csv("t.csv");
        (string, object)[] values = [("quick", true), ("target", target), ("seed", 3L)];
        byte[] straight = File.ReadAllBytes(_files.Train(_files.Request(data, "straight", values)).Model!);
        Assert.Contains(_files.Notes, n => n == "left out 'id': its whole numbers number the rows");
        Assert.Contains(_files.Notes, n => n == "left out 'fixed': it has the same value in all rows, '1'");
        using var stop = new CancellationTokenSource();
        TaskResult stopped = _files.Runner.Train(_files.Tables, _files.Request(data, "stopped", values), new(e =>
        {
            if (e is TrainingProgress { Event: StepDone step } && step.Step == steps) stop.Cancel();
        }, stop.Token));
        Assert.True(stopped.WasInterrupted);
        Assert.Equal(straight, File.ReadAllBytes(_files.Runner.Resume(stopped.Run, _files.Context).Model!));
    }

    [Fact]
    public void A_model_opens_without_its_run_and_gives_the_same_bits()
    {
        TaskResult result = _files.Train(Csv("t.csv"), ("target", "kind"));
        List<Prediction> said = _files.Predict(Csv("new.csv", 20, 500));
        Predictor alone = Predictor.Load(result.Model!);
        var columns = (TableColumns)alone.Info.Inputs[0].Preprocessing[0];
        string[] names = Header.Split(',');
        Assert.Equal(["size", "colour", "sold", "notes", "gap", "price"], columns.Columns.Select(c => c.Name));
        Assert.Equal([typeof(NumberColumn), typeof(CategoryColumn), typeof(DateColumn), typeof(TextColumn), typeof(NumberColumn),
            typeof(NumberColumn)], columns.Columns.Select(c => c.GetType()));
        string[][] rows = [.. Enumerable.Range(500, 20).Select(i => columns.Columns.Select(c => Cells(i)[Array.IndexOf(names, c.Name)]).ToArray())];
        float[] answers = alone.PredictRows(rows).ToArray<float>();
        Assert.Equal(["loud", "quiet"], alone.Classes);
        for (int i = 0; i < 20; i++)
            for (int c = 0; c < 2; c++) Assert.Equal((double)answers[i * 2 + c], said[i].Top.Single(p => p.Class == alone.Classes[c]).Probability);
    }

    [Fact]
    public void Several_numbers_are_predicted_at_once()
    {
        TaskResult result = _files.Train(Csv("t.csv"), ("target", "price, gap"), ("drop", "notes,colour"));
        Assert.Equal(["price", "gap"], Assert.IsType<NumbersOutput>(_files.Info.Output).Numbers.Select(n => n.Name));
        Assert.Contains(_files.Notes, n => n.StartsWith("left out 17 rows without a target: row 1 has nothing in gap"));
        Assert.Contains(result.Test!.Figures, f => f.Key == "r2.price");
        Assert.Contains(result.Test.Figures, f => f.Key == "r2.gap");
        List<Prediction> said = _files.Predict(Csv("new.csv", 3, 500));
        Assert.Equal(["price", "gap"], said[0].Numbers.Select(n => n.Key));
        Assert.Equal(["size", "sold", "kind"], ((TableColumns)_files.Tables.Describe(_files.Info).Inputs[0].Preprocessing[0]).Columns.Select(c => c.Name));
    }

    [Fact]
    public void Intervals_hold_most_of_what_is_new()
    {
        _files.Train(_files.Request(_files.Rows("t.csv", "x,z,y", 400, i => $"{i * 37 % 101},{i * 53 % 89},{i * 37 % 101 + i * 31 % 17}"), "run",
            ("epochs", 6L)));
        double half = Assert.IsType<NumberOutput>(_files.Info.Output).Interval!.Value;
        List<Prediction> said = _files.Predict(_files.Rows("new.csv", "x,z", 300, i => $"{(i + 1000) * 37 % 101},{(i + 1000) * 53 % 89}"));
        Assert.All(said, p => Assert.Equal((p.Numbers[0].Value - half, p.Numbers[0].Value + half),
            (p.Intervals.Single().Value.Low, p.Intervals.Single().Value.High)));
        int within = said.Select((p, i) => ((i + 1000) * 37 % 101 + (i + 1000) * 31 % 17, p)).Count(x => x.Item1 >= x.p.Intervals.Single().Value.Low
            && x.Item1 <= x.p.Intervals.Single().Value.High);
        Assert.InRange(within, 0.75 * 300, 300);
    }

    private static async Task WriteParquet(string path)
    {
        DataField[] fields = [new DataField<double>("size"), new DataField<string>("colour"), new DataField<double>("price")];
        double[] Numbers(int column) => [.. Enumerable.Range(0, 80).Select(i => double.Parse(Cells(i)[column], CultureInfo.InvariantCulture))];
        await using FileStream file = File.Create(path);
        await using ParquetWriter writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), file);
        using ParquetRowGroupWriter group = writer.CreateRowGroup();
        await group.WriteAsync<double>(fields[0], Numbers(1).AsMemory());
        await group.WriteAsync(fields[1], (IReadOnlyCollection<string>)Enumerable.Range(0, 80).Select(i => Cells(i)[2]).ToArray());
        await group.WriteAsync<double>(fields[2], Numbers(7).AsMemory());
    }

    [Fact]
    public async Task A_database_json_and_parquet_give_the_bits_of_the_csv()
    {
        string database = _files.At("t.db"), parquet = _files.At("t.parquet"), lines = _files.At("t.jsonl");
        using (var connection = new SqliteConnection($"Data Source={database};Pooling=False"))
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "CREATE TABLE houses (n INTEGER, size REAL, colour TEXT, price REAL); " +
                string.Concat(Enumerable.Range(0, 80).Select(i => $"INSERT INTO houses VALUES ({i}, {Cells(i)[1]}, '{Cells(i)[2]}', {Cells(i)[7]});"));
            command.ExecuteNonQuery();
        }
        await WriteParquet(parquet);
        File.WriteAllLines(lines, Enumerable.Range(0, 80).Select(i => $$"""{"size": {{Cells(i)[1]}}, "colour": "{{Cells(i)[2]}}", "price": {{Cells(i)[7]}}}"""));
        string csv = _files.Rows("t.csv", "size,colour,price", 80, i => $"{Cells(i)[1]},{Cells(i)[2]},{Cells(i)[7]}");
        string tsv = _files.Rows("t.tsv", "size\tcolour\tprice", 80, i => $"{Cells(i)[1]}\t{Cells(i)[2]}\t{Cells(i)[7]}");
        (string, object) quick = ("quick", true), query = ("query", "SELECT size, colour, price FROM houses ORDER BY n");
        byte[] expected = File.ReadAllBytes(_files.Train(_files.Request(csv, "csv", quick)).Model!);
        foreach ((string data, string run, (string, object)[] values) in ((string, string, (string, object)[])[])[(database, "db", [quick, query]),
            (parquet, "parquet", [quick]), (lines, "lines", [quick]), (tsv, "tsv", [quick])])
            Assert.Equal(expected, File.ReadAllBytes(_files.Train(_files.Request(data, run, values)).Model!));
        // A run of a database is resumed, and tested and used on files too.
        Assert.Equal(expected, File.ReadAllBytes(_files.Runner.Resume(_files.At("db"), _files.Context).Model!));
        Assert.Equal(80, _files.Runner.Test(_files.At("db"), new DataSource(csv), _files.Context).Count);
        Assert.Equal(80, _files.Runner.Test(_files.At("db"), new DataSource(database), _files.Context).Count);
        Assert.Equal(_files.Runner.Predict(_files.At("csv"), [csv], 1, _files.Context).Items.Select(p => p.Numbers[0].Value),
            _files.Runner.Predict(_files.At("db"), [parquet], 1, _files.Context).Items.Select(p => p.Numbers[0].Value));
        File.WriteAllBytes(parquet, File.ReadAllBytes(parquet)[..^200]);
        Assert.Contains("Parquet", _files.Refused(parquet));
    }

    [Fact]
    public void Folds_of_classes_have_each_row_tested_once()
    {
        TaskResult result = _files.Train(Csv("t.csv", 60), ("target", "kind"), ("folds", 2L));
        Assert.Equal(60, result.Test!.Count);
        Assert.Contains(result.Test.Figures, f => f.Key == "f1");
        Assert.Contains("accuracy", result.Deviation!.Keys);
    }

    [Fact]
    public void Fine_tuning_keeps_the_encodings_of_the_run_it_starts_from()
    {
        string Rows(string name, int count, Func<int, int> word, double scale) =>
            _files.Rows(name, "colour,x,y", count,
                i => $"c{word(i)},{(i * 37 % 101 * scale).ToString(CultureInfo.InvariantCulture)},{i * 37 % 101 + word(i) * 10}");
        TaskResult first = _files.Train(_files.Request(Rows("a.csv", 120, i => i % 7 % 4, 1), "first", ("epochs", 2L)));
        // Other frequencies would number the categories otherwise, and another scale would move the numbers.
        string other = Rows("b.csv", 120, i => i % 11 % 5, 3);
        TaskResult second = _files.Train(_files.Request(other, "second", ("quick", true), ("from", first.Run)));
        TableColumns Of(TaskResult result) => (TableColumns)_files.Tables.Describe(RunFolder.Open(result.Run).Info).Inputs[0].Preprocessing[0];
        var before = (CategoryColumn)Of(first).Columns[0];
        Assert.Equal(before.Values, ((CategoryColumn)Of(second).Columns[0]).Values);
        Assert.Equal(((NumberColumn)Of(first).Columns[1]).Mean, ((NumberColumn)Of(second).Columns[1]).Mean);
        Assert.Contains(_files.Notes, n => n == $"columns are read as in {first.Run}, whose weights this run starts from");
        Assert.Contains(_files.Events.OfType<Remarked>(), r => r.Message == $"starts from the weights of {first.Run}");
        TaskResult alone = _files.Train(_files.Request(other, "alone", ("quick", true)));
        Assert.NotEqual(before.Values, ((CategoryColumn)Of(alone).Columns[0]).Values);
    }

    [Fact]
    public void A_header_that_was_mended_is_still_one_when_the_run_is_resumed()
    {
        string data = _files.Rows("t.csv", "notes,notes,y", 60, i => $"{Cells(i)[4]},{Cells(i + 3)[4]},{i % 2}");
        TaskResult result = _files.Train(data, ("target", "y"));
        byte[] model = File.ReadAllBytes(result.Model!);
        Assert.Equal(model, File.ReadAllBytes(_files.Runner.Resume(result.Run, _files.Context).Model!));
        Assert.Equal(60, _files.Predict(data).Count);
    }

    [Fact]
    public void What_run_json_says_of_a_table_is_not_trusted()
    {
        _files.Train(_files.Rows("t.csv", "size,colour,price", 40, i => $"{Cells(i)[1]},{Cells(i)[2]},{Cells(i)[7]}"));
        string file = _files.At("run/run.json"), text = File.ReadAllText(file);
        JsonNode Form(JsonNode run) => run["preprocessing"]!;
        foreach (Action<JsonNode> change in (Action<JsonNode>[])
        [
            run => Form(run)["width"] = 2, run => Form(run)["width"] = int.MinValue, run => Form(run)["places"] = new JsonArray(0, -1),
                run => Form(run)["places"] = new JsonArray(0),
            run => Form(run)["targetMarks"] = new JsonArray("7"), run => Form(run)["targets"] = new JsonArray(), run => Form(run)["targets"] = null,
                run => Form(run)["targetPlaces"] = new JsonArray(9),
            run => Form(run)["columns"] = "none", run => Form(run)["columns"] = new JsonObject { ["type"] = "Nothing" },
                run => run["preprocessing"] = null, run => Form(run).AsObject().Remove("hasHeader"),
        ])
        {
            JsonNode run = JsonNode.Parse(text)!;
            change(run);
            File.WriteAllText(file, run.ToJsonString());
            Exception error = Record.Exception(() => _files.Predict(_files.At("t.csv")))!;
            Assert.True(error is TaskException, $"{run["preprocessing"]?.ToJsonString()}: {error}");
            Assert.Contains("run.json", error.Message);
        }
    }

    [Fact]
    public void The_built_in_houses_are_learned_and_called_synthetic()
    {
        TaskResult result = _files.Train((string?)null);
        Assert.Equal("price", Assert.IsType<NumberOutput>(_files.Info.Output).Name);
        Assert.Contains("synthetic", _files.Events.OfType<DataReady>().Single().Source);
        Assert.Equal(300, _files.Tables.Read(_files.Info, _files.Context).Test.Count);
        Prediction one = _files.Set(("area", "120"), ("district", "harbour"), ("sold", "2024-05-01")).Single();
        Assert.True(double.IsFinite(one.Numbers.Single().Value));
        Assert.Null(one.Note);
        Assert.NotNull(result.Test!.Baseline);
    }
}
