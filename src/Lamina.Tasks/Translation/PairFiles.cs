using Lamina.Tasks.Rows;

namespace Lamina.Tasks.Translation;

/// <summary>Where pairs of sentences are: two files whose lines are translations of each other, or a table.</summary>
/// <param name="Source">The file of sentences that are translated, or the table.</param>
/// <param name="Target">The file of their translations; null: both are in a table.</param>
internal sealed record PairFiles(string Source, string? Target)
{
    private const string Remedy = "two files whose lines are translations of each other, with a comma between them, or a table of two columns";

    // ISO 639-1, without those that are usual endings of other files.
    private static readonly string[] s_languages = ("af am ar az be bg bn bs ca cs cy da de el en eo es et eu fa fi fr ga gl gu he hi hr hu hy id is it ja ka kk km kn ko ku ky la lb lo lt lv " +
        "mg mk ml mn mr ms mt my nb ne nl nn no or pa pl ps pt ro ru rw sd si sk sl so sq sr sv sw ta te tg th ti tk tr tt ug uk ur uz vi xh yi yo zh zu").Split(' ');

    private static readonly string[] s_training = ["train", "training"];

    /// <summary>What both sides are called: the languages, where the files' names end with them.</summary>
    public (string Source, string Target) Names
    {
        get
        {
            if (Target is null) return ("source", "target");
            (string source, string target) = (EndingOf(Source), EndingOf(Target));
            return source.Length > 0 && target.Length > 0 && source != target ? (source, target)
                : (Path.GetFileName(Source), Path.GetFileName(Target));
        }
    }

    /// <summary>As one path, which <see cref="Of"/> takes apart again.</summary>
    public string Text => Target is null ? Source : $"{Source},{Target}";

    /// <summary>Finds the files.</summary>
    /// <param name="path">
    /// Two files with a comma between them; the file of one language, with that of the other beside it; what both names begin with; a folder that
    /// holds them; or a table.
    /// </param>
    /// <param name="into">The language, file or column that is translated into; null: to be found.</param>
    /// <param name="like">The files of the training, whose names differ as these do; null: none.</param>
    /// <exception cref="DataException">There are none, or it isn't clear which.</exception>
    public static PairFiles Of(string path, string? into, PairFiles? like = null)
    {
        if (!Path.Exists(path) && Split(path) is { } two) return two;
        if (File.Exists(path)) return OfFile(path, into, like);
        string[] files = Alike(path);
        if (files.Length < 2 || files.DistinctBy(StemOf).Count() > 1)
            throw new DataException(path, Directory.Exists(path) ? "doesn't hold two files such as train.en and train.de" : "there's no such file",
                Remedy);
        if (like is not null && files.FirstOrDefault(f => EndingOf(f) == EndingOf(like.Source)) is { } same) return OfFile(same,
            EndingOf(like.Target ?? ""), like);
        string[] languages = [.. files.Select(EndingOf)];
        string? target = into is null ? files.Length == 2 ? languages.FirstOrDefault(l => l != "en" && languages.Contains("en")) ?? languages[1]
            : null : Language(into);
        string[] others = [.. languages.Where(l => l != target)];
        string? source = others.Length == 1 ? others[0] : others.Contains("en") ? "en" : null;
        if (target is null || source is null || !languages.Contains(target))
            throw new DataException(path, $"holds {Wording.Names(languages)}, and which of them is translated into which isn't said",
                $"--{TranslationTask.Into} {languages.First(l => l != "en")}");
        return new(files[Array.IndexOf(languages, source)], files[Array.IndexOf(languages, target)]);
    }

    /// <summary>Why a path is taken for pairs of sentences, as a sentence; null where it isn't. Tables aren't looked at.</summary>
    public static string? Recognize(string path)
    {
        if (!Path.Exists(path) && Split(path) is { } two)
            return $"{two.Source} and {two.Target} are two files, whose lines should be translations of each other";
        if (File.Exists(path)) return IsLanguage(EndingOf(path)) && Beside(path).Length > 0
            ? $"beside {path} is the same in another language, {Path.GetFileName(Beside(path)[0])}" : null;
        try
        {
            // Of more than two languages the task asks which.
            if (Alike(path) is { Length: > 2 } many && many.DistinctBy(StemOf).Count() == 1)
                return $"{path} holds the same in {Wording.Names([.. many.Select(EndingOf)])}";
            PairFiles files = Of(path, null);
            return $"{files.Source} and {files.Target} are the same in two languages";
        }
        catch (Exception e) when (e is DataException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // Files named for languages in a folder, or whose names begin with the path.
    private static string[] Alike(string path)
    {
        string folder = Directory.Exists(path) ? path : Path.GetDirectoryName(path) is { Length: > 0 } named ? named : ".";
        string stem = Directory.Exists(path) ? "" : Path.GetFileName(path) + ".";
        string[] files = Directory.Exists(folder) ? [.. Directory.GetFiles(folder)
            .Where(f => Path.GetFileName(f).StartsWith(stem, StringComparison.Ordinal) && IsLanguage(EndingOf(f)))
            .Order(StringComparer.Ordinal)] : [];
        // Of a folder those of the training part, where one is named so.
        if (stem.Length == 0 && files.Where(f => IsTraining(StemOf(f))).ToArray() is { Length: > 0 } training) files = training;
        return files;
    }

    private static PairFiles OfFile(string path, string? into, PairFiles? like)
    {
        if (into is not null && Split($"{path},{into}") is { } named && !Path.GetFullPath(named.Target!)
            .Equals(Path.GetFullPath(path), StringComparison.Ordinal)) return named;
        if (like?.Target is { } target)
        {
            if (Mapped(path, like.Source, target) is { } partner) return new(path, partner);
            if (IsTable(path)) return new(path, null);
            throw new DataException(path, $"has no translations beside it, as {like.Source} has {target}",
                $"both files, with a comma between them: {path},FILE");
        }
        if (!IsLanguage(EndingOf(path)))
            return new(path, null);
        string[] beside = Beside(path);
        if (into is not null) beside = [.. beside.Where(f => EndingOf(f) == Language(into))];
        return beside.Length switch
        {
            1 => new(path, beside[0]),
            0 => throw new DataException(path, into is null ? "has no file of the same name in another language beside it"
                : $"has no {StemOf(path)}.{Language(into)} beside it", Remedy),
            _ => throw new DataException(path, $"has several beside it, {Wording.Names([.. beside.Select(f => Path.GetFileName(f))])}",
                $"--{TranslationTask.Into} {EndingOf(beside[0])}"),
        };
    }

    // Two files with a comma between them; the second may be named from a folder that the first is in.
    private static PairFiles? Split(string path)
    {
        for (int comma = path.IndexOf(','); comma > 0; comma = path.IndexOf(',', comma + 1))
        {
            (string first, string second) = (path[..comma].Trim(), path[(comma + 1)..].Trim());
            if (second.Length == 0 || !File.Exists(first)) continue;
            if (File.Exists(second)) return new(first, second);
            for (string? folder = Path.GetDirectoryName(Path.GetFullPath(first)); folder is not null; folder = Path.GetDirectoryName(folder))
                if (Path.Combine(folder, second) is var found && File.Exists(found)) return new(first, found);
        }
        return null;
    }

    // Names that differ from these as the names of other files do from each other: the piece that differs is put in place of the other.
    private static string? Mapped(string path, string source, string target)
    {
        (source, target) = (Path.GetFullPath(source), Path.GetFullPath(target));
        string full = Path.GetFullPath(path);
        int begin = 0, end = 0;
        while (begin < Math.Min(source.Length, target.Length) && source[begin] == target[begin]) begin++;
        while (end < Math.Min(source.Length, target.Length) - begin && source[^(end + 1)] == target[^(end + 1)]) end++;
        // Whole words: en and es differ in more than a letter.
        while (begin > 0 && char.IsLetterOrDigit(source[begin - 1])) begin--;
        while (end > 0 && char.IsLetterOrDigit(source[^end])) end--;
        string from = source[begin..^end], to = target[begin..^end];
        for (int at = from.Length == 0 ? -1 : full.LastIndexOf(from, StringComparison.Ordinal); at > 0; at = full.LastIndexOf(from, at - 1,
            StringComparison.Ordinal))
            if (full[..at] + to + full[(at + from.Length)..] is var found && found != full && File.Exists(found)) return found;
        return null;
    }

    private static string[] Beside(string path)
    {
        string folder = Path.GetDirectoryName(path) is { Length: > 0 } named ? named : ".";
        return [.. Directory.GetFiles(folder).Where(f => StemOf(f) == StemOf(path) && EndingOf(f) != EndingOf(path) && IsLanguage(EndingOf(f)))
            // Plain before packed, where both lie there.
            .Order(StringComparer.Ordinal).DistinctBy(EndingOf)
            .Select(f => folder == "." && !path.StartsWith('.') ? Path.GetFileName(f) : f)];
    }

    // train.en.gz → en
    private static string EndingOf(string path)
    {
        string name = Path.GetFileName(path);
        if (name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)) name = name[..^3];
        return Path.GetExtension(name).TrimStart('.').ToLowerInvariant();
    }

    // train.en.gz → train
    private static string StemOf(string path)
    {
        string name = Path.GetFileName(path);
        if (name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)) name = name[..^3];
        return Path.GetFileNameWithoutExtension(name);
    }

    /// <summary>Whether a name ends in a language, such as <c>new.en</c>.</summary>
    public static bool IsNamedForLanguage(string path) => StemOf(path).Length > 0 && IsLanguage(EndingOf(path));

    private static bool IsTable(string path) => EndingOf(path) is "csv" or "tsv" or "jsonl" or "ndjson" or "json" or "parquet";

    private static string Language(string into) => into.Trim('.').ToLowerInvariant();

    // en, pt-br, zh_cn
    private static bool IsLanguage(string ending) => s_languages.Contains(ending.Split('-', '_')[0]) && ending.Length <= 7;

    private static bool IsTraining(string stem) => s_training.Any(t => stem.EndsWith(t, StringComparison.OrdinalIgnoreCase));
}
