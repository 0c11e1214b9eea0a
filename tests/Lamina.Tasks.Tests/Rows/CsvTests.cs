using System.Text;
using Lamina.Tasks.Rows;

namespace Lamina.Tasks.Tests.Rows;

/// <summary>What CSV files may look like.</summary>
public sealed class CsvTests : IDisposable
{
    private readonly RowFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("a,b\n1,x\n2,y\n", "1|x\n2|y")]
    [InlineData("a;b\n1,5;x\n2,5;y\n", "1,5|x\n2,5|y")]
    [InlineData("1,5;2,5\n3,5;4,5\n", "1,5|2,5\n3,5|4,5")]
    [InlineData("a\tb\n1\tx, y\n2\ty\n", "1|x, y\n2|y")]
    [InlineData("a|b\n1|x\n2|y\n", "1|x\n2|y")]
    [InlineData("a,b\r\n1,x\r\n2,y\r\n", "1|x\n2|y")]
    [InlineData("a,b\r1,x\r2,y\r", "1|x\n2|y")]
    [InlineData("a,b\r\n1,x\n2,y", "1|x\n2|y")]
    [InlineData("a,b\n\n1,x\n\n  \n2,y\n\n\n", "1|x\n2|y")]
    [InlineData("a,b\n 1 , x \n2,\ty\t\n", "1|x\n2|y")]
    [InlineData("a,b\n1,\n2,\n", "1|\n2|")]
    [InlineData("a,b\n1,\"x, y\"\n2,\"y \"\"z\"\"\"\n", "1|x, y\n2|y \"z\"")]
    [InlineData("a,b\n1,\"x\ny\"\n2,\"\"\n", "1|x\ny\n2|")]
    [InlineData("a,b\n1,\"x\r\ny\"\r\n2,\"y\"", "1|x\r\ny\n2|y")]
    [InlineData("a,b\n1, \"x, y\" \n2,\"\"\"\"\n", "1|x, y\n2|\"")]
    [InlineData("a,b\n1,5\" disk\n2,8\" disk\n", "1|5\" disk\n2|8\" disk")]
    [InlineData("a,b,\n1,x,\n2,y,\n", "1|x|\n2|y|")]
    [InlineData("a,b\n1,x,\n2,y,,\n", "1|x\n2|y")]
    [InlineData("a\n1\n2\n", "1\n2")]
    [InlineData("x\ny, z\nw\n", "y, z\nw")]
    [InlineData("a,b\n1,x\n\"\",\"\"\n", "1|x\n|")]
    [InlineData("größe,b\n1,日本\n2,🙂\n", "1|日本\n2|🙂")]
    public void IsRead(string text, string rows)
    {
        RowSource source = RowFiles.Open(_files.Write("t.csv", text), header: text.StartsWith("1,5", StringComparison.Ordinal) ? null : true);
        Assert.Equal(rows, RowText.Lines(source));
        Assert.Equal(rows, RowText.Lines(source));
    }

    [Fact]
    public void BlanksAreTakenOffAndNothingElse() =>
        Assert.Equal("a\u0001b|c", RowText.Lines(RowFiles.Open(_files.Write("t.csv", "x,y\n\u00A0a\u0001b ,c\n"), header: true)));

    public static TheoryData<string, byte[], string?> Encodings
    {
        get
        {
            const string Text = "name,size\nBäcker,1\nCafé – €,2\n";
            return new()
            {
                { "UTF-8", new UTF8Encoding(false).GetBytes(Text), null },
                { "UTF-8 with a mark", [0xEF, 0xBB, 0xBF, .. new UTF8Encoding(false).GetBytes(Text)], null },
                { "UTF-16", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Text)], "UTF-16" },
                { "UTF-16 BE", [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes(Text)], "UTF-16, big-endian" },
                { "UTF-16 without a mark", Encoding.Unicode.GetBytes(Text), "UTF-16 without a byte order mark" },
                { "UTF-16 BE without a mark", Encoding.BigEndianUnicode.GetBytes(Text), "UTF-16, big-endian, without" },
                { "UTF-32", [0xFF, 0xFE, 0, 0, .. Encoding.UTF32.GetBytes(Text)], "UTF-32" },
                { "Windows-1252", [.. Text.Select(c => c switch { '–' => (byte)0x96, '€' => (byte)0x80, _ => (byte)c })],
                    "4 bytes not in UTF-8, read as Windows-1252" },
            };
        }
    }

    [Theory, MemberData(nameof(Encodings))]
    public void EncodingIsRecognised(string name, byte[] bytes, string? note)
    {
        Assert.NotEmpty(name);
        foreach (string path in new[] { _files.Write("t.csv", bytes), _files.Write("t.csv.gz", RowFiles.Gzip(bytes)) })
        {
            RowSource source = RowFiles.Open(path);
            Assert.Equal(["name", "size"], source.Columns);
            Assert.Equal("Bäcker|1\nCafé – €|2", RowText.Lines(source));
            if (note is null) Assert.Empty(source.Notes);
            else Assert.Contains(note, Assert.Single(source.Notes));
        }
    }

    [Fact]
    public void AByteOfAnotherEncodingFarBehindIsReadToo()
    {
        byte[] front = Encoding.ASCII.GetBytes("word,size\n" + string.Concat(Enumerable.Range(0, 100_000).Select(i => $"abc,{i}\n")));
        RowSource source = RowFiles.Open(_files.Write("t.csv", [.. front, (byte)'B', 0xE4, (byte)',', (byte)'1', (byte)'\n']));
        Assert.Empty(source.Notes);
        Assert.Equal("Bä", RowText.All(source)[^1][0]);
        Assert.Contains("1 byte not in UTF-8", Assert.Single(source.Notes));
    }

    [Fact]
    public void LettersCutByTheBufferStayWhole()
    {
        string text = "w,n\n" + string.Concat(Enumerable.Range(0, 60_000).Select(i => $"{"äß🙂日"[..(i % 3)]}x🙂,{i}\n"));
        List<string[]> rows = RowText.All(RowFiles.Open(_files.Write("t.csv", text)));
        Assert.Equal(60_000, rows.Count);
        for (int i = 0; i < rows.Count; i++) Assert.Equal(["äß🙂日"[..(i % 3)] + "x🙂", $"{i}"], rows[i]);
    }

    [Theory]
    [InlineData("a,b\n1,2\n3,4\n", true)]
    [InlineData("1,2\n3,4\n", false)]
    [InlineData("?,2\n3,4\n", false)]
    [InlineData("colour,size\nred,big\nblue,big\nred,small\nblue,small\nred,small\n", true)]
    [InlineData("red,big\nblue,big\nred,small\nblue,small\nred,small\n", false)]
    [InlineData("id,2019,2020,2021\n1,5,6,7\n2,8,9,1\n", true)]
    [InlineData("0,1,2,3\n5,6,7,1\n8,9,1,3\n", true)]
    [InlineData("1,2,3,4\n2,3,4,5\n3,4,5,6\n", false)]
    [InlineData("date,value\n2020-01-01,1\n2020-01-02,3\n", true)]
    [InlineData("2020-01-01,x\n2020-01-02,y\n", false)]
    [InlineData("text,label\nso good,1\nso bad,0\n", true)]
    [InlineData("so good,1\nso bad,0\n", false)]
    [InlineData("ham,see you at nine\nspam,win a prize now\nham,ok then\nspam,call this number\n", false)]
    [InlineData(",a,b\n0,1,2\n1,3,4\n", true)]
    public void HeaderIsRecognised(string text, bool header)
    {
        RowSource source = RowFiles.Open(_files.Write("t.csv", text));
        Assert.Equal(header, source.HasHeader);
        int lines = text.Count(c => c == '\n');
        Assert.Equal(header ? lines - 1 : lines, RowText.All(source).Count);
        foreach (bool said in new[] { true, false })
        {
            RowSource told = RowFiles.Open(_files.At("t.csv"), said);
            Assert.Equal(said, told.HasHeader);
            Assert.Equal(said ? lines - 1 : lines, RowText.All(told).Count);
        }
    }

    [Fact]
    public void DelimiterCanBeSaid()
    {
        string path = _files.Write("t.csv", "a;b,c\n1;2,3\n");
        Assert.Equal("1|2,3", RowText.Lines(RowSources.Open(path, new() { Delimiter = ';', Header = true })));
        Assert.Equal("1;2|3", RowText.Lines(RowSources.Open(path, new() { Delimiter = ',', Header = true })));
        Assert.Contains("can't have this character", RowText.Refused(path, new() { Delimiter = '"' }).Problem);
    }

    [Theory]
    [InlineData("a,a,b,a\n1,2,3,4\n", "a a_2 b a_3", "columns of the same name, renamed: 'a_2', 'a_3'")]
    [InlineData("a,a_2,a\n1,2,3\n", "a a_2 a_3", "renamed: 'a_3'")]
    [InlineData("a,,b,\n1,2,3,4\n", "a 2 b 4", "2 columns without a name, called by number: '2', '4'")]
    [InlineData("2,,b\n1,2,3\n", "2 2_2 b", "renamed: '2_2'")]
    [InlineData("a,b\nx,1,2\ny,3,4\n", "1 a b", "one name shorter than the rows")]
    public void NamesAreMadeUsable(string text, string names, string note)
    {
        RowSource source = RowFiles.Open(_files.Write("t.csv", text), header: true);
        Assert.Equal(names.Split(' '), source.Columns);
        Assert.Contains(source.Notes, n => n.Contains(note, StringComparison.Ordinal));
    }

    [Fact]
    public void QuotesOfAFileWithTabsThatDontComeInPairsAreText()
    {
        RowSource source = RowFiles.Open(_files.Write("t.tsv", "1\t\"so he said\n0\tfine\n1\tgood \"thing\"\n0\tbad\n"));
        Assert.Equal("1|\"so he said\n0|fine\n1|good \"thing\"\n0|bad", RowText.Lines(source));
        Assert.Contains("quotes are read as characters", Assert.Single(source.Notes));
    }

    [Fact]
    public async Task StandardInputThroughALinkToItIsSpooled()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("no named links to pipes");
        using var pipe = new System.IO.Pipes.AnonymousPipeServerStream(System.IO.Pipes.PipeDirection.Out);
        string path = $"/proc/self/fd/{pipe.ClientSafePipeHandle.DangerousGetHandle()}";
        if (!File.Exists(path)) Assert.Skip("no /proc");
        var writing = Task.Run(() =>
        {
            pipe.Write("a,b\n1,x\n2,y\n"u8);
            pipe.Dispose();
        }, TestContext.Current.CancellationToken);
        RowSource source = RowFiles.Open(path);
        Assert.Equal("1|x\n2|y", RowText.Lines(source));
        Assert.Equal("1|x\n2|y", RowText.Lines(source));
        await writing;
    }
}
