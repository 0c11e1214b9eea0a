using Lamina.Tasks.Rows;

namespace Lamina.Tasks.Writing;

/// <summary>Tells a text from a table by its beginning.</summary>
internal static class Prose
{
    private const int Looked = 1 << 16;

    /// <summary>Why a file is taken for a text, as the end of a sentence; null where it looks like a table, or like no text.</summary>
    public static string? Of(string path)
    {
        // Decoded as it will be read.
        byte[] bytes = new byte[Looked];
        using (FileStream stream = File.OpenRead(path)) bytes = bytes[..stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
        TextEncoding encoding = TextEncoding.Of(bytes);
        var buffer = new char[Looked + 8];
        int length = encoding.Decoder().Decoder.GetChars(bytes.AsSpan(encoding.MarkBytes), buffer, flush: false);
        ReadOnlySpan<char> head = buffer.AsSpan(0, length);
        int letters = 0, odd = 0;
        foreach (char c in head)
        {
            if (char.IsLetter(c)) letters++;
            if (c == '\0' || c == '�') odd++;
        }
        if (length == 0 || odd * 50 > length || letters * 2 < length) return null;
        string[] lines = [.. head.ToString().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
        // The last line may be cut off.
        if (bytes.Length == Looked && lines.Length > 1) lines = lines[..^1];
        return (char[])['\t', ';', '|', ','] is var marks && marks.Any(mark => IsTable(lines, mark)) ? null
            : lines.Average(l => l.Length) <= 40 ? "a list of short lines, or verse" : "a text";
    }

    // The same number of delimiters in nearly every line; one comma or semicolon with a blank behind it has verse as well.
    private static bool IsTable(string[] lines, char mark)
    {
        if (lines.Length < 2) return false;
        (int count, int times) = lines.CountBy(l => l.Count(c => c == mark)).Where(c => c.Key > 0).Select(c => (c.Key, c.Value)).DefaultIfEmpty()
            .MaxBy(c => c.Item2);
        return count > 0 && times >= 0.9 * lines.Length && (count > 1 || mark is '\t' or '|' || !lines.Any(l => l.Contains($"{mark} ", StringComparison.Ordinal)));
    }
}
