using System.Buffers.Binary;
using System.Diagnostics;
using Lamina.Formats;
using Lamina.Tasks;
using Lamina.Tasks.Images;

namespace Lamina.KillHarness;

/// <summary>What the kills have shown.</summary>
/// <param name="Points">Changes to the file system of the two runs.</param>
/// <param name="Tried">Kills tried.</param>
/// <param name="Failures">What went wrong, a line each.</param>
public sealed record KillReport(int Points, int Tried, IReadOnlyList<string> Failures);

/// <summary>
/// Kills a short run before each of its changes to the file system, and a resumed one too. After each kill the folder has to
/// load, the run has to go on (or begin in the same folder, where it had not begun), to end in the bits of a run that was
/// never killed, and to leave nothing beside its files.
/// </summary>
public static class Harness
{
    private const int Images = 40, Side = 8;

    /// <summary>Runs it.</summary>
    /// <param name="sample">The number of points to try, evenly spread; all where there are fewer.</param>
    /// <param name="output">Where the progress goes.</param>
    /// <param name="cancel">Stops it.</param>
    public static async Task<KillReport> Run(int sample, TextWriter output, CancellationToken cancel)
    {
        string folder = Directory.CreateTempSubdirectory("lamina-kills-").FullName;
        try
        {
            string data = Path.Combine(folder, "data"), straight = Path.Combine(folder, "straight");
            WriteData(data);
            int training = await Finish("train", straight, data, cancel);
            byte[] right = await File.ReadAllBytesAsync(Path.Combine(straight, "model.safetensors"), cancel);
            // A run that was killed in the middle of a checkpoint, to be resumed and killed again.
            string half = Path.Combine(folder, "half");
            await Kill(training / 2, "train", half, data, cancel);
            string whole = Copy(half, Path.Combine(folder, "whole"));
            int resuming = await Finish("resume", whole, data, cancel);

            (string What, int Point)[] all = [.. Enumerable.Range(1, training).Select(p => ("train", p)), .. Enumerable.Range(1, resuming).Select(p => ("resume", p))];
            (string What, int Point)[] tried = sample >= all.Length ? all : [.. Enumerable.Range(0, sample).Select(i => all[(int)((i + 0.5) * all.Length / sample)])];
            var failures = new List<string>();
            int done = 0;
            await Parallel.ForEachAsync(tried, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancel }, async (kill, _) =>
            {
                string run = Path.Combine(folder, $"{kill.What}-{kill.Point}");
                if (kill.What == "resume") Copy(half, run);
                string? problem = await Try(kill.Point, kill.What, run, data, right, cancel);
                Directory.Delete(run, recursive: true);
                lock (failures)
                {
                    if (problem is not null) failures.Add($"{kill.What}, killed at {kill.Point}: {problem}");
                    if (++done % 25 == 0 || problem is not null) output.WriteLine($"{done} of {tried.Length} kills{(problem is null ? "" : $": {failures[^1]}")}");
                }
            });
            output.WriteLine($"{all.Length} points, {tried.Length} kills, {failures.Count} failures");
            return new(all.Length, tried.Length, failures);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Null, or what went wrong.
    private static async Task<string?> Try(int point, string what, string run, string data, byte[] right, CancellationToken cancel)
    {
        try
        {
            await Kill(point, what, run, data, cancel);
            bool isRun = File.Exists(Path.Combine(run, "run.json"));
            if (isRun) Load(run);
            await Finish(isRun ? "resume" : "train", run, data, cancel);
            byte[] weights = await File.ReadAllBytesAsync(Path.Combine(run, "model.safetensors"), cancel);
            if (!right.SequenceEqual(weights)) return "other weights";
            string[] left = [.. Directory.EnumerateFileSystemEntries(run, "*", SearchOption.AllDirectories).Where(f => AtomicFolder.IsTemporary(f) || f.EndsWith(".old", StringComparison.Ordinal))];
            return left.Length == 0 ? null : $"left behind: {string.Join(", ", left)}";
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return e.Message;
        }
    }

    // What a run has so far can be used at any moment, or has not come to weights yet.
    private static void Load(string run)
    {
        ImageClassification.Summarize(run);
        try
        {
            ImageClassification.Predict(run, [Path.Combine(run, "no-image.png")]);
        }
        catch (TaskException e) when (e.Message.Contains("no trained weights yet", StringComparison.Ordinal))
        {
        }
    }

    private static async Task Kill(int point, string what, string run, string data, CancellationToken cancel)
    {
        (int code, string output) = await Start(point, what, run, data, cancel);
        if (code == 0) throw new InvalidOperationException($"was done before it was to be killed: {output}");
    }

    private static async Task<int> Finish(string what, string run, string data, CancellationToken cancel)
    {
        (int code, string output) = await Start(0, what, run, data, cancel);
        return code == 0 ? int.Parse(output.Trim().Split('\n')[^1]) : throw new InvalidOperationException($"{what} ended with {code}: {output}");
    }

    private static async Task<(int Code, string Output)> Start(int point, string what, string run, string data, CancellationToken cancel)
    {
        using Process process = Process.Start(new ProcessStartInfo("dotnet", [typeof(Harness).Assembly.Location, "child", $"{point}", what, run, data])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancel), error = process.StandardError.ReadToEndAsync(cancel);
        await process.WaitForExitAsync(cancel);
        return (process.ExitCode, await error + await output);
    }

    private static string Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string folder in Directory.GetDirectories(from, "*", SearchOption.AllDirectories)) Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories)) File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
        return to;
    }

    // Two classes of small grey images as IDX files (the format of MNIST): bright above, bright below.
    private static void WriteData(string folder)
    {
        Directory.CreateDirectory(folder);
        var images = new byte[16 + Images * Side * Side];
        var labels = new byte[8 + Images];
        int[] imageHeader = [0x803, Images, Side, Side], labelHeader = [0x801, Images];
        for (int i = 0; i < imageHeader.Length; i++) BinaryPrimitives.WriteInt32BigEndian(images.AsSpan(4 * i), imageHeader[i]);
        for (int i = 0; i < labelHeader.Length; i++) BinaryPrimitives.WriteInt32BigEndian(labels.AsSpan(4 * i), labelHeader[i]);
        for (int i = 0; i < Images; i++)
        {
            labels[8 + i] = (byte)(i % 2);
            for (int p = 0; p < Side * Side; p++) images[16 + i * Side * Side + p] = (byte)((p < Side * Side / 2) == (i % 2 == 0) ? 160 + (i + p) % 90 : (i * p) % 60);
        }
        File.WriteAllBytes(Path.Combine(folder, "train-images-idx3-ubyte"), images);
        File.WriteAllBytes(Path.Combine(folder, "train-labels-idx1-ubyte"), labels);
    }
}
