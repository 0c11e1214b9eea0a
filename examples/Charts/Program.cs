// Curves of different lengths, with a step somewhere or with none, told apart by a recurrent network; saved as one file and opened again.
float[] Curve(int i, bool hasStep) =>
    [.. Enumerable.Range(0, 20 + i % 15).Select(t => 20 + MathF.Sin(12.9f * i + 7.7f * t) + (hasStep && t > 8 + i % 5 ? 4 : 0))];

float[][] curves = [.. Enumerable.Range(0, 96).Select(i => Curve(i, i % 2 == 0))];
int[] labels = [.. Enumerable.Range(0, 96).Select(i => i % 2)];

// docs: from here
var encoding = new SeriesEncoding(new Normalization([21], [2]), every: 1, steps: 40); // mean and deviation of each channel
var data = new SequenceDataset([.. curves.Select(c => Tensor.From(encoding.EncodeOne(c), [c.Length, 1]))], Tensor.From(labels));
var network = new RecurrentClassifier(new RecurrentClassifierOptions { Classes = 2, Hidden = 16, Layers = 1 });
new Trainer(network, new CrossEntropy(), new AdamW(0.01), new TrainerOptions { Epochs = 15 }).Fit(new DataLoader(data,
    BatchOptions.Training with { Size = 8 }));
var info = new ModelInfo { Inputs = [new InputInfo { Name = "series", Preprocessing = [encoding] }], Outputs =
    [new OutputInfo { Meaning = new ClassLabels(["step", "steady"]) }] };
Model.Save("charts.safetensors", network, info);

Predictor predictor = Predictor.Load("charts.safetensors");
Tensor answers = predictor.PredictSeries(Curve(100, true), Curve(101, false)); // (2, classes), of any lengths
foreach (int i in (int[])[0, 1]) Console.WriteLine($"{(answers.ToArray<float>()[2 * i] > 0.5 ? predictor.Classes[0] : predictor.Classes[1])}");
// docs: to here
File.Delete("charts.safetensors");
