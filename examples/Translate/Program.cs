using Lamina.Learning.Objectives;

// Sentences of three words into a small invented language, whose verb stands last and whose adjectives stand behind their nouns.
(string Word, string Other)[] nouns = [("fox", "rulo"), ("bird", "pitu"), ("king", "garo"), ("boat", "naval"), ("wolf", "volku"), ("mouse", "musik")],
    adjectives = [("red", "roza"), ("small", "miki"), ("old", "veto"), ("happy", "gaia")], verbs = [("sees", "vid"), ("finds", "trov"), ("follows", "segu")];
var random = new Random(3);
(string Word, string Other) Of((string, string)[] words) => words[random.Next(words.Length)];
var drawn = new List<(string, string)>();
for (int i = 0; i < 800; i++)
{
    ((string how, string otherHow), (string who, string otherWho), (string does, string otherDoes), (string whom, string otherWhom)) = (Of(adjectives), Of(nouns), Of(verbs), Of(nouns));
    drawn.Add(($"the {how} {who} {does} the {whom}", $"{otherWho} {otherHow} {otherWhom}m {otherDoes}ez"));
}
string[] sentences = [.. drawn.Select(d => d.Item1)], translations = [.. drawn.Select(d => d.Item2)];

// docs: from here
BpeTokenizer tokenizer = BpeTokenizer.Train([.. sentences.Concat(translations).Select(s => $" {s}")], 400);
var pairs = new SequencePairDataset([.. sentences.Select(s => Translator.Encode(tokenizer, s))], [.. translations.Select(s => Translator.Encode(tokenizer, s))]);
var network = new TransformerTranslator(new TranslatorOptions
{
    Vocabulary = Translator.SizeOf(tokenizer), Width = 64, Hidden = 128, EncoderLayers = 1, DecoderLayers = 1, Dropout = 0,
});
var trainer = new Trainer(new SequenceToSequence(network), new AdamW(0.003), new TrainerOptions { Epochs = 12, Schedule = new OneCycle() });
trainer.Fit(new DataLoader(pairs, BatchOptions.Training with { Size = 16 }));

string translation = new Translator(network, tokenizer).Translate(["the old king follows the bird"])[0];
var bleu = new Bleu();
bleu.Add(translation, "garo veto pitum seguez");
Console.WriteLine($"{translation}: {bleu}");
// docs: to here
