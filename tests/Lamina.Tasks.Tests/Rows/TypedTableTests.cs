using System.Globalization;
using System.Text;
using Lamina.Tasks.Rows;
using Microsoft.Data.Sqlite;
using Parquet;
using Parquet.Schema;

namespace Lamina.Tasks.Tests.Rows;

/// <summary>JSON, Parquet and SQLite.</summary>
public sealed class TypedTableTests : IDisposable
{
    private static readonly string[] s_columns = ["id", "size", "word", "fine", "day"];
    private static readonly double?[] s_sizes = [1.5, null, -1e-7, 0.1, 12345678.9];
    private static readonly string?[] s_words = ["x, \"y\"", "", null, "日本\n🙂", "a|b;c"];
    private static readonly bool[] s_fine = [true, false, true, true, false];

    private readonly RowFiles _files = new();

    public void Dispose() => _files.Dispose();

    public static TheoryData<string> Formats => ["csv", "tsv", "csv.gz", "jsonl", "jsonl.gz", "json",
        "parquet", "sqlite", "objects", "dictionaries", "data reader", "sequence"];

    [Theory, MemberData(nameof(Formats))]
    public void TheSameTableHasTheSameCells(string format)
    {
        RowSource source = Make(format);
        Assert.Equal(s_columns, source.Columns);
        Assert.True(source.HasHeader);
        for (int pass = 0; pass < 2; pass++)
            Assert.Equal("1|1.5|x, \"y\"|true|2024-02-29\n2|||false|2024-03-01\n3|-1E-07||true|2024-03-02\n4|0.1|日本\n🙂|true|2024-03-03\n5|12345678.9|a|b;c|false|2024-03-04",
                RowText.Lines(source));
    }

    private RowSource Make(string format)
    {
        DateTime Day(int i) => new DateTime(2024, 2, 29).AddDays(i);
        IEnumerable<int> rows = Enumerable.Range(0, 5);
        switch (format)
        {
            case "csv" or "tsv":
                RowWriter.Save(_files.At($"t.{format}"), s_columns, w =>
                {
                    foreach (int i in rows)
                    {
                        w.Add(i + 1);
                        w.Add(s_sizes[i] ?? double.NaN);
                        w.Add(s_words[i]);
                        w.Add(s_fine[i] ? "true" : "false");
                        w.Add($"{Day(i):yyyy-MM-dd}");
                        w.EndRow();
                    }
                });
                return RowFiles.Open(_files.At($"t.{format}"));
            case "csv.gz":
                Make("csv");
                return RowFiles.Open(_files.Write("t.csv.gz", RowFiles.Gzip(File.ReadAllBytes(_files.At("t.csv")))));
            case "jsonl" or "jsonl.gz" or "json":
                string[] lines = [.. rows.Select(i => System.Text.Json.JsonSerializer.Serialize(
                    new { id = i + 1, size = s_sizes[i], word = s_words[i], fine = s_fine[i], day = $"{Day(i):yyyy-MM-dd}" }))];
                byte[] text = Encoding.UTF8.GetBytes(format == "json" ? $"[\n{string.Join(",\n", lines)}\n]" : string.Join('\n', lines));
                return RowFiles.Open(_files.Write($"t.{format}", format.EndsWith("gz", StringComparison.Ordinal) ? RowFiles.Gzip(text) : text));
            case "parquet":
                return RowFiles.Open(Parquet("t.parquet", [2, 3]));
            case "sqlite":
                return RowFiles.Open(Sqlite("t.db"));
            case "objects":
                return RowSources.Of(rows.Select(i =>
                    new { id = i + 1, size = s_sizes[i], word = s_words[i], fine = s_fine[i], day = Day(i) }).ToArray());
            case "sequence":
                return RowSources.Of(rows.Select(i =>
                    new { id = (short)(i + 1), size = s_sizes[i], word = s_words[i], fine = s_fine[i], day = DateOnly.FromDateTime(Day(i)) }));
            case "dictionaries":
                return RowSources.Of(rows.Select(i =>
                    new Dictionary<string, object?> { ["id"] = i + 1, ["size"] = s_sizes[i], ["word"] = s_words[i],
                    ["fine"] = s_fine[i], ["day"] = Day(i) }));
            default:
                using (var connection = new SqliteConnection($"Data Source={Pathless(Sqlite("u.db"))}"))
                {
                    connection.Open();
                    using SqliteCommand command = connection.CreateCommand();
                    command.CommandText = "SELECT * FROM things";
                    using SqliteDataReader reader = command.ExecuteReader();
                    return RowSources.Of(reader);
                }
        }
    }

    private static string Pathless(string path) => path + ";Pooling=False";

    private string Sqlite(string name)
    {
        Run(name, "CREATE TABLE things (id INTEGER, size REAL, word TEXT, fine TEXT, day TEXT)");
        using var connection = new SqliteConnection($"Data Source={Pathless(_files.At(name))}");
        connection.Open();
        for (int i = 0; i < 5; i++)
        {
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "INSERT INTO things VALUES ($a, $b, $c, $d, $e)";
            command.Parameters.AddWithValue("$a", i + 1);
            command.Parameters.AddWithValue("$b", (object?)s_sizes[i] ?? DBNull.Value);
            command.Parameters.AddWithValue("$c", (object?)s_words[i] ?? DBNull.Value);
            command.Parameters.AddWithValue("$d", s_fine[i] ? "true" : "false");
            command.Parameters.AddWithValue("$e", $"{new DateTime(2024, 2, 29).AddDays(i):yyyy-MM-dd}");
            command.ExecuteNonQuery();
        }
        return _files.At(name);
    }

    private void Run(string name, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Pathless(_files.At(name))}");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private string Parquet(string name, int[] groups)
    {
        DataField[] fields = [new DataField<int>("id"), new DataField<double>("size", true), new DataField<string>("word", true),
            new DataField<bool>("fine"), new DateTimeDataField("day", DateTimeFormat.Date)];
        WriteAsync().GetAwaiter().GetResult();
        return _files.At(name);

        async Task WriteAsync()
        {
            await using FileStream file = File.Create(_files.At(name));
            await using ParquetWriter writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), file);
            int start = 0;
            foreach (int count in groups)
            {
                int[] rows = [.. Enumerable.Range(start, count)];
                using ParquetRowGroupWriter group = writer.CreateRowGroup();
                await group.WriteAsync<int>(fields[0], rows.Select(i => i + 1).ToArray().AsMemory());
                await group.WriteAsync<double>(fields[1], rows.Select(i => s_sizes[i]).ToArray().AsMemory());
                await group.WriteAsync(fields[2], (IReadOnlyCollection<string>)rows.Select(i => s_words[i]).ToArray()!);
                await group.WriteAsync<bool>(fields[3], rows.Select(i => s_fine[i]).ToArray().AsMemory());
                await group.WriteAsync<DateTime>(fields[4], rows.Select(i => new DateTime(2024, 2, 29).AddDays(i)).ToArray().AsMemory());
                start += count;
            }
        }
    }

    [Fact]
    public void ParquetCutShortOrDamagedIsRefused()
    {
        byte[] whole = File.ReadAllBytes(Parquet("t.parquet", [2, 3]));
        for (int length = 4; length < whole.Length; length += 7) Assert.Contains("Parquet", RowText.Refused(_files.Write("cut.parquet", whole[..length])).Problem);
        byte[] damaged = [.. whole];
        damaged.AsSpan(4, 100).Fill(0xA5);
        Assert.Contains("Parquet in row group 1 of 2", RowText.Refused(_files.Write("bad.parquet", damaged)).Problem);
    }

    [Fact]
    public async Task ParquetStructuresAreFlattenedAndListsLeftOut()
    {
        var x = new DataField<double>("x", true);
        var city = new DataField<string>("city", true);
        var tags = new DataField("tags", typeof(int), isArray: true);
        await WriteAsync();
        RowSource source = RowFiles.Open(_files.At("n.parquet"));
        Assert.Equal(["x", "place.city"], source.Columns);
        Assert.Equal("1|here\n|\n3|there", RowText.Lines(source));
        Assert.Contains("left out, since a cell holds a single value: 'tags'", source.Notes);

        async Task WriteAsync()
        {
            await using FileStream file = File.Create(_files.At("n.parquet"));
            await using ParquetWriter writer = await ParquetWriter.CreateAsync(new ParquetSchema(x, new StructField("place", city), tags), file);
            using ParquetRowGroupWriter group = writer.CreateRowGroup();
            await group.WriteAsync<double>(x, new double?[] { 1, null, 3 }.AsMemory());
            await group.WriteAsync(city, (IReadOnlyCollection<string>)new string?[] { "here", null, "there" }!);
            await group.WriteAsync<int>(tags, new[] { 1, 2, 3, 4 }.AsMemory(), new[] { 0, 1, 0, 0 }.AsMemory());
        }
    }

    [Fact]
    public void ATableOfADatabaseIsChosen()
    {
        string path = Sqlite("t.db");
        Run("t.db", "CREATE TABLE \"odd \"\"name\" (a, b)");
        Run("t.db", "INSERT INTO \"odd \"\"name\" VALUES (1, x'0102'), (NULL, NULL)");
        Assert.Contains("has several tables: 'odd \"name', 'things'", RowText.Refused(path).Problem);
        Assert.Equal(5, RowText.All(RowSources.Open(path, new() { Table = "THINGS" })).Count);
        RowSource odd = RowSources.Open(path, new() { Table = "odd \"name" });
        Assert.Equal("1|\n|", RowText.Lines(odd));
        Assert.Equal("column 'b' holds bytes, taken for missing values", Assert.Single(odd.Notes));
        Assert.Equal("2|false\n5|false",
            RowText.Lines(RowSources.Open(path, new() { Query = "SELECT id, fine FROM things WHERE fine = 'false' -- and so on" })));
        DataException e = RowText.Refused(path, new() { Table = "thing" });
        Assert.Contains("has no table 'thing'", e.Problem);
        Assert.Equal("'things'", e.Remedy);
    }

    [Theory]
    [InlineData("DELETE FROM things", "is opened read-only, and the query writes")]
    [InlineData("INSERT INTO things (id) VALUES (9) RETURNING id", "is opened read-only, and the query writes")]
    [InlineData("DROP TABLE things", "is opened read-only, and the query writes")]
    [InlineData("SELECT 1; DELETE FROM things", "takes one statement")]
    [InlineData("PRAGMA journal_mode = DELETE; SELECT 1", "")]
    [InlineData("SELECT absent FROM things", "can't answer the query: SQLite Error 1: 'no such column: absent'")]
    [InlineData("SELEC 1", "can't answer the query")]
    [InlineData("  ", "empty query")]
    [InlineData("BEGIN", "")]
    public void AQueryThatWritesOrIsWrongIsRefused(string query, string problem)
    {
        string path = Sqlite("t.db");
        byte[] before = File.ReadAllBytes(path);
        Assert.Contains(problem, RowText.Refused(path, new() { Query = query }).Problem);
        Assert.Equal(before, File.ReadAllBytes(path));
    }

    [Fact]
    public void ALockedOrDamagedDatabaseIsRefused()
    {
        string path = Sqlite("t.db");
        using (var connection = new SqliteConnection($"Data Source={Pathless(path)}"))
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE";
            command.ExecuteNonQuery();
            Assert.Contains("is locked by another program", RowText.Refused(path).Problem);
        }
        Assert.Equal(5, RowText.All(RowFiles.Open(path)).Count);
        byte[] bytes = File.ReadAllBytes(path);
        RowText.Refused(_files.Write("bad.db", [.. bytes[..100], .. new byte[bytes.Length - 100]]));
        RowText.Refused(_files.Write("cut.db", bytes[..4096]));
        Assert.Contains("packed", RowText.Refused(_files.Write("t.db.gz", RowFiles.Gzip(bytes))).Problem);
        Run("empty.db", "CREATE TABLE a (x); DROP TABLE a");
        Assert.Contains("without tables", RowText.Refused(_files.At("empty.db")).Problem);
        Assert.Contains("is no SQLite database", RowText.Refused(_files.Write("t.csv", "a\n1\n"), new() { Table = "a" }).Problem);
    }

    [Fact]
    public void JsonOfManyShapesIsRead()
    {
        RowSource source = RowFiles.Open(_files.Write("t.jsonl", "{\"a\": 1, \"b\": {\"c\": [1, 2]}}\n\n{\"b\": null, \"a\": \"x\\n\\u00e9\", \"a b\": 1e400}\r\n{}\n{\"a\":true,\"a\":2}"));
        Assert.Equal(["a", "b", "a b"], source.Columns);
        Assert.Equal("1|{\"c\": [1, 2]}|\nx\né||1e400\n||\n2||", RowText.Lines(source));
        Assert.Empty(source.Notes);
        Assert.Equal("1\n2", RowText.Lines(RowFiles.Open(_files.Write("u.json", "\uFEFF [ {\"a\": 1} ,\n {\"a\": 2} ]"))));
        Assert.Equal("1\n2", RowText.Lines(RowFiles.Open(_files.Write("v.json", Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("{\"a\": 1}\n{\"a\": 2}")).ToArray()))));
    }

    [Fact]
    public void AKeyThatComesLateIsLeftOutAndSaid()
    {
        RowSource source = RowFiles.Open(_files.Write("t.jsonl", string.Concat(Enumerable.Range(1, 3000).Select(i => i < 2000 ? $"{{\"a\": {i}}}\n" : $"{{\"z\": 1, \"a\": {i}}}\n"))));
        Assert.Equal(Enumerable.Range(1, 3000).Select(i => $"{i}"), RowText.All(source).Select(r => r[0]));
        Assert.Equal("left out 'z', which row 2000 has, and what else the first 1000 rows don't have", Assert.Single(source.Notes));
    }

    [Theory]
    [InlineData("{\"a\": 1}\n{\"a\": 2\n{\"a\": 3}\n", "line 3 is no JSON")]
    [InlineData("{\"a\": 1}\n{\"a\": \"2", "is cut short: it ends within row 2")]
    [InlineData("[{\"a\": 1},\n{\"a\": 2}", "is cut short")]
    [InlineData("{\"a\": 1}\n[2]\n", "has a number where row 2 should be")]
    [InlineData("{\"a\": 1}\n\"b\"\n", "has a text where row 2 should be")]
    [InlineData("[{\"a\": 1}, [1]]", "has an array where row 2 should be")]
    [InlineData("{\"a\": 1}\n{\"a\": \"\\ud800\"}\n", "row 2 has a text that isn't Unicode")]
    [InlineData("{}\n{}\n", "has no rows with values")]
    public void BrokenJsonIsRefused(string text, string problem) => Assert.Contains(problem, RowText.Refused(_files.Write("t.jsonl", text)).Problem);

    [Fact]
    public void ALongJsonCellIsReadAndAnEndlessOneRefused()
    {
        string word = new('é', 1 << 20);
        Assert.Equal(word, RowText.All(RowFiles.Open(_files.Write("t.jsonl", $"{{\"a\": 1}}\n{{\"a\": \"{word}\"}}\n")))[1][0]);
        Assert.Contains("row 2 is longer than", RowText.Refused(_files.Write("u.jsonl", "{\"a\": 1}\n{\"a\": \"" + new string('x', 100 << 20))).Problem);
    }
}
