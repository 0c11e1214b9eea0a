using System.Globalization;
using System.Text.Json;
using Lamina.Tasks.Registry;

namespace Lamina.Cli.Tests.Commands;

/// <summary>Tables by the command line: trained, predicted from files and values, written as a table, and what is refused.</summary>
[Collection("the shared pool")]
public sealed class TableCommandTests : IDisposable
{
    private readonly Terminal _terminal = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("lamina-tables-").FullName;
    private readonly Lamina.Cli.Commands.Jobs _jobs = Lamina.Cli.Commands.Jobs.Of(AllTasks.Registry);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private int Run(params string[] args) => CommandLineApp.Run(args, _jobs, _terminal.Plain, TestContext.Current.CancellationToken);

    private string At(string name) => Path.Combine(_folder, name);

    private string Data(string name = "t.csv", Func<int, string>? last = null)
    {
        File.WriteAllLines(At(name), [.. Enumerable.Range(0, 60).Select(i =>
            string.Create(CultureInfo.InvariantCulture,
                $"{i * 37 % 101 / 8.0},{(i % 3 == 0 ? "=red" : "blue")},{(last is null ? i * 37 % 101 : last(i))}")).Prepend("x,colour,y")]);
        return At(name);
    }

    private string Trained(string name = "t.csv", Func<int, string>? last = null)
    {
        Assert.Equal(0, Run("train", Data(name, last), "--quick", "--run", At("run")));
        return At("run");
    }

    [Fact]
    public void A_table_is_trained_and_predicted()
    {
        string run = Trained();
        string said = _terminal.Take();
        Assert.Contains($"task      tables: {At("t.csv")} is a table of 3 columns", said);
        Assert.Contains("'y' is predicted: its name says so", said);
        Assert.Equal(0, Run("predict", run, At("t.csv"), "--json"));
        JsonElement first = JsonDocument.Parse(Lines.Of(_terminal.Take())[0]).RootElement;
        Assert.Equal(1, first.GetProperty("row").GetInt32());
        Assert.Equal(0, Run("predict", run, "--set", "x=2.5", "--set", "colour=blue", "--json"));
        Assert.Single(Lines.Of(_terminal.Take()));
        Assert.Equal(0, Run("predict", run, "--set", "colour==red", "--json")); // a value may have the sign too
        Assert.DoesNotContain("new category", _terminal.Take());
        Assert.Equal("", _terminal.Error);
    }

    [Fact]
    public void Predictions_are_written_without_formulas_or_not_at_all()
    {
        string run = Trained(last: i => i % 2 == 0 ? "=cmd()" : "-b");
        _terminal.Take();
        Assert.Equal(0, Run("predict", run, At("t.csv"), "--out", At("out.csv")));
        string[] lines = File.ReadAllLines(At("out.csv"));
        Assert.Equal(61, lines.Length);
        Assert.Equal("source,row,prediction,probability,probability -b,probability =cmd(),note", lines[0]);
        Assert.All(lines[1..], line => Assert.Matches(@",\d+,('=cmd\(\)|'-b),0\.\d+,", line));
        Assert.Equal($"60 rows predicted, written to {At("out.csv")}\n", _terminal.Error);
        // A file that ends in the middle of a cell leaves what was there.
        File.WriteAllText(At("bad.csv"), File.ReadAllText(At("t.csv")) + "1,\"open");
        Assert.Equal(1, Run("predict", run, At("bad.csv"), "--out", At("out.csv")));
        Assert.Contains("is never closed", _terminal.Error);
        Assert.Equal(lines, File.ReadAllLines(At("out.csv")));
        Assert.Equal(["bad.csv", "out.csv", "t.csv"], Directory.GetFiles(_folder).Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData(1, "has no column 'colur', only 'x', 'colour'\n  try 'colour'", "--set", "colur=red")]
    [InlineData(1, "hold 'x' twice", "--set", "x=1", "--set", "x=2")]
    [InlineData(1, "hold 'y', which is what is predicted", "--set", "y=1")]
    [InlineData(2, "--set x: expected COLUMN=VALUE", "--set", "x")]
    [InlineData(2, "--set =1: expected COLUMN=VALUE", "--set", "=1")]
    [InlineData(1, "there's no such file", "nothing.csv")]
    public void Predict_refuses_what_it_cannot_do(int code, string said, params string[] more)
    {
        string run = Trained();
        Assert.Equal(code, Run(["predict", run, .. more]));
        Assert.Contains(said, _terminal.Error);
    }

    [Theory]
    [InlineData(1, "has no column 'z', only 'x', 'colour', 'y'", "--target", "z")]
    [InlineData(1, "column 'y' is the target, so it can't be left out", "--target", "y", "--drop", "y")]
    [InlineData(1, "column 'y' is the target", "--target", "y", "--group", "y")]
    [InlineData(1, "--classes and --regression can't be given together", "--classes", "--regression")]
    [InlineData(1, "is no SQLite database", "--table", "t")]
    [InlineData(1, "--hidden 8,x: expected", "--hidden", "8,x")]
    [InlineData(2, "--dropout 1: expected", "--dropout", "1")]
    [InlineData(2, "--target", "--target", "x", "--target", "y")]
    public void Train_refuses_what_it_cannot_do_and_leaves_nothing(int code, string said, params string[] more)
    {
        Assert.Equal(code, Run(["train", Data(), "--quick", "--run", At("run"), .. more]));
        Assert.Contains(said, _terminal.Error);
        Assert.Equal([At("t.csv")], Directory.GetFileSystemEntries(_folder));
    }

    [Theory]
    [InlineData("t.csv", "x,y\n1,2\n", "has one row alone")]
    [InlineData("t.json", "{\"a\": ", "is cut short")]
    [InlineData("t.csv.gz", "\u001f\u008b\b and no more", "is cut short or damaged")]
    [InlineData("t.parquet", "PAR1 cut", "Parquet")]
    [InlineData("t.db", "no database\n", "t.db")]
    [InlineData("t.csv", "a,b,c\n1,2\n1,2,3,4\n1,2,3\n", "don't have 3 cells as the header has")]
    public void A_bad_file_is_named(string name, string text, string said)
    {
        File.WriteAllText(At(name), text, System.Text.Encoding.Latin1);
        Assert.Equal(1, Run("train", At(name), "--quick", "--run", At("run")));
        Assert.StartsWith($"error: {At(name)}", _terminal.Error);
        Assert.Contains(said, _terminal.Error);
        Assert.Contains("\n  try ", _terminal.Error);
        Assert.False(Directory.Exists(At("run")));
    }
}
