using Lamina.Learning.Objectives;

// A label for each position of a sequence: letters between brackets are inside, others outside, and a network finds that out from examples.
var random = new Random(5);
(string Text, int[] Labels)[] sequences = [.. Enumerable.Range(0, 200).Select(_ => Draw(random))];

// docs/tasks/sequences.md: from here
var vocabulary = new SymbolVocabulary(["a", "b", "c", "(", ")"], pieces: 0);
Tensor symbols = vocabulary.Encode([.. sequences.Select(s => s.Text)]); // (sequences, steps, 1)
Tensor labels = Tensor.Concat([.. sequences.Select(s => Tensor.From(s.Labels).Unsqueeze(0))], 0); // (sequences, steps)
var network = new SequenceTagger(new SequenceTaggerOptions { Labels = 2, Vocabulary = vocabulary.Size, Dropout = 0.1, Members = 2 });
var trainer = new Trainer(new EnsembleObjective(network, new CrossEntropy()), new AdamW(0.003), new TrainerOptions { Epochs = 12 });
trainer.Fit(new DataLoader(new TensorDataset(symbols, labels), BatchOptions.Training with { Size = 16 }));
Model.Save("positions.safetensors", network, ModelInfo.Of([vocabulary], new ClassLabels(["outside", "inside"]), "sequences"));

Predictor positions = Predictor.Load("positions.safetensors");
string text = "ab(ca)bbca(b)cab";
Tensor answer = positions.PredictTexts(text); // (1, steps, labels)
Console.WriteLine(text);
Console.WriteLine(string.Concat(Enumerable.Range(0, text.Length).Select(i => answer.ToArray<float>()[2 * i + 1] > 0.5 ? 'i' : '.')));
// docs/tasks/sequences.md: to here
File.Delete("positions.safetensors");

static (string, int[]) Draw(Random random)
{
    char[] text = new char[16];
    int[] labels = new int[16];
    bool isInside = false;
    for (int i = 0, left = 0; i < text.Length; i++)
    {
        // Brackets close after two or three letters.
        if (isInside && left-- == 0) (text[i], isInside) = (')', false);
        else if (!isInside && random.Next(4) == 0 && i < text.Length - 4) (text[i], isInside, left) = ('(', true, 1 + random.Next(2));
        else (text[i], labels[i]) = ("abc"[random.Next(3)], isInside ? 1 : 0);
    }
    return (new(text), labels);
}
