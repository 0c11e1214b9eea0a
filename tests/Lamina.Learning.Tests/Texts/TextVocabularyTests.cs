using Lamina.Learning.Layers;
using Lamina.Learning.Saving;
using Lamina.Learning.Texts;
using Lamina.Tensors;
using Xunit;

namespace Lamina.Learning.Tests.Texts;

/// <summary>Texts as tokens: the same for the same words, bounded, and saved whole.</summary>
public sealed class TextVocabularyTests
{
    private static readonly string[] s_texts = ["a free prize", "a free cake!", "no cake today", "call 0800 123", "call 0900 456"];

    private static int[] Tokens(TextVocabulary vocabulary, string text)
    {
        var tokens = new int[vocabulary.Length];
        int count = vocabulary.Encode(text, tokens);
        Assert.All(tokens[count..], t => Assert.Equal(0, t));
        Assert.All(tokens[..count], t => Assert.InRange(t, 1, vocabulary.Size - 1));
        return tokens[..count];
    }

    private static string Known(TextVocabulary vocabulary, string text) => string.Join('|', Tokens(vocabulary, text).Select(t => t <= vocabulary.Words.Count ? vocabulary.Words[t - 1] : "piece"));

    [Fact]
    public void Words_and_pairs_of_two_texts_are_known_the_most_frequent_first()
    {
        TextVocabulary vocabulary = TextVocabulary.Build(s_texts);
        // A number's shape counts as a word: 0800 and 0900 have one, 123 and 456 another.
        Assert.Equal(["\u0001000", "\u00010000", "a", "a free", "cake", "call", "free"], vocabulary.Words.Order(StringComparer.Ordinal));
        Assert.Equal("a|free|a free|cake", Known(vocabulary, "A FREE cake".ToLowerInvariant()));
        Assert.Equal(1 + vocabulary.Words.Count + vocabulary.Pieces, vocabulary.Size);
    }

    [Fact]
    public void A_word_that_occurs_twice_in_one_text_is_not_in_two_texts() => Assert.Empty(TextVocabulary.Build(["ha ha ha", "no"]).Words);

    [Fact]
    public void An_unknown_word_says_how_it_begins_and_ends()
    {
        TextVocabulary vocabulary = TextVocabulary.Build(s_texts);
        int[] entertaining = Tokens(vocabulary, "entertaining"), entertained = Tokens(vocabulary, "entertained"), boring = Tokens(vocabulary, "boring");
        Assert.Equal(2, entertaining.Length);
        Assert.Equal(entertaining[0], entertained[0]);
        Assert.Equal(entertaining[1], boring[1]);
        Assert.NotEqual(entertaining[0], boring[0]);
        Assert.Empty(Tokens(new TextVocabulary(vocabulary.Words, 8, 0), "entertaining"));
        Assert.Empty(Tokens(vocabulary, "?"));
    }

    [Fact]
    public void A_word_in_capitals_says_so()
    {
        TextVocabulary vocabulary = TextVocabulary.Build(["FREE prize", "free CAKE", "free"]);
        Assert.Equal("\u0001|free", Known(vocabulary, "FREE"));
        Assert.Equal("free", Known(vocabulary, "Free"));
    }

    [Fact]
    public void Of_a_long_text_beginning_and_end_are_kept_in_order()
    {
        string[] names = [.. Enumerable.Range(0, 100).Select(i => $"{(char)('a' + i / 10)}{(char)('a' + i % 10)}")];
        var vocabulary = new TextVocabulary(names, 8, 0);
        foreach (int count in (int[])[1, 7, 8, 9, 10, 11, 12, 99, 100])
        {
            int[] tokens = Tokens(vocabulary, string.Join(' ', names.Take(count)));
            int[] all = [.. Enumerable.Range(1, count)];
            Assert.Equal(count <= 8 ? all : [.. all[..6], .. all[^2..]], tokens);
        }
        Assert.Equal([1], Tokens(new TextVocabulary(names, 1, 0), "aa ab ac"));
    }

    [Fact]
    public void A_megabyte_in_one_text_is_bounded()
    {
        TextVocabulary vocabulary = TextVocabulary.Build([string.Concat(Enumerable.Repeat("word and blank ", 70_000)), "word"]);
        Assert.Equal(512, vocabulary.Length);
        Assert.Equal(512, Tokens(vocabulary, string.Concat(Enumerable.Repeat("word ", 200_000))).Length);
        Assert.NotEmpty(Tokens(vocabulary, new string('x', 1_000_000)));
    }

    [Fact]
    public void The_same_texts_give_the_same_vocabulary_and_no_text_none()
    {
        Assert.Equal(TextVocabulary.Build(s_texts).Words, TextVocabulary.Build(s_texts.Reverse()).Words);
        TextVocabulary empty = TextVocabulary.Build([]);
        Assert.Equal((0, 1), (empty.Words.Count, empty.Length));
        Assert.Empty(Tokens(empty, ""));
        Assert.Equal([3, 1], empty.Encode(["", "a", "\0"]).Shape.Span.ToArray());
    }

    [Fact]
    public void The_most_frequent_are_kept_where_there_are_too_many()
    {
        TextVocabulary vocabulary = TextVocabulary.Build(["a b", "a b", "a c", "c d"], new VocabularyOptions { MostWords = 2, HasPairs = false });
        Assert.Equal(["a", "b"], vocabulary.Words);
    }

    [Fact]
    public void Encoding_allocates_nothing()
    {
        TextVocabulary vocabulary = TextVocabulary.Build(s_texts);
        var tokens = new int[vocabulary.Length];
        const string Text = "A free PRIZE, don't call 0800 unknown words! 😊 привет";
        vocabulary.Encode(Text, tokens);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) vocabulary.Encode(Text, tokens);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void It_is_saved_with_the_model()
    {
        TextVocabulary vocabulary = TextVocabulary.Build([.. s_texts, "日本 😊", "日本 😊"]);
        var network = new Embedding(vocabulary.Size, 2);
        string path = Path.Combine(Path.GetTempPath(), $"lamina-{Guid.NewGuid():N}.safetensors");
        try
        {
            Model.Save(path, network, ModelInfo.Of([vocabulary]));
            var again = Assert.IsType<TextVocabulary>(Model.Open(path).Info.Inputs[0].Preprocessing[0]);
            Assert.Equal(vocabulary.Words, again.Words);
            Assert.Equal((vocabulary.Length, vocabulary.Pieces), (again.Length, again.Pieces));
            string text = "a FREE 日本 😊 unheard 0812";
            Assert.Equal(Tokens(vocabulary, text), Tokens(again, text));
            Assert.Equal([1, vocabulary.Length, 2], Predictor.Load(path).PredictTexts(text).Shape.Span.ToArray());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(70_000, 4)]
    [InlineData(4, -1)]
    [InlineData(4, 1 << 25)]
    public void Numbers_out_of_their_range_are_refused(int length, int pieces) => Assert.ThrowsAny<ArgumentException>(() => new TextVocabulary(["a"], length, pieces));

    [Fact]
    public void A_word_twice_is_refused() => Assert.Contains("'a' comes twice", Assert.Throws<ArgumentException>(() => new TextVocabulary(["a", "a"], 4, 0)).Message);
}
