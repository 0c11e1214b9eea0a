using Lamina.Tasks.Runs;

namespace Lamina.Tasks.Images;

/// <summary>
/// Folders in the data that hold runs of ours and no images: whoever trains on the folder that he stands in finds <c>runs</c>
/// there the next time. They are passed over.
/// </summary>
internal sealed class RunsInData
{
    private readonly HashSet<string> _passed;

    private RunsInData(HashSet<string> passed) => _passed = passed;

    /// <summary>Whether a file or folder, by its name in the tree, lies in a run or in a folder that holds nothing but runs.</summary>
    public bool Holds(string name)
    {
        if (_passed.Count == 0) return false;
        if (_passed.Contains(name)) return true;
        for (int slash = name.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = name.IndexOf('/', slash + 1))
            if (_passed.Contains(name[..slash])) return true;
        return false;
    }

    /// <summary>Finds the runs below the root of a tree, and notes them.</summary>
    public static RunsInData Find(ImageTree tree, List<string> notes)
    {
        HashSet<string> claimed = Parents(tree, RunClaim.LockFile),
            begun = [.. claimed, .. Parents(tree, "events.jsonl"), .. Parents(tree, "model.safetensors")];
        HashSet<string> runs = Parents(tree, RunFolder.InfoFile), passed = [.. claimed];
        runs.IntersectWith(begun); // a run.json alone may be anybody's
        passed.UnionWith(runs);
        // A run that is just beginning in there, this one most of all, is no news.
        var found = new RunsInData(passed);
        if (passed.Count > 0)
        {
            var used = new HashSet<string>(StringComparer.Ordinal);
            foreach (string file in tree.Files)
                if (!file.Split('/').Any(ClassLayout.IsHidden) && !found.Holds(file))
                    for (string? up = Parent(file); up is not null && used.Add(up);) up = Parent(up);
            // Up to the outermost folder in which there is nothing else.
            foreach (string run in passed.ToArray())
                for (string? up = Parent(run); up is not null && !used.Contains(up); up = Parent(up)) passed.Add(up);
        }
        // What a run that was stopped at once leaves: nothing to learn from, whatever it is called elsewhere.
        else if (tree.Folders.Contains(RunFolder.Usual) && !tree.Files.Any(f => f.StartsWith(RunFolder.Usual + "/", StringComparison.Ordinal)))
        {
            passed.Add(RunFolder.Usual);
        }
        if (runs.Count > 0)
        {
            string[] outermost = [.. passed.Where(p => runs.Any(r => r == p || r.StartsWith(p + "/", StringComparison.Ordinal))
                && (Parent(p) is not { } up || !passed.Contains(up))).Order(StringComparer.Ordinal)];
            notes.Add($"passed over {Wording.Names([.. outermost.Select(p => p + "/")])}, "
                + $"which {(outermost.Length == 1 ? "holds" : "hold")} {Wording.Count(runs.Count, "run")} and no data");
        }
        return found;
    }

    private static HashSet<string> Parents(ImageTree tree, string file) =>
        [.. tree.Files.Where(f => f.EndsWith("/" + file, StringComparison.Ordinal)).Select(f => Parent(f)!)];

    private static string? Parent(string name) => name.LastIndexOf('/') is var slash and > 0 ? name[..slash] : null;
}
