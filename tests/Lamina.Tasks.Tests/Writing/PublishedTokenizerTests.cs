using System.Text;
using Lamina.Learning.Saving;
using Lamina.Tasks.Tests.Images;
using Lamina.Tasks.Writing;

namespace Lamina.Tasks.Tests.Writing;

public sealed class PublishedTokenizerTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // All 256 bytes as GPT-2 writes them, then pairs: "th", "the", " the" (Ġ is the blank).
    private string Vocabulary(string merges = "#version: 0.2\nt h\nth e\nĠ the\n")
    {
        var letters = new List<string>();
        int hidden = 256;
        for (int b = 0; b < 256; b++)
            letters.Add(((char)(b is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or >= 0xAE ? b : hidden++)).ToString());
        string[] tokens = [.. letters, "th", "the", "Ġthe"];
        _folder.Write("merges.txt", Encoding.UTF8.GetBytes(merges));
        return _folder.Write("vocab.json", System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(tokens.Select((t, i) => (t, i)).ToDictionary(t => t.t, t => t.i)));
    }

    [Theory]
    [InlineData("the other the")]
    [InlineData("  Zoë's 12 naïve\n\n\tthe Жук 🙂 \u0001")]
    public void Byte_level_pairs_are_merged_and_every_text_comes_back(string text)
    {
        PublishedTokenizer tokenizer = PublishedTokenizer.Open(Vocabulary());
        Assert.Equal(259, tokenizer.Size);
        Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
        Assert.Equal([257, ' ', 'o', 257, 'r', 258], tokenizer.Encode("the other the"));
        // What is saved is all that is needed.
        PublishedTokenizer again = (PublishedTokenizer)Model.Create<Lamina.Learning.Texts.Tokenizer>(Model.Describe(tokenizer), "run.json");
        Assert.Equal(tokenizer.Encode(text), again.Encode(text));
    }

    [Fact]
    public void Tiktoken_files_are_read()
    {
        string file = _folder.Write("tiny.tiktoken", Encoding.UTF8.GetBytes(string.Concat(
            Enumerable.Range(0, 256).Select(b => $"{Convert.ToBase64String([(byte)b])} {b}\n").Append($"{Convert.ToBase64String("th"u8)} 256\n").Append($"{Convert.ToBase64String("the"u8)} 257\n"))));
        PublishedTokenizer tokenizer = PublishedTokenizer.Open(file);
        Assert.Equal([257, 'n', ' ', 257], tokenizer.Encode("then the"));
        Assert.Equal("then Ж the", tokenizer.Decode(tokenizer.Encode("then Ж the")));
    }

    [Fact]
    public void What_is_no_vocabulary_is_named()
    {
        string Told(string file) => Assert.Throws<DataException>(() => PublishedTokenizer.Open(file)).Message;
        Assert.Contains("named as a vocabulary is", Told(_folder.Write("x.bin", [1])));
        Assert.Contains("isn't there", Told(_folder.At("none.tiktoken")));
        Assert.Contains("can't be read as a vocabulary", Told(_folder.Write("bad.tiktoken", "hello\nworld 3 4\n"u8.ToArray())));
        Assert.Contains("can't be read as a vocabulary", Told(_folder.Write("bad.model", [.. Enumerable.Range(0, 900).Select(i => (byte)(i * 37))])));
        Assert.Contains("no merges.txt", Told(_folder.Write("alone.json", "{}"u8.ToArray())));
        Vocabulary("#version: 0.2\n");
        Assert.Contains("can't be read as a vocabulary", Told(_folder.Write("vocab.json", "[1, 2]"u8.ToArray())));
        Assert.Contains("can't be read as a vocabulary", Told(_folder.Write("vocab.json", "{\"a\": 1e99}"u8.ToArray())));
        Assert.Contains("65,535 is the most", Told(_folder.Write("vocab.json", "{\"a\": 0, \"b\": 70000}"u8.ToArray())));
    }
}
