using System.Security.Cryptography;
using System.Runtime.InteropServices;

namespace Lamina.Tasks.Series;

/// <summary>Series on a common grid of steps, in memory.</summary>
/// <param name="Source">A path, or the name of built-in data.</param>
/// <param name="Layout">Which columns they come from, and how they are read.</param>
/// <param name="Grid">The times of the steps.</param>
/// <param name="Tracks">The stretches of time: one, or one for each value of the column that tells series apart.</param>
/// <param name="Notes">What a person should know of how they were read.</param>
internal sealed record SeriesTable(string Source, SeriesLayout Layout, TimeGrid Grid, IReadOnlyList<SeriesTrack> Tracks, List<string> Notes)
{
    /// <summary>The number of columns.</summary>
    public int Width => Layout.Columns.Count;

    /// <summary>The number of steps of all tracks.</summary>
    public long Steps => Tracks.Sum(t => (long)t.Steps);

    /// <summary>The first step of any track.</summary>
    public long First => Tracks.Min(t => t.First);

    /// <summary>The step after the last one of any track.</summary>
    public long End => Tracks.Max(t => t.First + t.Steps);

    /// <summary>The time of a step, as the table writes it.</summary>
    public string TimeText(long index) => Layout.Time.Count == 0 ? $"row {index + 1}" : Layout.Write(Grid.TimeAt(index));

    /// <summary>From when to when it reaches, in words.</summary>
    public string TimeRange
    {
        get
        {
            if (Layout.Time.Count == 0) return "no column of times: each row is a step";
            string steps = (End - First).ToString("N0", System.Globalization.CultureInfo.InvariantCulture);
            return $"{Wording.Names([.. Layout.Time])}, {TimeText(First)} to {TimeText(End - 1)}, {steps} steps of {Grid.Text}";
        }
    }

    /// <summary>The series of these columns alone, in this order.</summary>
    public SeriesTable Select(IReadOnlyList<string> columns)
    {
        int[] places = [.. columns.Select(name => Layout.Columns.ToList().FindIndex(c => c.Name == name))];
        return this with
        {
            Layout = Layout with { Columns = [.. places.Select(p => Layout.Columns[p])] },
            Tracks = [.. Tracks.Select(t => t.Select(places))],
        };
    }

    /// <summary>Columns that count rows: each value is one more, or one less, than that before it.</summary>
    public string[] Counters => [.. Layout.Columns.Select((c, i) => (c.Name, i)).Where(c => Tracks.All(t => t.IsCounter(c.i))).Select(c => c.Name)];

    /// <summary>A hash of everything in them.</summary>
    public string Hash
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (SeriesTrack track in Tracks)
            {
                hash.AppendData(BitConverter.GetBytes(track.First));
                hash.AppendData(MemoryMarshal.AsBytes(track.Values.AsSpan()));
            }
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }
}

/// <summary>Consecutive steps of all columns.</summary>
/// <param name="Name">Which series it is, where a column tells them apart; null otherwise.</param>
/// <param name="First">The first step.</param>
/// <param name="Values">(steps, columns); NaN where a value is missing.</param>
/// <param name="Width">The number of columns.</param>
internal sealed record SeriesTrack(string? Name, long First, double[] Values, int Width)
{
    /// <summary>The number of steps.</summary>
    public int Steps => Values.Length / Width;

    /// <summary>These columns alone, in this order.</summary>
    public SeriesTrack Select(int[] columns)
    {
        var values = new double[Steps * columns.Length];
        for (int i = 0; i < Steps; i++)
            for (int c = 0; c < columns.Length; c++) values[i * columns.Length + c] = Values[i * Width + columns[c]];
        return new(Name, First, values, columns.Length);
    }

    /// <summary>Whether a column counts rows.</summary>
    public bool IsCounter(int column)
    {
        double step = Steps < 3 ? 0 : Values[Width + column] - Values[column];
        for (int i = 1; i < Steps; i++)
            if (Values[i * Width + column] - Values[(i - 1) * Width + column] != step) return false;
        return Math.Abs(step) == 1;
    }

    /// <summary>
    /// A column whose missing values are filled: between two known ones on a straight line, before the first and behind the last with these; zeros
    /// where none is known.
    /// </summary>
    public double[] Filled(int column)
    {
        var filled = new double[Steps];
        int before = -1;
        for (int i = 0; i < filled.Length; i++)
        {
            double value = Values[i * Width + column];
            if (double.IsNaN(value)) continue;
            filled[i] = value;
            for (int k = before + 1; k < i; k++)
                filled[k] = before < 0 ? value : filled[before] + (value - filled[before]) * (k - before) / (i - before);
            before = i;
        }
        for (int k = before + 1; before >= 0 && k < filled.Length; k++) filled[k] = filled[before];
        return filled;
    }
}
