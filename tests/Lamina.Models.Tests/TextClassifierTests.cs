using Lamina.Learning.Data;
using Lamina.Learning.Losses;
using Lamina.Learning.Modules;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Training;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Models.Tests;

/// <summary>Padding doesn't count, counts are a classifier already, and training goes on from there.</summary>
public sealed class TextClassifierTests
{
    private static readonly int[][] s_texts = [[1, 2, 0], [1, 3, 3], [2, 1, 0], [4, 3, 0], [4, 5, 0], [5, 3, 0]];
    private static readonly int[] s_labels = [0, 0, 0, 1, 1, 1];

    private static TensorDataset Data => new(Tensor.From(s_texts.SelectMany(t => t).ToArray(), [6, 3]), Tensor.From(s_labels));

    private static TextClassifier Network(int width = 0, params int[] hidden) =>
        new(new TextClassifierOptions { Classes = 2, Vocabulary = 7, Width = width, Hidden = hidden });

    private static float[] Logits(TextClassifier network, params int[] tokens) => network.Forward(Tensor.From(tokens, [1, tokens.Length])).ToArray<float>();

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(4, 5)]
    public void Padding_does_not_count(int width, params int[] hidden)
    {
        TextClassifier network = Network(width, hidden);
        network.Build(new Spec(DType.Int32, [3]));
        network.Initialize(1);
        if (width == 0) network.StartFromCounts(Data);
        float[] plain = Logits(network, 1, 2);
        foreach (float[] padded in new[] { Logits(network, 1, 2, 0, 0, 0), Logits(network, 0, 1, 0, 2), Logits(network, 2, 1) })
            for (int c = 0; c < 2; c++) Assert.Equal(plain[c], padded[c], 1e-6f);
        Assert.NotEqual(plain[0] - plain[1], Logits(network, 4, 5)[0] - Logits(network, 4, 5)[1]);
    }

    [Fact]
    public void Counts_give_naive_Bayes_ratios_and_shares()
    {
        TextClassifier network = Network();
        network.StartFromCounts(Data);
        // Token 1 is in three texts of class 0 and in none of class 1; 6 tokens of 7 in each class, once in a text.
        double ratio = Math.Log((3 + 1.0) / (6 + 7)) - Math.Log(1.0 / (6 + 7));
        float[] row = network.Evidence!.Weight.Value.ToArray<float>()[2..4];
        Assert.Equal(ratio / 2, row[0], 1e-6);
        Assert.Equal(-ratio / 2, row[1], 1e-6);
        Assert.All(network.Evidence.Weight.Value.ToArray<float>()[12..], x => Assert.Equal(0, x)); // token 6 never occurs
        Assert.Equal([Math.Log(0.5), Math.Log(0.5)], Logits(network, 0, 0).Select(x => (double)x), (a, b) => Math.Abs(a - b) < 1e-6);
        // √2 tokens' worth of evidence for two tokens.
        Assert.Equal(ratio, (Logits(network, 1)[0] - Logits(network, 1)[1]), 1e-5);
        Assert.Equal(2 * ratio / Math.Sqrt(2), Logits(network, 1, 1)[0] - Logits(network, 1, 1)[1], 1e-5);
    }

    [Fact]
    public void Unequal_classes_are_the_answer_to_a_text_without_words()
    {
        TextClassifier network = Network();
        network.StartFromCounts(new TensorDataset(Tensor.From(Enumerable.Repeat(1, 9).Append(2).ToArray(), [10, 1]), Tensor.From(0, 0, 0, 0, 0, 0, 0, 0, 0, 1)));
        float[] logits = Logits(network, 0);
        Assert.Equal((9 + 1) / 12.0, 1 / (1 + Math.Exp(logits[1] - logits[0])), 1e-6);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8, 8)]
    public void Learns_what_is_not_in_the_counts(int width, params int[] hidden)
    {
        TextClassifier network = new(new TextClassifierOptions { Classes = 2, Vocabulary = 7, Width = width, Hidden = hidden, TokenDropout = 0.1, Dropout = 0.1 });
        network.StartFromCounts(Data);
        var trainer = new Trainer(network, new CrossEntropy(), new AdamW(0.02), new TrainerOptions { Epochs = 60 });
        trainer.Fit(new DataLoader(Data, BatchOptions.Training with { Size = 6 }), cancel: TestContext.Current.CancellationToken);
        for (int i = 0; i < s_texts.Length; i++)
        {
            float[] logits = Logits(network, s_texts[i]);
            Assert.True(logits[s_labels[i]] > logits[1 - s_labels[i]], $"text {i}");
        }
    }

    [Fact]
    public void Options_out_of_range_and_inputs_of_another_rank_are_refused()
    {
        TextClassifierOptions good = new() { Classes = 2, Vocabulary = 7 };
        foreach (TextClassifierOptions bad in new[]
        {
            good with { Classes = 1 }, good with { Vocabulary = 1 }, good with { Width = -1 }, good with { HasEvidence = false }, good with { Hidden = [3] }, good with { Width = 2, Hidden = [0] },
            good with { TokenDropout = 1 }, good with { Dropout = double.NaN },
        }) Assert.Throws<ArgumentOutOfRangeException>(() => new TextClassifier(bad));
        Assert.Contains("(batch, length)", Assert.Throws<TensorException>(() => Network().Forward(Tensor.From(1, 2))).Message);
    }
}
