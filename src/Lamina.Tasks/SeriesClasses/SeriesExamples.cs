using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Lamina.Tasks.SeriesClasses;

/// <summary>Series with a label each, in memory.</summary>
/// <param name="Source">A path, or the name of built-in data.</param>
/// <param name="Channels">The names of the channels.</param>
internal sealed record SeriesExamples(string Source, IReadOnlyList<string> Channels)
{
    /// <summary>Each (steps, channels); NaN where a value is missing.</summary>
    public List<float[]> Values { get; } = [];

    public List<string> Labels { get; } = [];

    public List<string?> Groups { get; } = [];

    /// <summary>Where each stands, such as <c>row 17</c> or a file.</summary>
    public List<string> Places { get; } = [];

    /// <summary>The part of the data: 0 for training or none, 1 for validation, 2 for the test.</summary>
    public List<int> Parts { get; } = [];

    /// <summary>What a person should know of how they were read.</summary>
    public List<string> Notes { get; } = [];

    public int Count => Labels.Count;

    /// <summary>What makes two of them the same: their values.</summary>
    public IReadOnlyList<string> Hashes => [.. Values.Select(v =>
        Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(v.AsSpan())).AsSpan(0, 16)))];

    /// <summary>A hash of everything in them.</summary>
    public string Hash
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            for (int i = 0; i < Count; i++)
            {
                hash.AppendData(Encoding.UTF8.GetBytes($"{Labels[i]}\n{Groups[i]}\n{Values[i].Length}\n"));
                hash.AppendData(MemoryMarshal.AsBytes(Values[i].AsSpan()));
            }
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }

    /// <summary>The number of steps of an example.</summary>
    public int Steps(int index) => Values[index].Length / Channels.Count;

    public void Add(float[] values, string label, string? group, string place, int part = 0)
    {
        Values.Add(values);
        Labels.Add(label);
        Groups.Add(group);
        Places.Add(place);
        Parts.Add(part);
    }

    /// <summary>Some of them.</summary>
    public SeriesExamples Where(Func<int, bool> isKept)
    {
        var kept = new SeriesExamples(Source, Channels);
        for (int i = 0; i < Count; i++)
            if (isKept(i)) kept.Add(Values[i], Labels[i], Groups[i], Places[i], Parts[i]);
        return kept;
    }

    /// <summary>An example as a person sees it.</summary>
    public CurveSample Show(int index)
    {
        const int MostPoints = 400, MostChannels = 8;
        int steps = Steps(index), channels = Channels.Count, shown = Math.Min(channels, MostChannels), points = Math.Min(steps, MostPoints);
        return new(Places[index], [.. Enumerable.Range(0, shown).Select(c =>
            new Curve(Channels[c], [.. Enumerable.Range(0, points).Select(p => Values[index][(int)((long)p * steps / points) * channels + c])]))]);
    }
}
