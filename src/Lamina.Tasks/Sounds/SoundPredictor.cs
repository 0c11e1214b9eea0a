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

    // A minute at a time, without silence at its ends.
    private Prediction Classify(string file, WaveReader reader, int top, CancellationToken cancel)
    {
        IReadOnlyList<string> classes = predictor.Classes;
        var sum = new double[classes.Count];
        int heard = 0, silent = 0, most = (int)Math.Min(Array.MaxLength, (long)SoundClips.MostSeconds * reader.Rate);
        for (int read = most; read == most;)
        {
            cancel.ThrowIfCancellationRequested();
            Waveform part = reader.ReadToEnd(most);
            if ((read = part.Samples.Length) == 0) break;
            float[][] pieces = [.. Pieces(_spectrogram.Analyze(part))];
            if (pieces.Length == 0) silent++;
            else Add(pieces, sum);
            heard += pieces.Length;
        }
        if (heard + silent == 0) return new(file, [], reader.IsCutShort ? "is cut short before its first sample" : "has no samples");
        if (heard == 0) Add([[]], sum);
        ClassProbability[] best = [.. sum.Select((p, i) => new ClassProbability(classes[i], p / Math.Max(1, heard)))
            .OrderByDescending(c => c.Probability).Take(top)];
        return new(file, best, null) { Note = NoteOf(reader, heard) };
    }

    // What is little longer than a spectrogram is one piece. Silent pieces say nothing, and a short end little that the pieces before don't.
    private IEnumerable<float[]> Pieces(float[] logs)
    {
        int bands = _spectrogram.Options.Bands, size = _spectrogram.Options.Frames, frames = logs.Length / bands;
        if (frames <= MuchLonger * size)
        {
            if (frames > 0) yield return logs;
            yield break;
        }
        double least = logs.Max() - _spectrogram.Options.Silence * Math.Log(10) / 10;
        for (int at = 0; frames - at >= size / 2; at += size)
        {
            float[] piece = logs[(at * bands)..(Math.Min(frames, at + size) * bands)];
            if (_spectrogram.Options.Silence == 0 || piece.Max() >= least) yield return piece;
        }
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

    private static string? NoteOf(WaveReader reader, int heard)
    {
        var notes = new List<string>();
        if (heard != 1) notes.Add(heard == 0 ? "silent" : $"the mean of {heard:N0} pieces");
        if (reader.IsCutShort) notes.Add("cut short: used as far as it goes");
        if (reader.NotFinite > 0) notes.Add($"{reader.NotFinite:N0} samples are no finite number");
        return notes.Count == 0 ? null : string.Join("; ", notes);
    }
}
