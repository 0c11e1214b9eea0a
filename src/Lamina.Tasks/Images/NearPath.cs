namespace Lamina.Tasks.Images;

/// <summary>Finds the path that was probably meant.</summary>
internal static class NearPath
{
    /// <summary>The beginning of a remedy for a missing path: its near-named sibling, where there is one.</summary>
    internal static string Suggestion(string path)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        string? parent = Path.GetDirectoryName(full);
        if (parent is null)
        {
            return "";
        }

        if (!Directory.Exists(parent))
        {
            return $"a folder that exists ({parent} doesn't either), or ";
        }

        try
        {
            IEnumerable<string> siblings = Directory.EnumerateFileSystemEntries(parent).Select(s => Path.GetFileName(s)!);
            string? near = NearName.Find(Path.GetFileName(full), siblings);
            return near is null ? "" : $"{Path.Combine(Path.GetDirectoryName(path) ?? "", near)}, which is there, or ";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // a suggestion is a courtesy; the missing path is the message
        }
    }
}
