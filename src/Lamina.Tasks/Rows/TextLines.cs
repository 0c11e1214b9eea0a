using System.Text;

namespace Lamina.Tasks.Rows;

/// <summary>The lines of a text file, also in gzip, a line at a time.</summary>
internal static class TextLines
{
    /// <summary>Looks at a file, or at standard input where the path is <c>-</c>.</summary>
    /// <exception cref="DataException">There is no such file, or it can't be read.</exception>
    public static RowInput Open(string path)
    {
        try
        {
            return RowInput.From(path);
        }
        catch (Exception e) when (RowFault.Explains(e))
        {
            throw RowFault.Of(path, e);
        }
    }

    /// <summary>The lines of a text with a sentence in each.</summary>
    /// <exception cref="DataException">There is no such file, it can't be read, is empty, or is no text.</exception>
    public static IEnumerable<string> Sentences(string path)
    {
        const string Remedy = "a text with a sentence in each line";
        RowInput input = Open(path);
        if (input.Head.Length == 0) throw new DataException(input.Name, "is empty", Remedy);
        if (BinaryKind.Of(input.Head, TextEncoding.Of(input.Head)) is { } kind) throw new DataException(input.Name, $"is {kind.Name}, not a text",
            kind.Remedy ?? Remedy);
        return Of(input);
    }

    /// <summary>The lines, without what ends them; the rest of one with more than a million characters is left out.</summary>
    public static IEnumerable<string> Of(RowInput input)
    {
        const int LongestLine = 1 << 20;
        using var chars = new StreamChars(input.Open(), TextEncoding.Of(input.Head));
        var line = new StringBuilder();
        char[] buffer = new char[1 << 14];
        bool isSkipping = false;
        while (chars.Read(buffer) is > 0 and int got)
        {
            ReadOnlyMemory<char> rest = buffer.AsMemory(0, got);
            while (rest.Span.IndexOf('\n') is >= 0 and int end)
            {
                if (!isSkipping) line.Append(rest.Span[..end]);
                yield return line.ToString().TrimEnd('\r');
                line.Clear();
                isSkipping = false;
                rest = rest[(end + 1)..];
            }
            if (!isSkipping) line.Append(rest.Span);
            isSkipping |= line.Length > LongestLine;
        }
        if (line.Length > 0) yield return line.ToString().TrimEnd('\r');
    }
}
