// Whistles that rise or fall, told apart by their spectrograms; saved as one file and opened again.
Waveform Whistle(int i, bool rises)
{
    float start = 400 + 97 * (i % 11), change = (rises ? 1 : -1) * (300 + 50 * (i % 5));
    float[] samples = [.. Enumerable.Range(0, 4_000).Select(t => 0.3f * MathF.Sin(2 * MathF.PI * (start + 300 + change * t / 8_000) * t / 8_000))];
    return new Waveform(samples, 8_000);
}

Waveform[] sounds = [.. Enumerable.Range(0, 64).Select(i => Whistle(i, i % 2 == 0))];
int[] labels = [.. Enumerable.Range(0, 64).Select(i => i % 2)];

// docs: from here
var spectrogram = new MelSpectrogram(new MelOptions { Rate = 8_000, Frames = 48, Bands = 28, Normalization = SoundNormalization.Loudness });
float[][] logs = [.. sounds.Select(spectrogram.Analyze)]; // Waveforms, such as WaveFile.Read("dog.wav")
var data = new SoundDataset(spectrogram, logs, labels, SoundAugmentation.Usual);
var network = new SoundNet(new SoundNetOptions { Classes = 2, Widths = [16, 32], Hidden = 32, Recurrent = 16 });
new Trainer(network, new CrossEntropy(), new AdamW(0.003), new TrainerOptions { Epochs = 12 }).Fit(new DataLoader(data,
    BatchOptions.Training with { Size = 8 }));
Model.Save("whistles.safetensors", network, ModelInfo.Of([spectrogram], new ClassLabels(["rising", "falling"]), "sound"));

Predictor ears = Predictor.Load("whistles.safetensors");
foreach (IReadOnlyList<ClassScore> heard in ears.Classify(spectrogram.Encode([Whistle(70, true), Whistle(71, false)])))
    Console.WriteLine($"{heard[0].Name}, {heard[0].Probability:P0} sure");
// docs: to here
File.Delete("whistles.safetensors");
