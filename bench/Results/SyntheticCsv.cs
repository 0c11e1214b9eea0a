using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Lamina.Results;

/// <summary>
/// A table that is made up: 12 columns of numbers, 4 of categories, a date, a boolean, a column of 5,000 codes, and a target that follows from
/// some of them with noise. Some cells are missing. The same size gives the same bytes.
/// </summary>
internal static class SyntheticCsv
{
    /// <summary>The name of the column to predict.</summary>
    public const string Target = "demand";

    private const int Seed = 2026, Numbers = 12, Codes = 5_000;
    private const double MissingShare = 0.02;

    private static readonly string[] s_regions = ["north", "south", "east", "west", "centre", "coast"], s_kinds = ["basic", "plus", "premium"],
        s_channels = ["shop", "web", "phone", "partner"], s_colours = ["red", "green", "blue", "white", "black", "grey", "yellow"];

    /// <summary>Writes the table, a row at a time.</summary>
    /// <param name="path">The file, which is written over.</param>
    /// <param name="bytes">It ends after the row with which it has at least so many bytes,</param>
    /// <param name="rows">or so many rows.</param>
    /// <returns>The number of rows.</returns>
    public static long Write(string path, long bytes, long rows)
    {
        var random = new Random(Seed);
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        string[] columns = [.. Enumerable.Range(1, Numbers).Select(i => $"n{i}"), "region", "kind", "channel", "colour", "day", "member", "code", Target];
        stream.Write(Encoding.ASCII.GetBytes(string.Join(',', columns) + "\n"));
        var line = new byte[1024];
        long count = 0;
        for (; count < rows && stream.Position < bytes; count++) stream.Write(line, 0, Draw(random, line));
        return count;
    }

    // Fills in a row and returns its length.
    private static int Draw(Random random, byte[] line)
    {
        int at = 0;
        Span<double> numbers = stackalloc double[Numbers];
        for (int i = 0; i < Numbers; i++)
        {
            // Of different sizes and shapes, as columns are.
            double u = random.NextDouble();
            numbers[i] = (i % 3) switch { 0 => u, 1 => 2 * u - 1 + random.NextDouble(), _ => -Math.Log(1 - u) };
            if (random.NextDouble() >= MissingShare) at = Number(line, at, numbers[i] * Math.Pow(10, i % 4));
            line[at++] = (byte)',';
        }
        int region = random.Next(s_regions.Length), kind = random.Next(s_kinds.Length), code = random.Next(Codes), day = random.Next(3 * 365);
        bool isMember = random.Next(2) == 0;
        at = Text(line, at, random.NextDouble() < MissingShare ? "" : s_regions[region]);
        at = Text(line, at, s_kinds[kind]);
        at = Text(line, at, s_channels[random.Next(s_channels.Length)]);
        at = Text(line, at, random.NextDouble() < MissingShare ? "" : s_colours[random.Next(s_colours.Length)]);
        at = Text(line, at, new DateOnly(2022, 1, 1).AddDays(day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        at = Text(line, at, isMember ? "yes" : "no");
        at = Text(line, at, string.Create(CultureInfo.InvariantCulture, $"c{code:0000}"));
        double target = 3 * numbers[0] + numbers[1] * numbers[4] + Math.Sin(6 * numbers[3]) + region * 0.3 + kind * kind * 0.5
            + (isMember ? 0.4 : 0) + 0.001 * day
            + 0.3 * Math.Sin(code) + 0.2 * (random.NextDouble() + random.NextDouble() - 1);
        at = Number(line, at, target);
        line[at++] = (byte)'\n';
        return at;
    }

    private static int Number(byte[] line, int at, double value)
    {
        Utf8Formatter.TryFormat(value, line.AsSpan(at), out int written, new('F', 4));
        return at + written;
    }

    private static int Text(byte[] line, int at, string text)
    {
        at += Encoding.ASCII.GetBytes(text, line.AsSpan(at));
        line[at++] = (byte)',';
        return at;
    }
}
