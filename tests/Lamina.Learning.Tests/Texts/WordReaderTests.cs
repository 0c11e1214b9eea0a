using Lamina.Learning.Texts;
using Xunit;

namespace Lamina.Learning.Tests.Texts;

/// <summary>Where words begin and end in any language, and which of them are the same.</summary>
public sealed class WordReaderTests
{
    private static string[] Words(string text)
    {
        var words = new List<string>();
        var reader = new WordReader(text, stackalloc char[WordReader.Longest]);
        while (reader.Read()) words.Add(reader.Word.ToString());
        return [.. words];
    }

    [Theory]
    [InlineData("Ok lar... Joking wif u oni!!!!", "ok lar ... joking wif u oni !!!")]
    [InlineData("don't, can’t and 'quoted' words", "don't , can't and ' quoted ' words")]
    [InlineData("costs £1,000.50 at 10.30. Over18's only", "costs £ 1,000.50 at 10.30 . over18's only")]
    [InlineData("a.b c,d 1,x", "a . b c , d 1 , x")]
    [InlineData("snake_case e-mail", "snake_case e - mail")]
    [InlineData("ÄRGER Straße ΌΣΟΣ όσος ПРИВЕТ", "ärger straße όσοσ όσοσ привет")]
    [InlineData("cafe\u0301 caf\u00E9 CAFE\u0301", "caf\u00E9 caf\u00E9 caf\u00E9")]
    [InlineData("ＦＲＥＥ 𝐅𝐑𝐄𝐄 𝓯𝓻𝓮𝓮 Ⓕⓡⓔⓔ ﬁne １２", "free free free free fine 12")]
    [InlineData("sp\u00ADam sp\u200Bam s\u2060pam", "spam spam spam")]
    [InlineData("我爱你 とても", "我 爱 你 と て も")]
    [InlineData("ภาษา", "ภ า ษ า")]
    [InlineData("नमस्ते दुनिया", "नमस्ते दुनिया")]
    [InlineData("안녕 하세요", "안녕 하세요")]
    [InlineData("שלום مرحبا", "שלום مرحبا")]
    [InlineData("İstanbul ISTANBUL", "istanbul istanbul")]
    [InlineData("", "")]
    [InlineData(" \t\r\n\0\u0007 ", "")]
    [InlineData("a\0b", "a b")]
    [InlineData("?!", "? !")]
    public void Splits_and_folds(string text, string words) => Assert.Equal(words, string.Join(' ', Words(text)));

    [Theory]
    [InlineData("👍")]
    [InlineData("👩‍👩‍👧‍👦")]
    [InlineData("👍🏽")]
    [InlineData("🇩🇪")]
    [InlineData("🏴\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F")]
    public void An_emoji_is_one_word_with_all_that_belongs_to_it(string emoji) => Assert.Equal(["so", emoji, "good"], Words($"so{emoji}good"));

    [Fact]
    public void Emoji_styles_make_no_difference_and_keycaps_stay_whole()
    {
        Assert.Equal(Words("❤"), Words("❤\uFE0F"));
        Assert.Single(Words("1\uFE0F\u20E3"));
        Assert.Equal(["🇩🇪", "🇫🇷"], Words("🇩🇪🇫🇷"));
    }

    [Fact]
    public void Half_of_a_surrogate_pair_is_no_fault()
    {
        Assert.Equal(["a", "\uFFFD", "b"], Words("a\uD83Db"));
        Assert.Equal(["\uFFFD"], Words("\uDC00"));
    }

    [Fact]
    public void What_is_too_long_goes_on_as_another_word()
    {
        string[] words = Words(new string('x', 1000));
        Assert.All(words, w => Assert.InRange(w.Length, 1, WordReader.Longest));
        Assert.Equal(1000, words.Sum(w => w.Length));
        Assert.NotEmpty(Words("e" + new string('\u0301', 500))); // marks without end
        Assert.Equal(["!!!"], Words(new string('!', 500)));
    }

    [Fact]
    public void Capitals_and_digits_are_noticed()
    {
        var reader = new WordReader("WIN Win w A B2 ÄÖ", stackalloc char[WordReader.Longest]);
        var seen = new List<(string, bool, bool)>();
        while (reader.Read()) seen.Add((reader.Word.ToString(), reader.IsCapitals, reader.HasDigit));
        Assert.Equal([("win", true, false), ("win", false, false), ("w", false, false), ("a", false, false), ("b2", false, true), ("äö", true, false)], seen);
    }
}
