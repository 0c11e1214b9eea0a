// A spam filter from a few messages, saved as one file and opened again.
(string Text, int Label)[] messages =
[
    ("Are we still on for lunch tomorrow?", 0), ("WINNER! Claim your free prize now", 1), ("Can you pick up some milk on the way home", 0),
    ("You have won £1000 cash, call 09061 701461 now", 1), ("Sorry, I'm late, start without me", 0), ("Free ringtone! Text WIN to 80086", 1),
    ("Happy birthday! See you tonight 😊", 0), ("URGENT! Your account is locked, claim it at www.bank.example", 1), ("How was the exam? Call me later", 0),
    ("Last chance to claim your free holiday, call now", 1), ("I'll be home at seven, love you", 0), ("Cheap loans, no credit check, text LOAN now", 1),
];
string[] texts = [.. messages.Select(m => m.Text)];

// README: from here
TextVocabulary vocabulary = TextVocabulary.Build(texts, new VocabularyOptions { LeastTexts = 1 });
var data = new TensorDataset(vocabulary.Encode(texts), Tensor.From([.. messages.Select(m => m.Label)]));
var network = new TextClassifier(new TextClassifierOptions { Classes = 2, Vocabulary = vocabulary.Size });
network.StartFromCounts(data);
new Trainer(network, new CrossEntropy(), new AdamW(0.003), new TrainerOptions { Epochs = 10 }).Fit(new DataLoader(data, BatchOptions.Training with { Size = 4 }));
Model.Save("spam.safetensors", network, ModelInfo.Of([vocabulary], new ClassLabels(["ham", "spam"]), "text"));

Predictor filter = Predictor.Load("spam.safetensors");
foreach (string text in (string[])["Claim your free prize", "See you at home tonight"])
    Console.WriteLine($"{filter.Classify(vocabulary.Encode([text]))[0][0].Name}: {text}");
// README: to here
File.Delete("spam.safetensors");
