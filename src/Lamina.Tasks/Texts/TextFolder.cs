using System.Text;
using Lamina.Tasks.Rows;

namespace Lamina.Tasks.Texts;

/// <summary>A folder with a sub-folder of .txt files per class, with or without train, validation and test above them.</summary>
internal static class TextFolder
{
    /// <summary>The problem of a file without a text in it.</summary>
    public const string Empty = "is empty";

    private const int MostBytes = 64 << 20;

    private static readonly string[] s_training = ["train", "training"], s_validation = ["validation", "valid", "val", "dev"],
        s_test = ["test", "testing", "eval"];

    /// <summary>Whether a path is such a folder: two classes of .txt files at least.</summary>
    public static bool Fits(string path) => Directory.Exists(path) && Classes(Part(path, s_training) ?? path).Take(2).Count() == 2;

    /// <summary>Reads the parts; validation and test are null where there is no such folder.</summary>
    /// <exception cref="DataException">There are no texts in folders of classes.</exception>
    public static (TextExamples Training, TextExamples? Validation, TextExamples? Test) Read(string path, CancellationToken cancel)
    {
        string training = Part(path, s_training) ?? path;
        string? validation = training == path ? null : Part(path, s_validation), test = training == path ? null : Part(path, s_test);
        return (ReadPart(training, cancel), validation is null ? null : ReadPart(validation, cancel), test is null ? null : ReadPart(test, cancel));
    }

    /// <summary>Reads the test part, or everything where the folder has no parts.</summary>
    public static TextExamples ReadTest(string path, CancellationToken cancel) => ReadPart(Part(path, s_test) ?? path, cancel);

    /// <summary>The text of a file in whichever encoding it is; null with the reason where it has none.</summary>
    public static string? ReadFile(string file, out string? problem)
    {
        problem = null;
        try
        {
            var info = new FileInfo(file);
            if (info.Length > MostBytes) problem = $"is larger than {MostBytes >> 20} MiB";
            byte[] bytes = problem is null ? File.ReadAllBytes(file) : [];
            TextEncoding encoding = TextEncoding.Of(bytes.AsSpan(0, Math.Min(bytes.Length, 1 << 16)));
            (Decoder decoder, _) = encoding.Decoder();
            var chars = new char[Encoding.UTF8.GetMaxCharCount(bytes.Length)];
            string text = new(chars, 0, decoder.GetChars(bytes.AsSpan(encoding.MarkBytes), chars, flush: true));
            if (problem is null && string.IsNullOrWhiteSpace(text)) problem = Empty;
            else if (problem is null && IsBinary(text)) problem = "is no text: it has bytes that no text has";
            return problem is null ? text : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = $"can't be read: {e.Message.Split('\n')[0]}";
            return null;
        }
    }

    /// <summary>The .txt files of a folder at any depth, in the order of their names.</summary>
    public static string[] Files(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true,
            AttributesToSkip = FileAttributes.Hidden | FileAttributes.System | FileAttributes.ReparsePoint })
            .Where(f => Path.GetExtension(f).Equals(".txt", StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal),
    ];

    // A few control characters occur in texts; in other files one in ten characters or so is one.
    private static bool IsBinary(string text)
    {
        int odd = 0;
        foreach (char c in text)
            if (c < ' ' && c is not ('\t' or '\n' or '\r' or '\f' or '\v' or '\b' or '\u001B' or '\u001A')) odd++;
        return odd * 50 > text.Length;
    }

    private static TextExamples ReadPart(string folder, CancellationToken cancel)
    {
        var examples = new TextExamples(folder, []) { Item = "text" };
        var passed = new Dictionary<string, List<string>>();
        foreach (string name in Classes(folder))
            foreach (string file in Files(name))
            {
                cancel.ThrowIfCancellationRequested();
                string place = Path.GetRelativePath(folder, file).Replace('\\', '/');
                if (ReadFile(file, out string? problem) is { } text) examples.Add(text, Lamina.Formats.ComposedText.Of(Path.GetFileName(name)), place);
                else if (passed.TryGetValue(problem!, out List<string>? files)) files.Add(place);
                else passed.Add(problem!, [place]);
            }
        foreach ((string problem, List<string> files) in passed)
            examples.Notes.Add(files.Count == 1 ? $"passed over {files[0]}: it {problem}"
                : $"passed over {files.Count:N0} files such as {files[0]}, each of which {problem}");
        if (examples.Count == 0) throw new DataException(folder, passed.Count > 0 ? "has no .txt file with a text in it"
            : "has no .txt files in folders of classes", "a folder with a sub-folder of .txt files per class");
        return examples;
    }

    private static IEnumerable<string> Classes(string folder) =>
        Directory.EnumerateDirectories(folder).Where(d => !Path.GetFileName(d).StartsWith('.')).Order(StringComparer.Ordinal).Where(d =>
            Files(d).Length > 0);

    private static string? Part(string path, string[] names) =>
        Directory.EnumerateDirectories(path).FirstOrDefault(d => names.Contains(Path.GetFileName(d).ToLowerInvariant()));
}
