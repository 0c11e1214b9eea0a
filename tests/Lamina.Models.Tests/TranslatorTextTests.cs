using Lamina.Learning.Data;
using Lamina.Learning.Objectives;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Schedules;
using Lamina.Learning.Texts;
using Lamina.Learning.Training;
using Xunit;

namespace Lamina.Models.Tests;

public class TranslatorTextTests
{
    [Fact]
    public void Texts_come_back_from_tokens()
    {
        BpeTokenizer tokenizer = BpeTokenizer.Train([" the dog bit the man", " the man bit the dog"], 280);
        foreach (string text in (string[])["the dog bit the man", "Ein neues Wort – ж", "a"])
            Assert.Equal(text, Translator.Decode(tokenizer, [SequencePairDataset.Begin, .. Translator.Encode(tokenizer, text), SequencePairDataset.End, 0]));
        Assert.Empty(Translator.Encode(tokenizer, ""));
        // The first word is the word that it is elsewhere.
        int[] first = Translator.Encode(tokenizer, "the dog"), later = Translator.Encode(tokenizer, "bit the dog");
        Assert.Equal(first, later[^first.Length..]);
        Assert.All(first, t => Assert.InRange(t, SequencePairDataset.First, Translator.SizeOf(tokenizer) - 1));
    }

    [Fact]
    public void Words_are_reversed_whatever_is_translated_together()
    {
        string[] words = ["ka", "lo", "mi", "ne", "pu", "ra"];
        var random = new Random(4);
        string[] sources = [.. Enumerable.Range(0, 400).Select(_ => string.Join(' ', Enumerable.Range(0, random.Next(2, 5)).Select(_ => words[random.Next(6)])))];
        string[] targets = [.. sources.Select(s => string.Join(' ', s.Split(' ').Reverse()))];
        BpeTokenizer tokenizer = BpeTokenizer.Train(sources.Select(s => $" {s}"), 300);
        var pairs = new SequencePairDataset([.. sources.Select(s => Translator.Encode(tokenizer, s))], [.. targets.Select(s => Translator.Encode(tokenizer, s))]);
        var network = new TransformerTranslator(new TranslatorOptions { Vocabulary = Translator.SizeOf(tokenizer), Width = 32, Hidden = 64, EncoderLayers = 1, DecoderLayers = 1, Heads = 2, Dropout = 0 });
        new Trainer(new SequenceToSequence(network, 0.05), new AdamW(0.005), new TrainerOptions { Epochs = 30, Schedule = new OneCycle() })
            .Fit(new DataLoader(pairs, BatchOptions.Training with { Size = 16 }));
        var translator = new Translator(network, tokenizer);
        string[] asked = ["lo mi", "ka ne ra pu", "", "mi mi ka"], expected = ["mi lo", "pu ra ne ka", "", "ka mi mi"];
        Assert.Equal(expected, translator.Translate(asked));
        Assert.Equal(expected, translator.Translate(asked, beams: 1));
        Assert.Equal(expected, asked.Select(a => translator.Translate([a], 2)[0]));
        string[] many = [.. Enumerable.Repeat(asked, 40).SelectMany(a => a)];
        Assert.Equal(Enumerable.Repeat(expected, 40).SelectMany(e => e), translator.Translate(many));
        Assert.Equal("mi lo", translator.Translate(["lo mi ra ra"], longest: 2)[0]);
        Assert.Equal(2, translator.Count("lo mi"));
        Assert.True(translator.Translate(["ka ne ra pu"], most: 2)[0].Split(' ').Length <= 2);
        Assert.Throws<ArgumentOutOfRangeException>(() => translator.Translate(asked, beams: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => translator.Translate(asked, beams: 129));
        Assert.Throws<ArgumentOutOfRangeException>(() => translator.Translate(asked, most: 0));
        Assert.Throws<OperationCanceledException>(() => translator.Translate(asked, cancel: new CancellationToken(true)));
    }
}
