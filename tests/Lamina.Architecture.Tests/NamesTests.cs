using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace Lamina.Architecture;

/// <summary>The page of names promises only what is there.</summary>
public sealed partial class NamesTests
{
    [Fact]
    public void EveryNameOfOursIsDeclared()
    {
        HashSet<string> declared = [.. Directory.EnumerateFiles(Repository.Source, "*.cs", SearchOption.AllDirectories).SelectMany(Declared)];
        string[] names = [.. File.ReadLines(Path.Combine(Repository.Root, "docs", "names.md"))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && line.Count(c => c == '|') == 4)
            .SelectMany(line => Code().Matches(line.Split('|')[3]))
            .SelectMany(code => Name().Matches(code.Groups[1].Value))
            .Select(match => match.Value).Distinct()];
        Assert.True(names.Length > 50);
        Assert.Empty(names.Except(declared));
    }

    private static IEnumerable<string> Declared(string file)
    {
        foreach (var node in CSharpSyntaxTree.ParseText(File.ReadAllText(file), new CSharpParseOptions(LanguageVersion.Preview)).GetRoot().DescendantNodes())
            if (node is BaseTypeDeclarationSyntax type) yield return type.Identifier.Text;
            else if (node is MethodDeclarationSyntax method) yield return method.Identifier.Text;
            else if (node is PropertyDeclarationSyntax property) yield return property.Identifier.Text;
            else if (node is EnumMemberDeclarationSyntax member) yield return member.Identifier.Text;
    }

    [GeneratedRegex("`([^`]*)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"\b[A-Z]\w*\b")]
    private static partial Regex Name();
}
