using Xunit;
using Lamina.Learning.Texts;

namespace Lamina.Learning.Tests.Texts;

/// <summary>Sequences of symbols as numbers.</summary>
public sealed class SymbolVocabularyTests
{
    [Fact]
    public void Characters_have_a_number_each_and_padding_is_zero()
    {
        var vocabulary = new SymbolVocabulary(["A", "C"], 0);
        Assert.Equal([2, 3, 1, 3, 0, 0], vocabulary.Encode(["AC?", "C"]).ToArray<int>());
        Assert.Equal([2, 3], vocabulary.Encode(["A C"]).ToArray<int>());
        Assert.Equal(4, vocabulary.Size);
    }

    [Fact]
    public void New_words_share_their_endings_with_known_ones()
    {
        var vocabulary = new SymbolVocabulary(["running"], 1_000);
        int[] known = new int[5], unknown = new int[5], other = new int[5];
        Assert.True(vocabulary.Encode("running", known));
        Assert.False(vocabulary.Encode("Walking", unknown));
        vocabulary.Encode("walks", other);
        Assert.Equal((2, 1), (known[0], unknown[0]));
        Assert.Equal(known[3], unknown[3]); // ing
        Assert.NotEqual(known[4], unknown[4]); // a capital
        Assert.Equal(unknown[1], other[1]); // wal
        Assert.All(known, n => Assert.InRange(n, 1, vocabulary.Size - 1));
    }

    [Fact]
    public void Symbols_that_come_twice_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new SymbolVocabulary(["a", "a"], 0));
        Assert.Throws<ArgumentException>(() => new SymbolVocabulary([""], 0));
    }
}
