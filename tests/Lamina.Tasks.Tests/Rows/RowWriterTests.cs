using System.Globalization;
using CsCheck;
using Lamina.Tasks.Rows;

namespace Lamina.Tasks.Tests.Rows;

/// <summary>What is written is read back, and no spreadsheet runs it.</summary>
public sealed class RowWriterTests : IDisposable
{
    private readonly RowFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("a", "a")]
    [InlineData("", "")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"hi\"", "\"say \"\"hi\"\"\"")]
    [InlineData("a\nb", "\"a\nb\"")]
    [InlineData(" a", "\" a\"")]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("=A1,B1", "\"'=A1,B1\"")]
    [InlineData("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("-A1", "'-A1")]
    [InlineData("-2+3", "'-2+3")]
    [InlineData("\t=1", "\"'\t=1\"")]
    [InlineData("\r=1", "\"'\r=1\"")]
    [InlineData("-1.5", "-1.5")]
    [InlineData("+1e-7", "+1e-7")]
    [InlineData("-1,5", "\"-1,5\"")]
    [InlineData("-", "'-")]
    public void CellIsQuotedOrMadeHarmless(string cell, string written)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        RowWriter writer = RowWriter.Create(text, ["x", "y"]);
        writer.Add(cell);
        writer.Add(0.1f);
        writer.EndRow();
        Assert.Equal($"x,y\n{written},0.1\n", text.ToString());
    }

    [Fact]
    public void JsonLinesHaveTypes()
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        RowWriter writer = RowWriter.Create(text, ["größe", "b", "c"], RowFormat.JsonLines);
        foreach (double value in new[] { 0.1, double.NaN, double.PositiveInfinity })
        {
            writer.Add("=x \"日本\n");
            writer.Add(value);
            writer.Add("");
            writer.EndRow();
        }
        const string Front = "{\"größe\":\"=x \\u0022日本\\n\",\"b\":", Back = ",\"c\":null}\n";
        Assert.Equal($"{Front}0.1{Back}{Front}null{Back}{Front}null{Back}", text.ToString());
    }

    [Fact]
    public void RowsHaveAllTheirCells()
    {
        RowWriter writer = RowWriter.Create(TextWriter.Null, ["a", "b"]);
        writer.Add("1");
        Assert.Throws<InvalidOperationException>(writer.EndRow);
        writer.Add("2");
        Assert.Throws<InvalidOperationException>(() => writer.Add("3"));
        Assert.Throws<ArgumentException>(() => RowWriter.Create(TextWriter.Null, []));
    }

    [Fact]
    public void AFileIsWholeOrAsItWas()
    {
        string path = _files.Write("t.csv", "old");
        Assert.Throws<TimeZoneNotFoundException>(() => RowWriter.Save(path, ["a"], _ => throw new TimeZoneNotFoundException()));
        Assert.Throws<InvalidOperationException>(() => RowWriter.Save(path, ["a", "b"], w => w.Add(1)));
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(path)!));
        RowWriter.Save(path, ["a"], w =>
        {
            w.Add("");
            w.EndRow();
        });
        Assert.Equal("a\n\"\"\n", File.ReadAllText(path));
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("tsv")]
    [InlineData("jsonl")]
    public void RandomTablesComeBack(string ending)
    {
        Gen<string> cell = Gen.OneOf(Gen.Char["ab\"',;\t|\n\r \0é日=-\u00A0"].Array[0, 8].Select(c => new string(c)),
            Gen.String[0, 20],
            Gen.Double.Select(d => d.ToString(CultureInfo.InvariantCulture)), Gen.Const(""));
        Gen<string[][]> table = Gen.Int[1, 6].SelectMany(columns => cell.Array[columns].Array[1, 12]);
        table.Sample(rows =>
        {
            string path = _files.At($"{Guid.NewGuid()}.{ending}");
            // Not what makes a file binary, nor halves of surrogate pairs, which UTF-8 can't hold.
            string[][] wanted = [.. rows.Select(r => r.Select(c => new string([.. c.Where(x => !char.IsSurrogate(x) && (x >= 32 || char.IsWhiteSpace(x)))]))
                .ToArray())];
            RowWriter.Save(path, [.. Enumerable.Range(0, rows[0].Length).Select(i => $"name{i}")], w =>
            {
                foreach (string[] row in wanted)
                {
                    foreach (string c in row) w.Add(c);
                    w.EndRow();
                }
            });
            List<string[]> read = RowText.All(RowSources.Open(path,
                ending == "jsonl" ? null : new() { Header = true, Delimiter = ending == "csv" ? ',' : '\t' }));
            File.Delete(path);
            string Come(string c) => ending == "jsonl" ? c.Trim() : (IsFormula(c) ? "'" + c : c).Trim();
            return read.Count == wanted.Length && read.Zip(wanted).All(p => p.First.SequenceEqual(p.Second.Select(Come)));
        }, iter: 2000, threads: 1);
    }

    private static bool IsFormula(string c) => c.Length > 0 && "=+-@\t\r".Contains(c[0])
        && !(c[0] is '+' or '-' && (double.TryParse(c, NumberStyles.Float, CultureInfo.InvariantCulture, out _)
            || c.Length > 1 && char.IsAsciiDigit(c[1]) && c[1..].All(x => char.IsAsciiDigit(x) || x is '.' or ',')));
}
