using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace Lamina.Architecture;

/// <summary>Who knows whom, between the folders of a project: never in a circle. Measured from the code, with names bound.</summary>
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
        var next = s_arrows.Value.Keys.Where(a => a.From.StartsWith(project + "/") && a.To.StartsWith(project + "/")).ToLookup(a => a.From, a => a.To);
        foreach (string start in next.Select(g => g.Key))
        {
            var path = new List<string>();
            Assert.False(Reaches(start, start, next, path, []), $"a circle: {start} → {string.Join(" → ", path)}\n{string.Join('\n', Arrows(start, path))}");
        }
    }

    [Fact]
    public void FoldersOfTensorsPointDown()
    {
        string[] order = ["Plans", "Graphs", "Gradients", "Ops", "", "Engines", "Shapes"];
        foreach ((string from, string to) in s_arrows.Value.Keys.Where(a => a.From.StartsWith("Lamina.Tensors/") && a.To.StartsWith("Lamina.Tensors/")))
        {
            int above = Array.IndexOf(order, from["Lamina.Tensors/".Length..]), below = Array.IndexOf(order, to["Lamina.Tensors/".Length..]);
            Assert.True(above >= 0 && below > above, $"{from} → {to} points up: {string.Join(", ", s_arrows.Value[(from, to)])}");
        }
    }

    private static IEnumerable<string> Arrows(string start, List<string> path) =>
        path.Prepend(start).Zip(path).Select(a => $"  {a.First} → {a.Second}: {string.Join(", ", s_arrows.Value[(a.First, a.Second)].Take(5))}");

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

    // The project and the folder in it; files beside the project file are in the folder "".
    private static string Folder(string file)
    {
        string[] parts = Path.GetRelativePath(Repository.Source, file).Split(Path.DirectorySeparatorChar);
        return $"{parts[0]}/{(parts.Length > 2 ? parts[1] : "")}";
    }
}
