using Lamina.Learning.Texts;
using Xunit;

namespace Lamina.Learning.Tests.Texts;

/// <summary>BLEU against values that sacreBLEU publishes, and such that are counted by hand.</summary>
public class BleuTests
{
    // The example of sacreBLEU's README, whose tests hold the same number.
    [Fact]
    public void The_published_example_has_the_published_score()
    {
        string[] translations = ["The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."];
        string[][] references = [["The dog bit the man.", "The dog had bit the man."], ["It was not unexpected.", "No one was surprised."], ["The man bit him first.", "The man had bitten the dog."]];
        var bleu = new Bleu();
        for (int i = 0; i < 3; i++) bleu.Add(translations[i], references[i]);
        Assert.Equal(48.530827, bleu.Score, 1e-6);
        Assert.Equal(82.4, 100 * bleu.Precision(1), 0.05);
        Assert.Equal(50.0, 100 * bleu.Precision(2), 0.05);
        Assert.Equal(45.5, 100 * bleu.Precision(3), 0.05);
        Assert.Equal(37.5, 100 * bleu.Precision(4), 0.05);
        Assert.Equal(0.943, bleu.BrevityPenalty, 0.0005);
        Assert.Equal([17, 18], bleu.Counts[..2].ToArray());
        Assert.Equal("BLEU 48.53 (82.4/50.0/45.5/37.5, penalty 0.943)", bleu.ToString());
    }

    [Fact]
    public void Counts_and_scores_of_sacrebleus_tests()
    {
        var bleu = new Bleu();
        bleu.Add("am I am a character sequence", "I am a symbol string sequence a a");
        Assert.Equal([6, 8, 4, 2, 1, 0, 6, 5, 4, 3], bleu.Counts.ToArray());
        // By hand: no run of four, so half of one counts; six words for eight.
        Assert.Equal(100 * Math.Exp(1 - 8.0 / 6) * Math.Pow(4.0 / 6 * (2.0 / 5) * (1.0 / 4) * (0.5 / 3), 0.25), bleu.Score, 1e-9);
        Assert.Equal(83.75922397, Bleu.ScoreOf([11, 11, 9, 7, 5, 3, 10, 8, 6, 4]), 1e-7);
        Assert.Equal(0, Bleu.ScoreOf([0, 1, 0, 0, 0, 0, 4, 4, 2, 1]));
        Assert.Equal(0, Bleu.ScoreOf([14, 10, 0, 0, 0, 0, 10, 11, 12, 0]));
        Assert.Equal(0, Bleu.ScoreOf([0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
        Assert.Equal(0, new Bleu().Score);
    }

    [Theory]
    [InlineData("this is a test", "this is a test", 100)]
    [InlineData("this is a fest", "this is a test", 59.460356)] // (3/4 · 2/3 · 1/2 · 1/2)^¼
    [InlineData("this is the rest", "this was the test", 18.995895)] // (2/4 · (1/2)/3 · (1/4)/2 · (1/8)/1)^¼, smoothed by 1/2, 1/4, 1/8
    [InlineData("", "this is a test", 0)]
    [InlineData("two words", "two words", 0)] // no run of four words at all, as sacreBLEU has it
    public void Shares_are_multiplied_and_smoothed(string translation, string reference, double expected)
    {
        var bleu = new Bleu();
        bleu.Add(translation, reference);
        Assert.Equal(expected, bleu.Score, 1e-5);
    }

    [Theory]
    [InlineData("Hello, world!", "Hello|,|world|!")]
    [InlineData("It wasn't 1,000.5 - or 3-4.", "It|wasn't|1,000.5|-|or|3|-|4|.")]
    [InlineData("a well-known \"quote\" (so)", "a|well-known|\"|quote|\"|(|so|)")]
    [InlineData("&quot;Tom &amp; Jerry&quot; &lt;b&gt;", "\"|Tom|&|Jerry|\"|<|b|>")]
    [InlineData("über die Brücke, Größe 5.", "über|die|Brücke|,|Größe|5|.")]
    [InlineData("我喜欢猫。Ja 3,5!", "我|喜|欢|猫|。|Ja|3,5|!")]
    [InlineData("  two\tblanks\u00A0three \n", "two|blanks|three")]
    [InlineData("", "")]
    public void Words_are_those_of_mteval(string text, string words) => Assert.Equal(words.Split('|', StringSplitOptions.RemoveEmptyEntries), Bleu.Words(text));

    [Fact]
    public void Capitals_count_or_not()
    {
        var (mixed, lower) = (new Bleu(), new Bleu(lowerCase: true));
        foreach (Bleu bleu in (Bleu[])[mixed, lower]) bleu.Add("Ein Mann geht ÜBER die Straße", "ein Mann geht über die Straße");
        Assert.Equal(100, lower.Score, 1e-9);
        Assert.InRange(mixed.Score, 1, 60);
    }

    // A number before the point that ends a text: torchmetrics once counted it otherwise than sacreBLEU (Lightning-AI/torchmetrics, issue 1776).
    [Fact]
    public void A_point_behind_a_number_at_the_end_is_a_word()
    {
        var bleu = new Bleu();
        bleu.Add("We are in 2023 .", "We are in 2023.");
        bleu.Add("Wait until I count to 10, then move.", "Wait until I count to 10, then move.");
        Assert.Equal(100, bleu.Score, 1e-9);
    }

    [Fact]
    public void A_corpus_is_no_mean_of_sentences()
    {
        var all = new Bleu();
        all.Add("the cat sat on the mat", "the cat sat on the mat");
        all.Add("no", "there is nothing here");
        // 6 of 7 words, then all runs of the first sentence; 7 words for 10.
        Assert.Equal(100 * Math.Exp(1 - 10.0 / 7) * Math.Pow(6.0 / 7, 0.25), all.Score, 1e-9);
        Assert.Throws<ArgumentException>(() => all.Add("no reference"));
        Assert.Throws<ArgumentException>(() => Bleu.ScoreOf([1, 2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => all.Precision(5));
    }
}
