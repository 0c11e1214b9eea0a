using Lamina.Learning.Texts;
using Xunit;

namespace Lamina.Learning.Tests.Texts;

public sealed class TokenizerTests
{
    private const string Odd = "Grüße, 😀 naïve — 世界!\r\n\tdon't  stop   \0 ½ e\u0301";

    private static BpeTokenizer Trained(int size = 300) => BpeTokenizer.Train(["the cat sat on the mat, the rat sat on the cat", Odd], size);

    [Fact]
    public void WhatIsEncodedDecodesToItself()
    {
        foreach (Tokenizer tokenizer in (Tokenizer[])[CharacterTokenizer.Of([Odd]), new ByteTokenizer(), Trained(), new BpeTokenizer([])])
        {
            int[] tokens = tokenizer.Encode(Odd);
            Assert.All(tokens, t => Assert.InRange(t, 0, tokenizer.Size - 1));
            Assert.Equal(Odd, tokenizer.Decode(tokens));
            Assert.Empty(tokenizer.Encode(""));
            Assert.Equal("", tokenizer.Unknown(Odd));
        }
    }

    [Fact]
    public void ATokenForEachCharacter()
    {
        CharacterTokenizer tokenizer = CharacterTokenizer.Of(["ba😀", "abc"]);
        Assert.Equal("abc😀", tokenizer.Alphabet);
        Assert.Equal(4, tokenizer.Size);
        Assert.Equal([3, 0, 2], tokenizer.Encode("😀xaxcy"));
        Assert.Equal("xy", tokenizer.Unknown("😀xaxcy"));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Decode([4]));
        Assert.Throws<ArgumentException>(() => new CharacterTokenizer("aba"));
        Assert.Throws<ArgumentException>(() => new CharacterTokenizer("a\ud83d"));
        Assert.Throws<ArgumentException>(() => CharacterTokenizer.Of([""]));
    }

    [Fact]
    public void CharactersOfSeveralTokensComeWhenTheyAreComplete()
    {
        var tokenizer = new ByteTokenizer();
        var decoder = new TokenDecoder(tokenizer);
        Assert.Equal(["", "é", "a", "", "", "", "😀"], tokenizer.Encode("éa😀").Select(decoder.Add));
        Assert.Equal("", decoder.Add(0xC3));
        Assert.Equal("�", decoder.End());
        Assert.Equal("�a", tokenizer.Decode([0xFF, 'a']));
    }

    [Fact]
    public void MergesTheMostFrequentPairFirst()
    {
        // The published example (Sennrich, Haddow and Birch, 2016), by words: low 5, lower 2, newest 6, widest 3.
        string text = string.Join('\n', Enumerable.Repeat("low", 5).Concat(Enumerable.Repeat("lower", 2)).Concat(Enumerable.Repeat("newest", 6))
            .Concat(Enumerable.Repeat("widest", 3)));
        BpeTokenizer tokenizer = BpeTokenizer.Train([text], 259);
        // es and st both come 9 times, and so does lo, 7; of equals the pair of smaller tokens: e (101) before s (115).
        Assert.Equal(['e', 's', 256, 't', 'l', 'o'], tokenizer.Merges);
        Assert.Equal(["n", "e", "w", "est"], tokenizer.Encode("newest").Select(t => tokenizer.Decode([t])));
    }

    [Fact]
    public void TheCountsOfPairsStayRight()
    {
        // Against counting everything anew before each merge.
        var random = new Random(4);
        string text = string.Join(' ', Enumerable.Range(0, 400).Select(_ => new string([.. Enumerable.Range(0, random.Next(1, 9)).Select(_ => "abca"[random.Next(4)])])));
        BpeTokenizer tokenizer = BpeTokenizer.Train([text], 256 + 60);
        List<int[]> words = [.. System.Text.RegularExpressions.Regex.Matches(text, " ?[a-c]+").Select(m => m.Value.Select(c => (int)c).ToArray())];
        for (int merge = 0; merge < tokenizer.Merges.Count / 2; merge++)
        {
            var counts = new Dictionary<(int, int), int>();
            foreach (int[] word in words)
                for (int i = 0; i + 1 < word.Length; i++) counts[(word[i], word[i + 1])] = counts.GetValueOrDefault((word[i], word[i + 1])) + 1;
            (int First, int Second) best = counts.OrderByDescending(c => c.Value).ThenBy(c => c.Key).First().Key;
            Assert.Equal(best, (tokenizer.Merges[2 * merge], tokenizer.Merges[2 * merge + 1]));
            for (int w = 0; w < words.Count; w++)
            {
                var merged = new List<int>();
                for (int i = 0; i < words[w].Length; i++)
                {
                    bool isPair = i + 1 < words[w].Length && (words[w][i], words[w][i + 1]) == best;
                    merged.Add(isPair ? 256 + merge : words[w][i]);
                    if (isPair) i++;
                }
                words[w] = [.. merged];
            }
        }
    }

    [Fact]
    public void EndsWhereNoPairComesTwice()
    {
        Assert.Equal(256, BpeTokenizer.Train(["abcdef"], 1000).Size);
        Assert.Equal(256, BpeTokenizer.Train([], 1000).Size);
    }

    [Fact]
    public void AWordWithoutEndIsNoProblem()
    {
        string text = new('a', 1_000_000);
        BpeTokenizer tokenizer = BpeTokenizer.Train([text], 270);
        Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
        string faces = string.Concat(Enumerable.Repeat("😀", 1000));
        Assert.Equal(faces, tokenizer.Decode(tokenizer.Encode(faces)));
    }

    [Fact]
    public void MergesFromAFileAreChecked()
    {
        Assert.Throws<ArgumentException>(() => new BpeTokenizer([1]));
        Assert.Throws<ArgumentException>(() => new BpeTokenizer([256, 1]));
        Assert.Throws<ArgumentException>(() => new BpeTokenizer([-1, 1]));
        Assert.Throws<ArgumentException>(() => new BpeTokenizer([97, 98, 97, 98]));
        // Doubling again and again makes a token of 512 bytes.
        Assert.Throws<ArgumentException>(() => new BpeTokenizer([97, 97, 256, 256, 257, 257, 258, 258, 259, 259, 260, 260, 261, 261, 262, 262, 263, 263]));
    }
}
