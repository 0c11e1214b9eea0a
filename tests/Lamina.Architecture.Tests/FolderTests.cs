using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace Lamina.Architecture;

/// <summary>Which folder uses which, at any depth of a project: never in a circle. Measured from the code, with names bound.</summary>
public sealed class FolderTests
{
    private const string ImplicitUsings =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Threading; global using System.Threading.Tasks; global using static Lamina.Tensors.Ops.TensorOps;";

    private static readonly string[] s_projects = ["Lamina.Tensors", "Lamina.Formats", "Lamina.Learning", "Lamina.Models", "Lamina.Tasks", "Lamina.Cli"];

    private static readonly Lazy<Dictionary<(string From, string To), SortedSet<string>>> s_arrows = new(Measure);

    public static TheoryData<string> Projects => [.. s_projects];

    [Theory, MemberData(nameof(Projects))]
    public void NoCircles(string project)
    {
        Dictionary<(string From, string To), SortedSet<string>> arrows = Arrows(project);
        foreach (string parent in arrows.Keys.SelectMany(a => new[] { a.From, a.To }).SelectMany(Parents).Distinct())
            AssertNoCircle(Between(parent, arrows));
    }

    [Fact]
    public void CirclesBetweenSubFoldersAreSeen()
    {
        // a/x/u → a/y/v → a/x/w: a circle between a's sub-folders, though no two of these files' own folders know each other.
        var arrows = new Dictionary<(string, string), SortedSet<string>> { [("P/a/x/u", "P/a/y/v")] = ["V"], [("P/a/y/v", "P/a/x/w")] = ["W"] };
        Assert.Equal(2, Between("P/a", arrows).Count);
        Assert.ThrowsAny<Exception>(() => AssertNoCircle(Between("P/a", arrows)));
        // A file beside the sub-folders stands in a folder of its own.
        arrows = new() { [("P/a", "P/a/x")] = ["X"], [("P/a/x/u", "P/a")] = ["A"] };
        Assert.ThrowsAny<Exception>(() => AssertNoCircle(Between("P/a", arrows)));
    }

    [Fact]
    public void FoldersOfTensorsPointDown() =>
        AssertPointsDown("Lamina.Tensors", ["Plans", "Graphs", "Gradients", "Ops", "", "Engines", "Shapes"]);

    [Fact]
    public void FoldersOfTheCpuEnginePointDown() => AssertPointsDown(
        "Lamina.Tensors/Engines/Cpu",
        ["Attention", "Recurrent", "Convolutions", "Winograd", "Products", "Reductions", "Windows", "Epilogues", "Maps", "Vectors", "Memory", ""]);

    // Every arrow between what lies in one folder points from an earlier name to a later one; "" is the files beside the sub-folders.
    private static void AssertPointsDown(string parent, string[] order)
    {
        Dictionary<(string From, string To), SortedSet<string>> arrows = Between(parent, s_arrows.Value);
        Assert.NotEmpty(arrows);
        foreach (((string from, string to), SortedSet<string> names) in arrows)
        {
            int above = Array.IndexOf(order, from), below = Array.IndexOf(order, to);
            Assert.True(above >= 0 && below > above, $"{parent}: {from} → {to} points up: {string.Join(", ", names)}");
        }
    }

    private static Dictionary<(string From, string To), SortedSet<string>> Arrows(string project) =>
        s_arrows.Value.Where(a => a.Key.From.Split('/')[0] == project && a.Key.To.Split('/')[0] == project).ToDictionary(a => a.Key, a => a.Value);

    // A folder and all that it lies in, up to the project.
    private static IEnumerable<string> Parents(string folder)
    {
        for (; folder.Length > 0; folder = folder.Contains('/') ? folder[..folder.LastIndexOf('/')] : "") yield return folder;
    }

    // The arrows between the folders right below a parent, each with all that lies in it; "" is the files beside them.
    private static Dictionary<(string From, string To), SortedSet<string>> Between(string parent, Dictionary<(string From, string To), SortedSet<string>> arrows)
    {
        var between = new Dictionary<(string, string), SortedSet<string>>();
        foreach (((string from, string to), SortedSet<string> names) in arrows)
            if (Child(parent, from) is { } a && Child(parent, to) is { } b)
                foreach (string name in names) Add(between, a, b, name);
        return between;
    }

    private static string? Child(string parent, string folder) =>
        folder == parent ? "" : folder.StartsWith(parent + "/", StringComparison.Ordinal) ? folder[(parent.Length + 1)..].Split('/')[0] : null;

    private static void AssertNoCircle(Dictionary<(string From, string To), SortedSet<string>> arrows)
    {
        ILookup<string, string> next = arrows.Keys.ToLookup(a => a.From, a => a.To);
        foreach (string start in next.Select(g => g.Key))
        {
            var path = new List<string>();
            Assert.False(Reaches(start, start, next, path, []), $"a circle: {start} → {string.Join(" → ", path)}\n{string.Join('\n', Lines(arrows, start, path))}");
        }
    }

    private static IEnumerable<string> Lines(Dictionary<(string From, string To), SortedSet<string>> arrows, string start, List<string> path) =>
        path.Prepend(start).Zip(path).Select(a => $"  {a.First} → {a.Second}: {string.Join(", ", arrows[(a.First, a.Second)].Take(5))}");

    private static bool Reaches(string from, string to, ILookup<string, string> next, List<string> path, HashSet<string> seen)
    {
        foreach (string step in next[from])
        {
            path.Add(step);
            if (step == to || seen.Add(step) && Reaches(step, to, next, path, seen)) return true;
            path.RemoveAt(path.Count - 1);
        }
        return false;
    }

    private static Dictionary<(string From, string To), SortedSet<string>> Measure()
    {
        var options = new CSharpParseOptions(LanguageVersion.Preview);
        SyntaxTree[] trees =
        [
            .. s_projects.SelectMany(Repository.Files).Select(file => CSharpSyntaxTree.ParseText(File.ReadAllText(file), options, file)),
            CSharpSyntaxTree.ParseText(ImplicitUsings, options),
        ];
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create("house", trees, references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true));
        var arrows = new Dictionary<(string, string), SortedSet<string>>();
        foreach (SyntaxTree tree in trees[..^1])
        {
            SemanticModel model = compilation.GetSemanticModel(tree);
            foreach (SimpleNameSyntax name in tree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>())
            {
                SymbolInfo info = model.GetSymbolInfo(name);
                ISymbol? symbol = info.Symbol ?? info.CandidateSymbols.FirstOrDefault();
                INamedTypeSymbol? type = (symbol as INamedTypeSymbol ?? symbol?.ContainingType)?.OriginalDefinition;
                if (type is null || type.DeclaringSyntaxReferences.Any(r => r.SyntaxTree == tree)) continue;
                // A type in parts that stand in several folders is known where the member in use stands.
                foreach (SyntaxReference place in (symbol is INamedTypeSymbol ? type : symbol!.OriginalDefinition).DeclaringSyntaxReferences)
                    Add(arrows, Folder(tree.FilePath), Folder(place.SyntaxTree.FilePath), type.Name);
            }
        }
        return arrows;
    }

    private static void Add(Dictionary<(string, string), SortedSet<string>> arrows, string from, string to, string name)
    {
        if (from == to) return;
        if (!arrows.TryGetValue((from, to), out SortedSet<string>? names)) arrows[(from, to)] = names = [];
        names.Add(name);
    }

    // The project and the folders in it, such as Lamina.Tensors/Engines/Cpu.
    private static string Folder(string file) => Path.GetRelativePath(Repository.Source, Path.GetDirectoryName(file)!).Replace(Path.DirectorySeparatorChar, '/');
}
