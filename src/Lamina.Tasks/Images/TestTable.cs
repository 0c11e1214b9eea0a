using Lamina.Tasks.Rows;
using Lamina.Tasks.Tables;

namespace Lamina.Tasks.Images;

/// <summary>
/// Finds the labels of test images that lie in no class folders in a table beside them, as the German traffic signs (GTSRB) come: Test.csv with
/// the columns ClassId and Path.
/// </summary>
internal static class TestTable
{
    /// <summary>The files of a test folder with the classes that a table gives them; null where there is no such table.</summary>
    /// <param name="tree">The files; of a zip no table is read.</param>
    /// <param name="test">The test folder, in which images lie without class folders.</param>
    /// <param name="classes">The classes to learn, by which those of the table are understood: by name, or by number (00007 is 7).</param>
    /// <param name="notes">Takes what was found.</param>
    internal static List<LabelledFile>? Of(ImageTree tree, ClassFolder test, IReadOnlyList<string> classes, List<string> notes)
    {
        if (tree is not FolderReader) return null;
        string inside = test.Name + "/";
        foreach (string table in tree.Files.Where(f => Path.GetExtension(f).Equals(".csv", StringComparison.OrdinalIgnoreCase)
            && (f.Contains('/') ? f.Contains(inside, StringComparison.Ordinal)
                : SplitName.Of(Path.GetFileNameWithoutExtension(f)).Role == SplitRole.Test)))
        {
            try
            {
                if (Read(tree, table, classes) is not { Count: > 0 } files) continue;
                notes.Add($"{test.Name}/ has no class folders; the classes of {Wording.Count(files.Count, "image")} are taken from {table}");
                return files;
            }
            catch (DataException)
            {
                // No table that can be read: the images are without labels, which a note says.
            }
        }
        return null;
    }

    private static List<LabelledFile>? Read(ImageTree tree, string table, IReadOnlyList<string> classes)
    {
        RowSource source = RowSources.Open(Path.Combine(tree.Place, table));
        string folder = Path.GetDirectoryName(table) ?? "";
        TableSurvey survey = TableSurvey.Of(source);
        if (survey.Columns.FirstOrDefault(c => c.Values.Keys.Any() && c.Values.Keys.All(v => ImageFinder.IsImageName(v))) is not { } image)
            return null;
        var labels = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = classes.Count - 1; i >= 0; i--)
        {
            labels[classes[i]] = i;
            labels[Plain(classes[i])] = i;
        }
        ColumnSurvey[] found = [.. survey.Columns.Where(c => c != image && c.Present > 0 && c.Missing == 0
            && c.Values.Keys.All(v => labels.ContainsKey(v) || labels.ContainsKey(Plain(v))))];
        if ((found.FirstOrDefault(c => c.Name.Contains("class", StringComparison.OrdinalIgnoreCase)
            || c.Name.Contains("label", StringComparison.OrdinalIgnoreCase))
            ?? (found.Length == 1 ? found[0] : null)) is not { } target) return null;
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < tree.Files.Count; i++) places[tree.Files[i]] = i;
        (int path, int label) = (TableSurvey.ColumnOf(source, image.Name), TableSurvey.ColumnOf(source, target.Name));
        var files = new List<LabelledFile>();
        using RowReader rows = source.Open();
        while (rows.Read())
        {
            string name = Path.Combine(folder, rows[path].ToString()).Replace('\\', '/'), value = rows[label].ToString();
            if (places.Remove(name, out int file)) files.Add(new(file, labels.TryGetValue(value, out int known) ? known : labels[Plain(value)]));
        }
        return files;
    }

    private static string Plain(string number) => number.TrimStart('0') is { Length: > 0 } rest && rest.Length < number.Length
        && rest.All(char.IsAsciiDigit) ? rest
        : number.Length > 0 && number.All(c => c == '0') ? "0" : number;
}
