namespace Lamina.Tasks.Spine;

/// <summary>Finds x-dev and x-test beside x-train.</summary>
internal static class SiblingFiles
{
    private static readonly string[] s_validation = ["dev", "val", "valid", "validation"], s_test = ["test", "eval"];

    /// <summary>The source with the files beside it, where its name says that it is a training part and they are there.</summary>
    public static DataSource Of(DataSource source)
    {
        string file = Path.GetFileName(source.Path);
        int at = file.LastIndexOf("train", StringComparison.OrdinalIgnoreCase);
        if (at < 0 || !File.Exists(source.Path)) return source;
        // A word of its own: x-train.csv, train.csv, x.train.csv, but not trains.csv or strain.csv.
        string before = file[..at], after = file[(at + "train".Length)..];
        if (before.Length > 0 && char.IsLetterOrDigit(before[^1]) || after.Length > 0 && after[0] != '.') return source;
        // What is tested on doesn't validate, nor the other way round.
        string[] given = [.. new[] { source.Validation, source.Test }.OfType<string>().Select(Path.GetFullPath)];
        string? Beside(string[] names) =>
            names.SelectMany(n => (string[])[n, n.ToUpperInvariant()])
                .Select(n => Path.Combine(Path.GetDirectoryName(source.Path) ?? "", before + n + after))
                .FirstOrDefault(f => File.Exists(f) && !given.Contains(Path.GetFullPath(f)));
        return source with { Validation = source.Validation ?? Beside(s_validation), Test = source.Test ?? Beside(s_test) };
    }
}
