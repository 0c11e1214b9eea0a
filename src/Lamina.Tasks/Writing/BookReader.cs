using System.Security.Cryptography;
using System.Text;
using Lamina.Tasks.Rows;

namespace Lamina.Tasks.Writing;

/// <summary>The text of a file, or of the .txt files of a folder one behind the other, a piece at a time: memory doesn't grow with the text.</summary>
internal static class BookReader
{
    private const int Piece = 1 << 16;

    /// <summary>The endings of files that are taken for texts.</summary>
    public static bool IsNamedText(string path) => Path.GetExtension(path).ToLowerInvariant() is ".txt" or ".text" or ".md" or ".rst" or ".tex";

    /// <summary>The endings of files that hold texts of another purpose, and no ending at all.</summary>
    public static bool MayBeText(string path) => Path.GetExtension(path).ToLowerInvariant() is "" or ".log" or ".org" or ".adoc" or ".cs" or ".fs" or ".vb"
        or ".py" or ".js" or ".ts" or ".java" or ".kt" or ".c" or ".h" or ".cpp" or ".hpp" or ".cc" or ".go" or ".rs" or ".rb" or ".php" or ".swift" or ".sql"
        or ".sh" or ".ps1" or ".html" or ".css" or ".xml" or ".yml" or ".yaml" or ".toml" or ".ini" or ".cfg";

    /// <summary>The files of a path, in the order of their names.</summary>
    /// <exception cref="DataException">There are none.</exception>
    public static string[] Files(string path)
    {
        if (File.Exists(path)) return [path];
        if (!Directory.Exists(path)) throw new DataException(path, "there's no such file or folder", "the path of a text");
        string[] files = Texts.TextFolder.Files(path);
        return files.Length > 0 ? files : throw new DataException(path, "has no .txt files in it", "a folder with .txt files, or one text");
    }

    /// <summary>Reads everything, each file from the beginning of a line: pieces end at the end of a character, line ends become <c>\n</c>, a byte
    /// order mark is left out.</summary>
    /// <param name="files">The files.</param>
    /// <param name="piece">Takes each piece; what it is given is overwritten by the next.</param>
    /// <param name="notes">Takes what a person should know of encodings; null where it is known already.</param>
    /// <param name="cancel">Stops between two pieces.</param>
    /// <returns>A hash of all bytes, in hexadecimal digits.</returns>
    /// <exception cref="DataException">A file can't be read, or is no text.</exception>
    public static string Read(IReadOnlyList<string> files, Action<ReadOnlySpan<char>> piece, List<string>? notes, CancellationToken cancel)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        char last = '\n';
        foreach (string file in files)
        {
            // A file that doesn't end its last line doesn't go on in the next one.
            if (last != '\n') piece("\n");
            try
            {
                ReadOne(file, text =>
                {
                    piece(text);
                    last = text[^1];
                }, hash, notes, cancel);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new DataException(file, $"can't be read: {e.Message.Split('\n')[0]}", "a file that you may read", e);
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void ReadOne(string file, Action<ReadOnlySpan<char>> piece, IncrementalHash hash, List<string>? notes, CancellationToken cancel)
    {
        using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1, FileOptions.SequentialScan);
        byte[] bytes = new byte[Piece];
        // A character may be held back over pieces, and so may half of a line end.
        char[] chars = new char[4 * Piece + 8];
        TextEncoding? encoding = null;
        Decoder? decoder = null;
        ForeignByteFallback? fallback = null;
        long control = 0, all = 0;
        bool endsInReturn = false;
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            int read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false), skipped = 0;
            hash.AppendData(bytes, 0, read);
            if (encoding is null)
            {
                encoding = TextEncoding.Of(bytes.AsSpan(0, read));
                (decoder, fallback) = encoding.Decoder();
                skipped = encoding.MarkBytes;
            }
            bool isLast = read < bytes.Length;
            int count = decoder!.GetChars(bytes.AsSpan(skipped, read - skipped), chars, flush: isLast);
            count = Unix(chars.AsSpan(0, count), ref endsInReturn);
            all += count;
            control += OddControls(chars.AsSpan(0, count));
            if (control * 50 > all) throw new DataException(file, "is no text: it has bytes that no text has", "a text in UTF-8");
            if (count > 0) piece(chars.AsSpan(0, count));
            if (isLast) break;
        }
        if (encoding.Name is { } name) notes?.Add($"{Path.GetFileName(file)} is read as {name}");
        if (fallback is { Count: > 0 })
            notes?.Add($"{Path.GetFileName(file)} has {Wording.Count((int)Math.Min(int.MaxValue, fallback.Count), "byte")} that are no UTF-8; they are read as Windows-1252");
    }

    // \r\n and \r alone become \n; the count of characters that remain.
    private static int Unix(Span<char> chars, ref bool endsInReturn)
    {
        int to = 0;
        foreach (char c in chars)
        {
            bool followsReturn = endsInReturn;
            endsInReturn = c == '\r';
            if (c == '\n' && followsReturn) continue;
            chars[to++] = c == '\r' ? '\n' : c;
        }
        return to;
    }

    private static int OddControls(ReadOnlySpan<char> text)
    {
        int odd = 0;
        foreach (char c in text)
            if (c < ' ' && c is not ('\t' or '\n' or '\f' or '\v' or '\b' or '\u001B' or '\u001A')) odd++;
        return odd;
    }
}
