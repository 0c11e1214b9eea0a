using System.Globalization;
using System.Text;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;
using Microsoft.Data.Sqlite;

namespace Lamina.Tasks.Tests.Tables;

/// <summary>Tables as they come: each is learned with a note, or refused by name with a way out, and nothing is left half-done.</summary>
[Collection("the shared pool")]
public sealed class BadTableRunTests : IDisposable
{
    private readonly TableFiles _files = new();

    public void Dispose() => _files.Dispose();

    private static string X(int i) => (i * 37 % 101 / 8.0).ToString(CultureInfo.InvariantCulture);

    private static string Y(int i) => (i * 37 % 101 / 4.0 + i % 3).ToString(CultureInfo.InvariantCulture);

    private static string Word(int i) => ((string[])["red", "green", "blue"])[i % 3];

    // x, colour, y.
    private string Plain(int count = 60, string name = "t.csv", string header = "x,colour,y") =>
        _files.Rows(name, header, count, i => $"{X(i)},{Word(i)},{Y(i)}");

    private static string Text(int count, Func<int, string> row, string header = "x,colour,y", string end = "\n") =>
        header + end + string.Concat(Enumerable.Range(0, count).Select(i => row(i) + end));

    private void Learns(string data, string? note = null, params (string, object)[] values)
    {
        TaskResult result = _files.Train(data, values);
        Assert.NotNull(result.Test);
        Assert.All(result.Test.Figures.Where(f => f.Key == "loss"), f => Assert.True(double.IsFinite(f.Value.Value)));
        if (note is not null) Assert.Contains(_files.Notes, n => n.Contains(note));
        Directory.Delete(_files.At("run"), recursive: true);
    }

    [Fact]
    public void Files_of_all_kinds_are_read()
    {
        string Row(int i) => $"{X(i)},{Word(i)},{Y(i)}";
        string text = Text(60, Row);
        Learns(_files.Write("bom.csv", text, new UTF8Encoding(true)));
        Learns(_files.Write("crlf.csv", Text(60, Row, end: "\r\n")));
        Learns(_files.Write("utf16.csv", text, Encoding.Unicode), "read as UTF-16");
        Learns(_files.Write("utf16be.csv", text, Encoding.BigEndianUnicode), "read as UTF-16");
        Learns(_files.Write("latin.csv", Text(60, i => $"{X(i)},{(i % 2 == 0 ? "grün" : "weiß")},{Y(i)}"), Encoding.Latin1), "Windows-1252");
        Learns(_files.Write("nul.csv", Text(60, i => i == 30 ? $"{X(i)}\0,{Word(i)},{Y(i)}" : Row(i))), "1 NUL character read as blanks, the first in line 32");
        Learns(_files.Write("quotes.csv", Text(60, i => $"{X(i)},\"the \"{Word(i)}\" one\",{Y(i)}")), "quotes inside quoted cells not doubled");
        Learns(_files.Write("lines.csv", Text(60, i => $"{X(i)},\"{Word(i)}\nthing\",{Y(i)}"))); // dotnet/machinelearning#4460
        // dotnet/machinelearning#4432
        Learns(_files.Write("comma.csv", Text(60, i => $"{Row(i)},", header: "x,colour,y,"), Encoding.UTF8), values: ("target", "y"));
        Learns(_files.Write("semi.csv", Text(60, i => $"{X(i).Replace('.', ',')};{Word(i)};{Y(i).Replace('.', ',')}", header: "x;colour;y")),
            "separated by ';'");
        Assert.Equal("y", _files.Events.OfType<DataReady>().Last().Output is NumberOutput y ? y.Name : "");
        Learns(_files.Write("script.csv", Text(60, i => $"{X(i)},{((string[])["赤", "緑", "أزرق"])[i % 3]},{Y(i)}", header: "x,色,y")));
        Learns(_files.Write("twice.csv", Text(60, Row, header: "x,x,y")), "columns of the same name, renamed: 'x_2'");
        Learns(_files.Write("blank.csv", Text(60, Row, header: "x,,y")), "without a name, called by number: '2'");
        Learns(_files.Write("none.csv", Text(60, Row, header: Row(99))), values: ("target", "3"));
        string big = new('w', 1 << 20);
        Learns(_files.Write("big.csv", Text(60, i => i == 7 ? $"{X(i)},{big},{Y(i)}" : Row(i))));
    }

    [Fact]
    public void Odd_cells_are_named()
    {
        static string Text(Func<int, string> x, Func<int, string>? y = null, int count = 120) =>
            BadTableRunTests.Text(count, i => $"{x(i)},{Word(i)},{(y ?? Y)(i)}");
        Learns(_files.Write("missing.csv", Text(i => i % 10 == 0 ? "" : X(i))), "'x' is missing in 10 % of the rows");
        Learns(_files.Write("words.csv", Text(i => i % 30 == 0 ? "unknown" : X(i))),
            "'x' has 4 cells that are no numbers, such as 'unknown', which count as missing");
        Learns(_files.Write("infinite.csv", Text(i => i % 40 == 0 ? "inf" : i % 40 == 1 ? "1e400" : X(i))),
            "'x' has 6 infinite values, which count as missing");
        Learns(_files.Write("dates.csv",
            Text(i => new DateTime(2024, 1, 1).AddDays(i) is var d && i % 3 == 0 ? d.ToString("yyyy-MM-dd") : i % 3 == 1 ? d.ToString("d.M.yyyy")
            : $"\"{d:MMM d, yyyy}\"")));
        Learns(_files.Write("far.csv", Text(i => i == 3 ? "9999-12-31" : i == 4 ? "0001-01-01" : $"{1900 + i}-02-03"))); // autogluon#1182
        Learns(_files.Write("huge.csv", Text(i => i == 3 ? "1e308" : i == 4 ? "-1e308" : X(i))));
        Learns(_files.Write("single.csv", Text(i => i % 2 == 0 ? "5" : ""))); // one value and gaps: autogluon#4584
        Learns(_files.Write("id.csv", Text(i => $"{i + 1}")), "left out 'x': its whole numbers number the rows");
        Learns(_files.Write("constant.csv", Text(_ => "7")), "left out 'x': it has the same value in all rows, '7'");
        Learns(_files.Write("empty.csv", Text(_ => "")), "left out 'x': it has no values");
        Learns(_files.Write("ragged.csv", BadTableRunTests.Text(300, i => i == 150 ? "1,2" : $"{X(i)},{Word(i)},{Y(i)}")),
            "skipped 1 row without 3 cells, the first in line 152 with 2");
        // Targets: rows without one are left out, whatever they say instead (autogluon#2443).
        Learns(_files.Write("target.csv", Text(X, i => i % 20 == 0 ? "" : i % 60 == 1 ? "inf" : Y(i))),
            "left out 8 rows without a target: row 1 has nothing in y");
        // pycaret#161
        Learns(_files.Write("once.csv", Text(X, i => i == 7 ? "z" : i % 2 == 0 ? "a" : "b")), "'z' comes once, too seldom to be learned and measured");
        Learns(_files.Write("rare.csv", Text(X, i => i % 12 == 7 ? "b" : "a")), "classes are imbalanced: 92 % of the rows are 'a'");
    }

    [Fact]
    public void Odd_shapes_are_learned()
    {
        Learns(_files.Rows("words.csv", "a,b,c", 200, i => $"{Word(i)},{Word(i / 3)},{(i % 3 == i / 3 % 3 ? "same" : "other")}"));
        Learns(_files.Rows("tiny.csv", "a,b", 10, i => $"{X(i)},{Y(i)}"));
        Learns(_files.Rows("wide.csv", string.Join(',', Enumerable.Range(0, 400).Select(c => $"gene{c}").Append("y")), 30,
            i => string.Join(',', Enumerable.Range(0, 400).Select(c => $"{(i * 37 + c * 53 + i * c) % 101}").Append(Y(i)))));
        Learns(_files.Rows("same.csv", "a,b,y", 60, i => $"{Word(i % 2)},{Word(i % 2)},{i % 2}"), "too few differ to keep duplicates on one side");
        Learns(_files.Rows("many.csv", "a,y", 4000, i => $"c{i * 7 % 1500},{Y(i)}"), " categories; the ");
        Learns(_files.Rows("empty.csv", "notes,y", 100, i => i % 3 == 0 ? $",{Y(i)}" : $"number {i} is what it says,{Y(i)}"),
            "'notes' is missing in 34 % of the rows");
    }

    [Fact]
    public void Many_columns_of_which_the_same_is_to_be_said_have_one_note()
    {
        Learns(_files.Rows("t.csv", string.Join(',', Enumerable.Range(0, 30).Select(c => $"c{c}").Append("x").Append("y")), 40,
            i => string.Join(',', Enumerable.Repeat("1", 30).Append(X(i)).Append(Y(i)))),
            "30 columns left out, since they have the same value in all rows: 'c0', 'c1'");
        Assert.InRange(_files.Notes.Count, 1, 8);
    }

    [Theory]
    [InlineData("x,y\n1,2\n3,4\n", "2 rows")]
    [InlineData("x,y\n1,a\n2,b\n3,c\n", "3 rows")]
    [InlineData("y\n1\n2\n3\n4\n5\n6\n7\n8\n9\n11\n12\n", "has no column to predict 'y' from")]
    [InlineData("x,y\n1,\n2,\n3,NA\n4,\n", "no values to learn", "target", "y")]
    [InlineData("x,y\n1,5\n2,5\n3,5\n4,5\n", "one value in all rows, '5'", "target", "y")]
    [InlineData("x,y\n1,5\n2,5.0\n3,5\n4,5.00\n", "has one value in all rows, '5'", "target", "y")]
    [InlineData("a,y\nq,1\nq,2\nq,3\nq,4\n", "left out 'a': it has the same value in all rows, 'q'", "target", "y")]
    public void What_holds_nothing_to_learn_is_refused(string text, string said, params string[] option) =>
        Assert.Contains(said, _files.Refused(_files.Write("t.csv", text), [.. option.Chunk(2).Select(o => (o[0], (object)o[1]))]));

    [Theory]
    [InlineData("target", "colr", "has no column 'colr', only 'x', 'colour', 'y'")]
    [InlineData("target", "colur", "try 'colour'")]
    [InlineData("target", "4", "has no column '4'")]
    [InlineData("target", "colour,y", "'colour' is predicted as classes")]
    [InlineData("drop", "w", "has no column 'w'")]
    [InlineData("drop", "x,colour", "has no column to predict 'y' from")]
    [InlineData("drop", "y", "is the target, so it can't be left out", "y")]
    [InlineData("group", "y", "is the target, so it can't be left out or split by", "y")]
    [InlineData("time", "colour", "which is neither a number nor a date")]
    [InlineData("query", "select 1", "is no SQLite database")]
    public void Options_that_dont_fit_are_refused(string option, string value, string said, string? target = null) =>
        Assert.Contains(said, _files.Refused(Plain(), target is null ? [(option, value)] : [(option, value), ("target", target)]));

    [Fact]
    public void More_classes_than_can_be_told_apart_are_refused()
    {
        string data = _files.Rows("t.csv", "x,y", 20_010, i => $"{X(i)},c{i % 10_001}");
        Assert.Contains("10,001 different values in 20,010 rows: too many for classes", _files.Refused(data, ("target", "y")));
        Assert.Contains("can't be given together", _files.Refused(Plain(), ("classes", true), ("regression", true)));
        Assert.Contains("holds no numbers", _files.Refused(Plain(), ("target", "colour"), ("regression", true)));
    }

    [Fact]
    public void A_target_in_a_feature_is_said_aloud()
    {
        void Leaks(string name, Func<int, string> leak, Func<int, string> y)
        {
            Learns(_files.Rows("t.csv", $"x,{name},y", 200, i => $"{X(i)},{leak(i)},{y(i)}"), values: ("target", "y"));
            Assert.Contains(_files.Warnings, w => w.StartsWith($"'{name}' says 'y' outright"));
        }

        string Number(double x) => x.ToString("R", CultureInfo.InvariantCulture);
        double Value(int i) => (i * 7919 % 1000 + 1) / 10.0;
        Leaks("copy", i => Number(Value(i)), i => Number(Value(i)));
        Leaks("scaled", i => Number(32 - 1.8 * Value(i)), i => Number(Value(i)));
        Leaks("log", i => Number(Math.Log(Value(i))), i => Number(Value(i)));
        Leaks("code", i => $"{10 - i % 3}", Word);
        Leaks("word", i => Word(i)[..1], Word);
        Leaks("score", i => Number(i % 3 + i * 31 % 97 / 1000.0), i => $"{i % 3}");
        Learns(_files.Rows("t.csv", "x,near,y", 200, i => $"{X(i)},{Number(Value(i) + i % 7)},{Number(Value(i))}"), values: ("target", "y"));
        Assert.Empty(_files.Warnings);
    }

    [Fact]
    public void None_is_a_class_among_words()
    {
        Learns(_files.Rows("t.csv", "x,harm", 90, i => $"{X(i)},{((string[])["none", "mild", ""])[i % 3]}"),
            "'none' in 'harm' is taken as a class, not as a missing value");
        Assert.Equal(["mild", "none"], Assert.IsType<ClassOutput>(_files.Events.OfType<DataReady>().Last().Output).Names);
        Assert.Contains(_files.Notes, n => n.StartsWith("left out 30 rows without a target: row 3 has nothing in harm"));
        Learns(_files.Rows("t.csv", "x,harm", 90, i => $"{X(i)},{(i % 3 == 0 ? "none" : $"{i % 7}.5")}"),
            "left out 30 rows without a target: row 1 has 'none' in harm, which is a missing value");
    }

    [Fact]
    public void Many_leaks_have_one_warning()
    {
        Learns(_files.Rows("t.csv", string.Join(',', Enumerable.Range(0, 20).Select(c => $"c{c}").Append("y")), 60,
            i => string.Join(',', Enumerable.Range(0, 20).Select(c => $"{i % 2 * (c + 1) + c}").Append(i % 2 == 0 ? "a" : "b"))));
        Assert.StartsWith("'c0', 'c1', 'c2'", Assert.Single(_files.Warnings));
        Assert.Contains("and 10 more each say 'y' outright", _files.Warnings[0]);
    }

    [Fact]
    public void Files_that_arent_whole_are_refused()
    {
        Assert.Contains("Parquet", _files.Refused(_files.Write("cut.parquet", "PAR1 and nothing that follows")));
        Assert.Contains("can't be read as an SQLite database",
            _files.Refused(_files.Write("not.db", "SQLite format 3\0 and nothing that follows it, since this is no database")));
        Assert.Contains("is binary", _files.Refused(_files.Write("x.db", [.. Enumerable.Range(0, 1000).Select(i => (byte)(i * 37))])));
        Assert.Contains("there's no such file", _files.Refused(_files.At("nothing.csv")));
        Assert.Contains("is a folder", _files.Refused(_files.At("")));
    }

    [Fact]
    public void A_database_is_read_only_and_may_be_locked()
    {
        string path = _files.At("t.db");
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        void Execute(string sql)
        {
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }

        Execute("CREATE TABLE t (x REAL, colour TEXT, y REAL)");
        for (int i = 0; i < 60; i++) Execute($"INSERT INTO t VALUES ({X(i)}, '{Word(i)}', {Y(i)})");
        Execute("CREATE TABLE other (a INTEGER)");
        byte[] before = File.ReadAllBytes(path);
        Assert.Contains("has several tables: 'other', 't'", _files.Refused(path));
        Assert.Contains("has no table 'tt'", _files.Refused(path, ("table", "tt")));
        foreach (string sql in (string[])["DELETE FROM t", "DROP TABLE t", "UPDATE t SET y = 0", "INSERT INTO other VALUES (1)", "PRAGMA user_version = 3"])
            Assert.Contains("the query writes", _files.Refused(path, ("query", sql)));
        Assert.Contains("has several", _files.Refused(path, ("query", "SELECT * FROM t; DROP TABLE t")));
        Assert.Contains("can't answer the query", _files.Refused(path, ("query", "SELECT nothing FROM nowhere")));
        Assert.Contains("has no rows", _files.Refused(path, ("query", "SELECT * FROM t WHERE x > 1000")));
        Learns(path, values: ("query", "SELECT x, colour, y FROM t WHERE x >= 0"));
        Assert.Equal(before, File.ReadAllBytes(path));
        Execute("BEGIN EXCLUSIVE");
        Assert.Contains("is locked by another program", _files.Refused(path, ("table", "t")));
        Execute("ROLLBACK");
    }

    [Fact]
    public void Predict_takes_tables_that_differ_and_says_what_is_new()
    {
        string data = _files.Rows("t.csv", "id,x,colour,gone,y", 80, i => $"{i},{X(i)},{Word(i)},,{Y(i)}");
        _files.Train(data);
        List<Prediction> plain = _files.Predict(data); // with the target present
        Assert.Equal(80, plain.Count);
        // Without the target, in another order, with a column that training hadn't, and one filled that was empty (ludwig#119, #372).
        string other = _files.Rows("other.csv", "gone,new,COLOUR,x", 80, i => $"full,1,{Word(i)},{X(i)}");
        Assert.Equal(plain.Select(p => p.Numbers[0].Value), _files.Predict(other).Select(p => p.Numbers[0].Value));
        List<Prediction> odd = _files.Predict(_files.Write("odd.csv", "x,colour\n1,mauve\nmany,red\ninf,red\n,\n2.5,green\n")); // autogluon#601, #4347
        Assert.Equal(["colour: 'mauve' is a new category", "x: 'many' is no number", "x: 'inf' is no number", null, null], odd.Select(p => p.Note));
        Assert.All(odd, p => Assert.True(double.IsFinite(p.Numbers[0].Value)));
        DataException missing = Assert.Throws<DataException>(() => _files.Predict(_files.Write("less.csv", "x,farbe\n1,red\n2,blue\n")));
        Assert.Contains("has no column 'colour', only 'x', 'farbe'", missing.Message);
        // By number where there are no names.
        string bare = _files.Write("bare.csv", string.Concat(Enumerable.Range(0, 80).Select(i => $"{i},{X(i)},{Word(i)},,{Y(i)}\n")));
        Assert.Equal(plain.Select(p => p.Numbers[0].Value), _files.Predict(bare).Select(p => p.Numbers[0].Value));
        string untold = _files.Write("untold.csv", string.Concat(Enumerable.Range(0, 80).Select(i => $"{i},{X(i)},{Word(i)},\n")));
        Assert.Equal(plain.Select(p => p.Numbers[0].Value), _files.Predict(untold).Select(p => p.Numbers[0].Value));
        Assert.Contains("has 2 columns and no names, so they are told by number: the training data had 5, 'y' among them",
            Assert.Throws<DataException>(() => _files.Predict(_files.Write("two.csv", "1,2\n3,4\n"))).Message);
        Assert.Contains("has no column 'y'",
            Assert.Throws<DataException>(() => _files.Runner.Test(_files.At("run"), new DataSource(other), _files.Context)).Message);
    }

    [Fact]
    public void Predict_without_names_where_the_target_came_first()
    {
        string Rows(Func<int, string> row) => string.Concat(Enumerable.Range(0, 80).Select(i => row(i) + "\n"));
        string data = _files.Write("wine.csv", Rows(i => $"{i % 3 + 1},{X(i + i % 3 * 20)},{Y(i)}"));
        _files.Train(data, ("target", "1"));
        Assert.Equal("1", _files.Info.Option("target"));
        string[] with = [.. _files.Predict(data).Select(p => p.Top[0].Class)];
        Assert.Equal(with, _files.Predict(_files.Write("less.csv", Rows(i => $"{X(i + i % 3 * 20)},{Y(i)}"))).Select(p => p.Top[0].Class));
        Assert.Equal(with, _files.Predict(_files.Write("named.csv", "kind,a,b\n" + Rows(i => $"{i % 3 + 1},{X(i + i % 3 * 20)},{Y(i)}"))).Select(p =>
            p.Top[0].Class));
        Assert.Contains("the training data had no names", Assert.Throws<DataException>(() => _files.Predict(_files.Write("one.csv", "a\n1\n2\n"))).Message);
    }

    [Fact]
    public void The_names_of_the_training_tell_a_header_of_words_from_a_row()
    {
        _files.Train(_files.Rows("t.csv", "shape,colour,kind", 120, i => $"{((string[])["round", "square"])[i % 2]},{Word(i)},{(i % 2 == 0 ? "a" : "b")}"));
        Assert.Equal(2, _files.Predict(_files.Write("named.csv", "shape,colour\nround,red\nsquare,blue\n")).Count);
        Assert.Equal(2, _files.Predict(_files.Write("bare.csv", "round,red\nsquare,blue\n")).Count);
        Assert.Single(_files.Predict(_files.Write("one.csv", "round,red\n")));
        Assert.Single(_files.Predict(_files.Write("one.csv", "shape,colour\nround,red\n")));
    }

    [Fact]
    public void Values_that_are_given_are_checked()
    {
        _files.Train(_files.Rows("t.csv", "id,x,colour,y", 80, i => $"{i},{X(i)},{Word(i)},{Y(i)}"));
        double whole = _files.Predict(_files.Write("one.csv", "x,colour\n2.5,red\n"))[0].Numbers[0].Value;
        Assert.Equal(whole, _files.Set(("x", "2.5"), ("colour", "red"))[0].Numbers[0].Value);
        Assert.Equal(whole, _files.Set(("X", "2.5"), ("colour", " red "))[0].Numbers[0].Value);
        Assert.Null(_files.Set(("x", "2.5"))[0].Note); // what isn't set is missing
        Assert.Equal("colour: 'mauve' is a new category", _files.Set(("colour", "mauve"))[0].Note);
        Assert.Contains("has no column 'color', only 'x', 'colour'\n  try 'colour'", Assert.Throws<DataException>(() => _files.Set(("color", "red"))).Message);
        Assert.Contains("hold 'x' twice", Assert.Throws<DataException>(() => _files.Set(("x", "1"), ("X", "1"))).Message);
        Assert.Contains("hold 'y', which is what is predicted", Assert.Throws<DataException>(() => _files.Set(("y", "1"))).Message);
    }

    [Fact]
    public void Test_files_may_write_classes_otherwise_or_have_new_ones()
    {
        string data = _files.Rows("t.csv", "x,y", 120, i => $"{X(i)},{i % 3}");
        _files.Train(data, ("target", "y"));
        Assert.Equal(9, _files.Runner.Test(_files.At("run"), new DataSource(_files.Rows("floats.csv", "x,y", 9, i => $"{X(i)},{i % 3}.0")),
            _files.Context).Count);
        Assert.Equal(6, _files.Runner.Test(_files.At("run"),
            new DataSource(_files.Rows("new.csv", "x,y", 9, i => $"{X(i)},{(i % 3 == 2 ? 7 : i % 3)}")), _files.Context).Count);
        Assert.Contains("left out 3 rows without a target: row 3 has '7' in y, which is none of the classes", _files.Events.OfType<TestReady>().Last().Notes);
        Assert.Contains("has no row with a target: row 1 has '9' in y, which is none of the classes",
            Assert.Throws<DataException>(() =>
                _files.Runner.Test(_files.At("run"), new DataSource(_files.Rows("none.csv", "x,y", 9, i => $"{X(i)},9")), _files.Context)).Message);
        Directory.Delete(_files.At("run"), recursive: true);
        // As a file of its own at training, too.
        TaskRequest request = _files.Request(data, "run", ("quick", true), ("target", "y"));
        _files.Train(request with { Data = new DataSource(data) { Test = _files.At("new.csv") } });
        Assert.Contains(_files.Notes, n => n.StartsWith("new.csv: left out 3 rows without a target"));
    }
}
