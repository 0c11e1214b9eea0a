using Lamina.Learning.Generation;
using Xunit;

namespace Lamina.Learning.Tests.Generation;

public sealed class BeamSearchTests
{
    private const int Vocabulary = 5, Begin = 1, End = 2, Padding = 0, Most = 3;

    // A model whose logits are made of the last token and the number of tokens so far, different for each text.
    private static float Logit(int text, int length, int last, int token) => 2 * MathF.Sin(text * 5.1f + length * 3.7f + last * 1.9f + token * 2.3f);

    private static double LogP(int text, int length, int last, int token)
    {
        double sum = Enumerable.Range(0, Vocabulary).Sum(t => Math.Exp(Logit(text, length, last, t)));
        return Logit(text, length, last, token) - Math.Log(sum);
    }

    private static int[][] Search(int texts, int beams, double penalty)
    {
        int length = 0;
        // The rows' own beginnings, which the search keeps in order by saying where each came from.
        int[][] known = [.. Enumerable.Repeat(Array.Empty<int>(), texts * beams)];
        return new BeamSearch(Vocabulary, beams, End, penalty).Search([.. Enumerable.Repeat(Most, texts)], Begin, (tokens, from) =>
        {
            known = [.. Enumerable.Range(0, texts * beams).Select(r => (int[])[.. known[(int)from[r]], tokens[r]])];
            float[] logits = [.. known.SelectMany((k, r) => Enumerable.Range(0, Vocabulary).Select(t => Logit(r / beams, length, k[^1], t)))];
            length++;
            return logits;
        }, Padding);
    }

    private static IEnumerable<int[]> AllTexts(int most)
    {
        yield return [];
        if (most == 0) yield break;
        foreach (int[] rest in AllTexts(most - 1))
            foreach (int token in (int[])[1, 3, 4]) yield return [token, .. rest];
    }

    private static double Score(int text, int[] tokens, double penalty)
    {
        double sum = 0;
        int last = Begin;
        for (int i = 0; i <= tokens.Length; i++)
        {
            int token = i < tokens.Length ? tokens[i] : End;
            sum += LogP(text, i, last, token);
            last = token;
        }
        return sum / Math.Pow((5.0 + tokens.Length + 1) / 6, penalty);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.6)]
    [InlineData(3)]
    public void EnoughBeamsFindTheBestOfAllTexts(double penalty)
    {
        int[][] found = Search(8, 81, penalty);
        for (int text = 0; text < 8; text++)
        {
            int[] best = AllTexts(Most).MaxBy(t => Score(text, t, penalty))!;
            Assert.Equal(best, found[text]);
        }
    }

    [Fact]
    public void OneBeamIsGreedy()
    {
        int[][] found = Search(12, 1, 0);
        for (int text = 0; text < 12; text++)
        {
            var expected = new List<int>();
            int last = Begin;
            for (int i = 0; i < Most; i++)
            {
                last = Enumerable.Range(1, Vocabulary - 1).MaxBy(t => LogP(text, i, last, t));
                if (last == End) break;
                expected.Add(last);
            }
            Assert.Equal(expected, found[text]);
        }
    }

    // Each text is searched for as if it were alone, however long the others may become.
    [Fact]
    public void EachTextHasItsOwnLimit()
    {
        int[][] together = new int[2][];
        for (int turn = 0; turn < 2; turn++)
        {
            int[] most = turn == 0 ? [2, 2] : [2, 9];
            int length = 0;
            int[][] known = [.. Enumerable.Repeat(Array.Empty<int>(), 6)];
            together[turn] = new BeamSearch(Vocabulary, 3, End).Search(most, Begin, (tokens, from) =>
            {
                known = [.. Enumerable.Range(0, 6).Select(r => (int[])[.. known[(int)from[r]], tokens[r]])];
                float[] logits = [.. known.SelectMany((k, r) => Enumerable.Range(0, Vocabulary).Select(t => Logit(r / 3, length, k[^1], t)))];
                length++;
                return logits;
            }, Padding)[0];
        }
        Assert.Equal(together[0], together[1]);
    }

    [Fact]
    public void MoreBeamsAreNoWorseTogether() =>
        Assert.True(Enumerable.Range(0, 12).Sum(t => Score(t, Search(12, 4, 0)[t], 0)) >= Enumerable.Range(0, 12).Sum(t => Score(t, Search(12, 1, 0)[t], 0)));
}
