using System.Text;
using Lamina.Tasks.Rows;

namespace Lamina.Tasks.Tests.Rows;

/// <summary>Tables with faults are repaired with a note, or refused with the place and a way out.</summary>
public sealed class BadTableTests : IDisposable
{
    private readonly RowFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("\n\n  \n", "is empty")]
    [InlineData("a,b,c\n", "has names of columns and no rows")]
    [InlineData("a,b\n1,2\n\"x,3\n4,5\n", "the quote that opens in line 3 is never closed")]
    [InlineData("a,b\n\"1\n\n\",2\nx,\"3\n4,5\n", "the quote that opens in line 5 is never closed")]
    [InlineData("a,b,c\n1,2,3\n1,2\n1,2,3,4\n", "2 of 3 rows don't have 3 cells as the header has; the first is line 3 with 2")]
    public void IsRefused(string text, string problem) => Assert.Contains(problem, RowText.Refused(_files.Write("t.csv", text)).Problem);

    [Theory]
    [InlineData(1000, 10, true)]
    [InlineData(1000, 11, false)]
    [InlineData(200_000, 2000, true)]
    [InlineData(200_000, 2100, false)]
    [InlineData(200_000, 30_000, false)]
    public void AFewRaggedRowsAreSkipped(int rows, int ragged, bool read)
    {
        int first = rows / 2;
        var text = new StringBuilder("a,b,c\n");
        for (int i = 0; i < rows; i++) text.Append(i >= first && i < first + ragged ? "1,2\n" : "1,2,3\n");
        string path = _files.Write("t.csv", text.ToString());
        if (read)
        {
            RowSource source = RowFiles.Open(path);
            Assert.Equal(rows - ragged, RowText.All(source).Count);
            Assert.Equal($"skipped {ragged} rows without 3 cells, the first in line {first + 2} with 2", Assert.Single(source.Notes));
            RowText.All(source);
            Assert.Single(source.Notes);
        }
        else
        {
            Assert.Contains($"the first is line {first + 2} with 2", RowText.Refused(path).Problem);
        }
    }

    [Fact]
    public void QuotesInsideQuotesAreText()
    {
        RowSource source = RowFiles.Open(_files.Write("t.csv", "a,b\n1,\"he said \"hi\" twice\"\n2,y\n"));
        Assert.Equal("1|he said \"hi\" twice\n2|y", RowText.Lines(source));
        Assert.Equal("2 quotes inside quoted cells not doubled, read as text", Assert.Single(source.Notes));
    }

    [Fact]
    public void NulCharactersAreBlanks()
    {
        RowSource source = RowFiles.Open(_files.Write("t.csv", "a,b\n1,x\n2\0,y\n"));
        Assert.Equal("1|x\n2|y", RowText.Lines(source));
        Assert.Equal("1 NUL character read as blanks, the first in line 3", Assert.Single(source.Notes));
    }

    [Fact]
    public void ManyNulCharactersAreNoText()
    {
        Assert.Contains("is binary", RowText.Refused(_files.Write("t.csv", new byte[100_000])).Problem);
        byte[] late = [.. Encoding.ASCII.GetBytes("a,b\n" + string.Concat(Enumerable.Repeat("1,2\n", 100_000))), .. new byte[100_000]];
        Assert.Contains("are NUL", RowText.Refused(_files.Write("u.csv", late)).Problem);
    }

    [Fact]
    public void AMegabyteInACellIsRead()
    {
        string cell = string.Concat(Enumerable.Repeat("all work, no play\n", 1 << 16));
        string path = _files.Write("t.csv", $"a,b\n1,\"{cell}\"\n2,y\n");
        List<string[]> rows = RowText.All(RowFiles.Open(path));
        Assert.Equal(2, rows.Count);
        Assert.Equal(cell.Trim(), rows[0][1]);
        Assert.Equal(["2", "y"], rows[1]);
    }

    [Theory]
    [InlineData("a,b\n1,x\n2,\"", "the quote that opens in line 3 isn't closed within 16,777,216 characters")]
    [InlineData("a,b\n1,x\n2,", "the row that begins in line 3 is longer than 16,777,216 characters")]
    public void AHundredMegabytesInACellAreRefused(string front, string problem)
    {
        string path = _files.At("t.csv");
        using (StreamWriter writer = new(path))
        {
            writer.Write(front);
            string part = new('x', 1 << 20);
            for (int i = 0; i < 100; i++) writer.Write(part);
        }
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains(problem, RowText.Refused(path).Problem);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 600L << 20);
    }

    [Fact]
    public void GzipCutShortIsRefused()
    {
        var random = new Random(1);
        byte[] packed = RowFiles.Gzip(Encoding.ASCII.GetBytes("a,b\n" + string.Concat(Enumerable.Range(0, 100_000)
            .Select(_ => $"{random.Next()},{random.Next()}\n"))));
        Assert.Contains("is cut short or damaged", RowText.Refused(_files.Write("t.csv.gz", packed[..(packed.Length / 2)])).Problem);
        for (int missing = 1; missing < 30; missing++)
            Assert.Contains("is cut short or damaged", RowText.Refused(_files.Write("t.csv.gz", packed[..^missing])).Problem);
        Assert.Equal(200_000, RowText.All(RowFiles.Open(_files.Write("x.csv.gz",
            [.. packed, .. RowFiles.Gzip(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("1,2\n", 100_000))))]))).Count);
        packed[packed.Length / 2] ^= 0xFF;
        RowText.Refused(_files.Write("u.csv.gz", packed));
        RowText.Refused(_files.Write("v.csv.gz", packed[..12]));
        Assert.Contains("is empty", RowText.Refused(_files.Write("w.csv.gz", RowFiles.Gzip([]))).Problem);
    }

    [Fact]
    public void AGzipBombTakesNoMemory()
    {
        using var packed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write("a,b\n1,2\n"u8);
            byte[] part = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("1,2\n", 1 << 18)));
            for (int i = 0; i < 200; i++) gzip.Write(part);
        }
        string path = _files.Write("t.csv.gz", packed.ToArray());
        RowSource source = RowFiles.Open(path);
        long before = GC.GetAllocatedBytesForCurrentThread();
        using RowReader reader = source.Open();
        while (reader.Read())
        {
        }
        Assert.Equal(200L * (1 << 18) + 1, reader.Row);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    [Fact]
    public void WhatIsNoFileIsRefused()
    {
        Assert.Contains("is a folder", RowText.Refused(_files.At("")).Problem);
        _files.Write("houses.csv", "a\n1\n");
        DataException e = RowText.Refused(_files.At("house.csv"));
        Assert.Contains("there's no such file", e.Problem);
        Assert.Contains("houses.csv", e.Remedy);
        if (!OperatingSystem.IsLinux()) return;
        Assert.Contains("is a device", RowText.Refused("/dev/zero").Problem);
        using var make = System.Diagnostics.Process.Start("mkfifo", _files.At("pipe"));
        make.WaitForExit();
        Assert.Contains("is a named pipe (FIFO)", RowText.Refused(_files.At("pipe")).Problem);
    }

    [Theory]
    [InlineData(new byte[] { 0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, 0 }, "a PNG image")]
    [InlineData(new byte[] { (byte)'P', (byte)'K', 3, 4, 20, 0, 0, 0 }, ".xlsx")]
    [InlineData(new byte[] { 1, 2, 3, 4, 5, 6, 7, 8, 200, 100 }, "binary")]
    public void OtherFilesAreCalledByName(byte[] bytes, string what) => Assert.Contains(what, RowText.Refused(_files.Write("t.csv", bytes)).Problem);

    [Fact]
    public void MoreColumnsThanRows()
    {
        string names = string.Join(',', Enumerable.Range(0, 50_000).Select(i => $"gene{i}")), cells = string.Join(',', Enumerable.Range(0, 50_000));
        RowSource source = RowFiles.Open(_files.Write("t.csv", $"{names}\n{cells}\n{cells}\n"));
        Assert.Equal(50_000, source.Columns.Count);
        Assert.Equal("49999", RowText.All(source)[1][^1]);
    }
}
