using System.Text;
using Lamina.Learning.Data;
using Lamina.Tasks.Tests.Images;
using Lamina.Tasks.Writing;

namespace Lamina.Tasks.Tests.Writing;

/// <summary>What a text goes through before it is learned: reading, tokens, pieces, counts.</summary>
public sealed class WritingPartsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static TokenStore Store(IEnumerable<int> tokens, int mostInMemory = int.MaxValue)
    {
        var store = new TokenStore(mostInMemory);
        foreach (int[] part in tokens.Chunk(1000)) store.Add(part);
        store.Complete();
        return store;
    }

    private (string Text, List<string> Notes) Read(string path)
    {
        var text = new StringBuilder();
        var notes = new List<string>();
        BookReader.Read(BookReader.Files(path), piece => text.Append(piece), notes, default);
        return (text.ToString(), notes);
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(70_000)]
    public void Tokens_come_back_from_memory_and_from_a_file(int mostInMemory)
    {
        int[] tokens = [.. Enumerable.Range(0, 300_001).Select(i => i * 31 % 65_536)];
        using TokenStore store = Store(tokens, mostInMemory);
        Assert.Equal(mostInMemory < 300_001, store.IsFile);
        Assert.Equal(tokens.Length, store.Count);
        foreach ((int from, int count) in ((int, int)[])[(0, 10), (65_530, 20), (131_000, 70_000), (300_000, 1), (5, 0)])
        {
            var read = new ushort[count];
            store.Read(from, read);
            Assert.Equal(tokens[from..(from + count)], read.Select(t => (int)t));
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => store.Read(300_000, new ushort[2]));
    }

    [Fact]
    public void Pieces_in_order_cover_a_part_and_targets_are_one_ahead()
    {
        TokenStore store = Store(Enumerable.Range(0, 100));
        TextWindows windows = TextWindows.InOrder(store, 10, 52, 8);
        Assert.Equal(5, windows.Count); // 41 targets
        Batch all = windows.Take([0, 1, 2, 3, 4]);
        Assert.Equal(Enumerable.Range(10, 40), all.Inputs[0].ToArray<int>());
        Assert.Equal(Enumerable.Range(11, 40), all.Target.ToArray<int>());
        Assert.Equal(Enumerable.Range(18, 9), windows.Tokens(1));
        Assert.Equal(2, TextWindows.InOrder(store, 10, 52, 8, most: 2).Count);
        Assert.Equal(0, TextWindows.InOrder(store, 10, 18, 8).Count);
        Assert.Equal(1, TextWindows.InOrder(store, 10, 19, 8).Count);
    }

    [Fact]
    public void Long_pieces_are_read_in_parts()
    {
        TokenStore store = Store(Enumerable.Range(0, 5_000));
        Batch one = TextWindows.InOrder(store, 0, 5_000, 3_000).Take([0]);
        Assert.Equal(Enumerable.Range(0, 3_000), one.Inputs[0].ToArray<int>());
        Assert.Equal(Enumerable.Range(1, 3_000), one.Target.ToArray<int>());
    }

    [Fact]
    public void Random_pieces_begin_anywhere_in_their_part_alone()
    {
        TokenStore store = Store(Enumerable.Range(0, 100));
        TextWindows windows = TextWindows.Random(store, 10, 52, 8, 2_000);
        int[] starts = [.. Enumerable.Range(0, 2_000).Select(i => windows.Take([i], 3, 1).Inputs[0].ToArray<int>()[0])];
        Assert.Equal(Enumerable.Range(10, 34), starts.Distinct().Order()); // the last piece's last target is 51
        // 2,000 draws of 34 places: 59 each, with a deviation of 7.6; six of them.
        Assert.All(starts.CountBy(s => s), s => Assert.InRange(s.Value, 13, 105));
        Assert.Equal(starts[7], windows.Take([7], 3, 1).Inputs[0].ToArray<int>()[0]);
        Assert.NotEqual(starts[..50], Enumerable.Range(0, 50).Select(i => windows.Take([i], 3, 2).Inputs[0].ToArray<int>()[0]));
        Assert.NotEqual(starts[..50], Enumerable.Range(0, 50).Select(i => windows.Take([i], 4, 1).Inputs[0].ToArray<int>()[0]));
    }

    [Fact]
    public void Probabilities_of_counts_add_up_and_follow_the_formula()
    {
        int[] tokens = [.. "abracadabra abracadabra cab".Select(c => c switch { ' ' => 0, 'r' => 5, _ => c - 'a' + 1 })];
        var counts = new Trigrams(Store(tokens), 0, tokens.Length, 6);
        for (int a = 0; a < 6; a++)
            for (int b = 0; b < 6; b++)
            {
                Assert.Equal(1, Enumerable.Range(0, 6).Sum(c => counts.Probability(a, b, c)), 1e-12);
                Assert.Equal(1, Enumerable.Range(0, 6).Sum(c => counts.Probability(b, c)), 1e-12);
            }
        Assert.Equal(1, Enumerable.Range(0, 6).Sum(counts.Probability), 1e-12);
        // a is followed by b 5 times, c 2, d 2, a blank 2: 11 in all, 4 different.
        double p = (5 - 0.75) / 11 + 0.75 * 4 / 11 * counts.Probability(2);
        Assert.Equal(p, counts.Probability(1, 2), 1e-12);
        // "ab" is followed by r (5) alone, 4 times.
        Assert.Equal((4 - 0.75) / 4 + 0.75 / 4 * counts.Probability(2, 5), counts.Probability(1, 2, 5), 1e-12);
    }

    [Fact]
    public void A_text_is_read_in_whichever_encoding_and_with_whichever_line_ends()
    {
        string text = "Grüße\r\naus 世界\rund 😀\n\nEnde", expected = "Grüße\naus 世界\nund 😀\n\nEnde";
        foreach (Encoding encoding in (Encoding[])[new UTF8Encoding(false), new UTF8Encoding(true), Encoding.Unicode, Encoding.BigEndianUnicode])
            Assert.Equal(expected, Read(_folder.Write("a.txt", [.. encoding.GetPreamble(), .. encoding.GetBytes(text)])).Text);
        (string latin, List<string> notes) = Read(_folder.Write("b.txt", Encoding.Latin1.GetBytes("caf\u00e9\nend")));
        Assert.Equal("café\nend", latin);
        Assert.Contains("1 byte that", string.Join(' ', notes).Replace("byte that are", "byte that", StringComparison.Ordinal));
    }

    [Fact]
    public void A_piece_may_end_anywhere_in_a_character_or_line_end()
    {
        // Characters of 1 to 4 bytes and \r\n, shifted so that each lies on the border of two pieces once.
        string unit = "ab\r\nü世😀";
        for (int shift = 0; shift < 14; shift++)
        {
            string text = new string('x', shift) + string.Concat(Enumerable.Repeat(unit, 6_000));
            Assert.Equal(text.Replace("\r\n", "\n", StringComparison.Ordinal), Read(_folder.Write($"s{shift}.txt", Encoding.UTF8.GetBytes(text))).Text);
        }
    }

    [Fact]
    public void What_is_no_text_is_refused()
    {
        Assert.Contains("is no text", Assert.Throws<DataException>(() => Read(_folder.Write("b.txt", [.. Enumerable.Range(0, 5_000).Select(i => (byte)(i * 7))]))).Message);
        Assert.Contains("there's no such file", Assert.Throws<DataException>(() => Read(_folder.At("none.txt"))).Message);
        Directory.CreateDirectory(_folder.At("empty"));
        Assert.Contains("has no .txt files", Assert.Throws<DataException>(() => Read(_folder.At("empty"))).Message);
    }

    [Theory]
    [InlineData("It was a dark and stormy night; the rain fell\nin torrents, except at occasional intervals,\nwhen it was checked.\n", true)]
    [InlineData("emma\nolivia\nava\nisabella\n", true)]
    [InlineData("name,age\nemma,3\nolivia,4\nava,7\n", false)]
    [InlineData("ham\tAre you there?\nspam\tWin a prize\nham\tYes, I am\n", false)]
    [InlineData("1 2 3\n4 5 6\n7 8 9\n", false)]
    [InlineData("", false)]
    public void Texts_are_told_from_tables(string text, bool isText) => Assert.Equal(isText, Prose.Of(_folder.Write("x.txt", Encoding.UTF8.GetBytes(text))) is not null);
}
