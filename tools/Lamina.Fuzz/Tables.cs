using System.IO.Compression;
using System.Text;
using Lamina.Tasks.Rows;
using Microsoft.Data.Sqlite;

namespace Lamina.Fuzz;

/// <summary>Makes spoiled tables and reads them.</summary>
internal static class Tables
{
    private static readonly Lazy<byte[]> s_sqlite = new(MakeSqlite);

    /// <summary>CSV in several encodings, with every kind of quote and line end.</summary>
    public static void Csv(string folder, Random random)
    {
        string text = CsvText(random);
        Encoding encoding = random.Next(6) switch { 0 => Encoding.Unicode, 1 => Encoding.BigEndianUnicode, 2 => Encoding.Latin1, _ => new UTF8Encoding(false) };
        byte[] file = [.. random.Next(2) == 0 ? encoding.GetPreamble() : [], .. encoding.GetBytes(text)];
        if (random.Next(2) == 0) file = Mutation.Spoil(file, random);
        Read(folder, "t.csv", file, random);
    }

    /// <summary>JSON lines and arrays of objects.</summary>
    public static void Json(string folder, Random random)
    {
        string[] lines = [.. Enumerable.Range(0, random.Next(1, 20))
            .Select(i => $"{{\"a\": {i}, \"b\": \"x\\u00e9{i}\", \"c\": [{i}, {{\"d\": null}}], \"e\": {(i % 2 == 0 ? "true" : "-1e3")}}}")];
        byte[] file = Encoding.UTF8.GetBytes(random.Next(2) == 0 ? string.Join('\n', lines) : $"[{string.Join(',', lines)}]");
        Read(folder, "t.jsonl", random.Next(2) == 0 ? Mutation.SpoilJson(file, random) : Mutation.Spoil(file, random), random);
    }

    /// <summary>A database of a few pages.</summary>
    public static void Sqlite(string folder, Random random) => Read(folder, "t.db", Mutation.Spoil(s_sqlite.Value, random), random);

    private static void Read(string folder, string name, byte[] file, Random random)
    {
        if (random.Next(6) == 0)
        {
            using var memory = new MemoryStream();
            using (var gzip = new GZipStream(memory, CompressionLevel.Fastest)) gzip.Write(file);
            file = random.Next(2) == 0 ? Mutation.Spoil(memory.ToArray(), random) : memory.ToArray();
        }
        string path = Path.Combine(folder, name);
        File.WriteAllBytes(path, file);
        RowSource source = RowSources.Open(path);
        if (source.Columns.Distinct(StringComparer.Ordinal).Count() < source.Columns.Count) throw new InvalidOperationException("two columns of one name");
        long rows = 0, letters = 0;
        for (int pass = 0; pass < 2; pass++)
        {
            using RowReader reader = source.Open();
            while (reader.Read())
            {
                rows += pass == 0 ? 1 : -1;
                for (int c = 0; c < source.Columns.Count; c++) letters += pass == 0 ? reader[c].Length : -reader[c].Length;
            }
        }
        if (rows != 0 || letters != 0) throw new InvalidOperationException("the second pass isn't the first");
    }

    private static string CsvText(Random random)
    {
        string[] cells = ["1", "-2.5", "abc", "\"a,b\"", "\"a\"\"b\"", "\"a\nb\"", "\"", "a\"b", "", " ", "é日🙂", "\0",
            "2020-01-01", "1,5", "NA", "\"open", "=1+1", "'"];
        char delimiter = ",;\t|"[random.Next(4)];
        string end = random.Next(3) switch { 0 => "\r\n", 1 => "\r", _ => "\n" };
        int columns = random.Next(1, 6), odd = random.Next(4) == 0 ? cells.Length : 3;
        var text = new StringBuilder();
        for (int row = random.Next(0, 60); row > 0; row--)
            text.AppendJoin(delimiter, Enumerable.Range(0, random.Next(50) == 0 ? random.Next(9) : columns).Select(_ => cells[random.Next(odd)])).Append(end);
        return text.ToString();
    }

    private static byte[] MakeSqlite()
    {
        string path = Path.GetTempFileName();
        using (var connection = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText =
                "CREATE TABLE t (a INTEGER, b REAL, c TEXT); WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 200) INSERT INTO t SELECT x, x / 7.0, 'text ' || x FROM n";
            command.ExecuteNonQuery();
        }
        byte[] file = File.ReadAllBytes(path);
        File.Delete(path);
        return file;
    }
}
