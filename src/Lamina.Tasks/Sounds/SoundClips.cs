using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Lamina.Formats;
using Lamina.Formats.Sounds;
using Lamina.Learning.Sounds;
using Lamina.Tasks.Images;

namespace Lamina.Tasks.Sounds;

/// <summary>Recordings with their labels, as logarithms of power in frames and bands.</summary>
/// <param name="Source">A path, or the name of built-in data.</param>
internal sealed record SoundClips(string Source)
{
    /// <summary>No more of a recording is read, in seconds: what bounds the memory.</summary>
    public const int MostSeconds = 60;

    private const int MostNamed = 3;

    public List<string> Names { get; } = [];

    public List<string> Labels { get; } = [];

    public List<string?> Groups { get; } = [];

    /// <summary>The part of the data: 0 for training or none, 1 for validation, 2 for the test.</summary>
    public List<int> Parts { get; } = [];

    /// <summary>(frames, bands) of each, as <see cref="MelSpectrogram.Analyze"/> gives them; empty where a recording is silent.</summary>
    public List<float[]> Logs { get; } = [];

    /// <summary>A hash of the samples of each.</summary>
    public List<string> Hashes { get; } = [];

    public int Count => Labels.Count;

    /// <summary>A hash of everything in them.</summary>
    public string Hash
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            for (int i = 0; i < Count; i++) hash.AppendData(Encoding.UTF8.GetBytes($"{Labels[i]}\n{Groups[i]}\n{Hashes[i]}\n"));
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }

    public void Add(string name, string label, string? group, int part, float[] logs, string hash)
    {
        Names.Add(name);
        Labels.Add(label);
        Groups.Add(group);
        Parts.Add(part);
        Logs.Add(logs);
        Hashes.Add(hash);
    }

    /// <summary>Reads files, and analyses them as they are read: one group of them is in memory.</summary>
    public static SoundClips Read(ImageTree tree, IReadOnlyList<SoundFile> files, MelSpectrogram spectrogram, List<string> notes,
        Action<TaskEvent> tell, CancellationToken cancel)
    {
        const int AtOnce = 64;
        var clips = new SoundClips(tree.Place);
        var faults = new SoundFaults();
        int done = 0;
        foreach (SoundFile[] part in files.Chunk(AtOnce))
        {
            cancel.ThrowIfCancellationRequested();
            Waveform?[] sounds = [.. part.Select(f => ReadOne(tree, f, faults))];
            var logs = new float[part.Length][];
            var hashes = new string[part.Length];
            Parallel.For(0, part.Length, i =>
            {
                if (sounds[i] is not { } sound) return;
                logs[i] = spectrogram.Analyze(sound);
                hashes[i] = Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(sound.Samples.Span)).AsSpan(0, 16));
            });
            for (int i = 0; i < part.Length; i++)
                if (sounds[i] is not null) clips.Add(part[i].Name, part[i].Label, part[i].Group, part[i].Part, logs[i], hashes[i]);
            tell(new Preparing("reading sounds", done += part.Length, files.Count));
        }
        clips.DropSilent(faults);
        notes.AddRange(faults.Notes());
        if (clips.Count == 0) throw new DataException(tree.Place,
            $"none of its {Wording.Count(files.Count, "WAV file")} can be used: {string.Join("; ", faults.Notes())}",
            "WAV files with something to hear in them");
        return clips;
    }

    private static Waveform? ReadOne(ImageTree tree, SoundFile file, SoundFaults faults)
    {
        try
        {
            using var reader = new WaveReader(tree.OpenRead(file.Index), file.Name);
            int most = (int)Math.Min(int.MaxValue, (long)MostSeconds * reader.Rate);
            Waveform sound = reader.ReadToEnd(most);
            if (sound.Samples.IsEmpty)
            {
                faults.Add(reader.IsCutShort ? "cut short before its first sample" : "without a single sample", file.Name, isPassedOver: true);
                return null;
            }
            if (reader.IsCutShort) faults.Add("cut short, and used as far as they go", file.Name, isPassedOver: false);
            if (sound.Samples.Length == most
                && !(reader.Count <= most)) faults.Add($"longer than {MostSeconds} seconds, of which the first {MostSeconds} are used",
                file.Name, isPassedOver: false);
            if (reader.NotFinite > 0) faults.Add("with samples that are no finite number, which count as 0", file.Name, isPassedOver: false);
            return sound;
        }
        catch (FileFormatException e)
        {
            faults.Add($"that can't be read, {e.Place}: expected {e.Expected}, found {e.Found}", file.Name, isPassedOver: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            faults.Add($"that can't be read: {e.Message.Split('\n')[0]}", file.Name, isPassedOver: true);
        }
        return null;
    }

    // Where all of a class is silent, that is what the class is.
    private void DropSilent(SoundFaults faults)
    {
        var sounding = new HashSet<string>(Labels.Where((_, i) => Logs[i].Length > 0));
        for (int i = Count - 1; i >= 0; i--)
        {
            if (Logs[i].Length > 0 || !sounding.Contains(Labels[i])) continue;
            faults.Add("that are silent", Names[i], isPassedOver: true);
            Names.RemoveAt(i);
            Labels.RemoveAt(i);
            Groups.RemoveAt(i);
            Parts.RemoveAt(i);
            Logs.RemoveAt(i);
            Hashes.RemoveAt(i);
        }
    }

    /// <summary>What was wrong with files, each kind once.</summary>
    private sealed class SoundFaults
    {
        private readonly Dictionary<(string Problem, bool IsPassedOver), List<string>> _files = [];

        public void Add(string problem, string file, bool isPassedOver)
        {
            if (_files.TryGetValue((problem, isPassedOver), out List<string>? files)) files.Add(file);
            else _files.Add((problem, isPassedOver), [file]);
        }

        public IEnumerable<string> Notes() => _files.Select(f =>
            $"{(f.Key.IsPassedOver ? "passed over " : "")}{Wording.Count(f.Value.Count, "file")} {f.Key.Problem}: "
                + $"{string.Join(", ", f.Value.Take(MostNamed))}{(f.Value.Count > MostNamed ? " …" : "")}");
    }
}
