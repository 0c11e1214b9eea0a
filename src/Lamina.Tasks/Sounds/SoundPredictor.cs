using Lamina.Formats;
using Lamina.Formats.Sounds;
using Lamina.Learning.Saving;
using Lamina.Learning.Sounds;
using Lamina.Tasks.Images;
using Lamina.Tasks.Spine;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Sounds;

/// <summary>
/// Classes and probabilities of WAV files. A recording that is much longer than those of the training is heard in pieces, whose probabilities are
/// averaged: an
/// hour takes no more memory than a second.
/// </summary>
internal sealed class SoundPredictor(Predictor predictor)
{
    private const double MuchLonger = 1.5;
    private const int AtOnce = 64;

    private readonly MelSpectrogram _spectrogram = predictor.Info.Inputs is [{ Preprocessing: [MelSpectrogram spectrogram, ..] }, ..] ? spectrogram
        : throw new ArgumentException($"{predictor.Network} takes no sounds", nameof(predictor));

    /// <summary>The predictions in the order of the inputs.</summary>
    /// <exception cref="DataException">An input can't be used at all.</exception>
    public PredictionList Predict(IReadOnlyList<string> inputs, int top, CancellationToken cancel)
    {
        // What can't be used is refused here, not when the first prediction is asked for.
        string[] files = [.. inputs.SelectMany(path => Find(path, cancel))];
        return new(files.Length, "recording", files.Select(file =>
        {
            cancel.ThrowIfCancellationRequested();
            return Classify(file, top, cancel);
        }));
    }

    private static IEnumerable<string> Find(string path, CancellationToken cancel)
    {
        if (path == "-" || File.Exists(path)) return [path];
        if (!Directory.Exists(path)) throw new DataException(path, "there's no such file or folder", "the path of a WAV file");
        using FolderReader folder = FolderReader.Open(path, cancel);
        string[] waves = [.. folder.Files.Where(SoundFiles.IsWave).Select(f => Path.Combine(path, f))];
        return waves.Length > 0 ? waves : throw new DataException(path, "has no WAV files", "a folder of WAV files");
    }

    private Prediction Classify(string file, int top, CancellationToken cancel)
    {
        try
        {
            using WaveReader reader = file == "-" ? new(Console.OpenStandardInput(), file) : WaveReader.Open(file);
            return Classify(file, reader, top, cancel);
        }
        catch (FileFormatException e)
        {
            return new(file, [], e.Message.Replace("\n  try", "; try", StringComparison.Ordinal));
        }
    }

    private Prediction Classify(string file, WaveReader reader, int top, CancellationToken cancel)
    {
        MelOptions mel = _spectrogram.Options;
        double seconds = mel.Frames * mel.Hop;
        // Whole pieces; what is little longer than one is one.
        int piece = checked((int)Math.Ceiling(seconds * reader.Rate)), first = (int)Math.Min(Array.MaxLength, Math.Ceiling(MuchLonger * piece));
        var buffer = new float[first];
        int got = reader.Read(buffer);
        if (got == 0) return new(file, [], reader.IsCutShort ? "is cut short before its first sample" : "has no samples");
        IReadOnlyList<string> classes = predictor.Classes;
        var sum = new double[classes.Count];
        int heard = 0, silent = 0;
        if (got < first) Hear([new(buffer.AsMemory(0, got), reader.Rate)], sum, ref heard, ref silent);
        else
        {
            var part = new List<Waveform> { new(buffer.AsSpan(0, piece).ToArray(), reader.Rate) };
            float[] rest = buffer[piece..];
            while (true)
            {
                cancel.ThrowIfCancellationRequested();
                var next = new float[piece];
                rest.CopyTo(next.AsSpan());
                int more = rest.Length + reader.Read(next.AsSpan(rest.Length));
                rest = [];
                // A short end says little that the pieces before don't.
                if (more * 2 >= piece) part.Add(new(next.AsMemory(0, more), reader.Rate));
                bool isEnd = more < piece;
                if (part.Count == AtOnce || isEnd)
                {
                    Hear(part, sum, ref heard, ref silent);
                    part.Clear();
                }
                if (isEnd) break;
            }
        }
        if (heard == 0) Add([[]], sum);
        ClassProbability[] best = [.. sum.Select((p, i) => new ClassProbability(classes[i], p / Math.Max(1, heard))).OrderByDescending(c =>
            c.Probability).Take(top)];
        return new(file, best, null) { Note = NoteOf(reader, heard, silent) };
    }

    // Silent pieces say nothing.
    private void Hear(IReadOnlyList<Waveform> pieces, double[] sum, ref int heard, ref int silent)
    {
        float[][] sounding = [.. pieces.Select(_spectrogram.Analyze).Where(l => l.Length > 0)];
        silent += pieces.Count - sounding.Length;
        heard += sounding.Length;
        if (sounding.Length > 0) Add(sounding, sum);
    }

    private void Add(float[][] logs, double[] sum)
    {
        int size = _spectrogram.Shape.Count;
        Tensor batch = Tensor.Create<float>(_spectrogram.Shape.Insert(0, logs.Length), values =>
        {
            for (int i = 0; i < logs.Length; i++) _spectrogram.Place(logs[i], values.Slice(i * size, size));
        });
        float[] probabilities = predictor.Predict(batch).ToArray<float>();
        WeightCheck.RequireFinite(probabilities);
        for (int i = 0; i < probabilities.Length; i++) sum[i % sum.Length] += probabilities[i];
    }

    private static string? NoteOf(WaveReader reader, int heard, int silent)
    {
        var notes = new List<string>();
        if (heard > 1) notes.Add($"the mean of {heard:N0} pieces");
        else if (heard == 0) notes.Add("silent");
        if (heard > 0 && silent > 0) notes.Add($"{Wording.Count(silent, "silent piece")} left out");
        if (reader.IsCutShort) notes.Add("cut short: used as far as it goes");
        if (reader.NotFinite > 0) notes.Add($"{Wording.Count((int)Math.Min(int.MaxValue, reader.NotFinite), "sample")} not finite");
        return notes.Count == 0 ? null : string.Join("; ", notes);
    }
}
