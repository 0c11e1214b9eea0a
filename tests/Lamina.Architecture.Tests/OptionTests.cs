using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace Lamina.Architecture;

/// <summary>Whoever calls a library from a program has no command line: its messages name properties and methods.</summary>
public sealed partial class OptionTests
{
    [Theory]
    [InlineData("Lamina.Tensors")]
    [InlineData("Lamina.Formats")]
    [InlineData("Lamina.Learning")]
    [InlineData("Lamina.Models")]
    public void LibrariesNameNoOptionOfTheCommandLine(string project)
    {
        string[] named = [.. from file in Repository.Files(project)
                             from token in CSharpSyntaxTree.ParseText(File.ReadAllText(file), new CSharpParseOptions(LanguageVersion.Preview)).GetRoot().DescendantTokens()
                             where token.Kind() is SyntaxKind.StringLiteralToken or SyntaxKind.InterpolatedStringTextToken or SyntaxKind.MultiLineRawStringLiteralToken
                             where Option().IsMatch(token.Text)
                             select $"{Path.GetFileName(file)}: {token.Text}"];
        Assert.Empty(named);
    }

    [GeneratedRegex(@"(^|[\s""(])--[a-z]|\blamina (train|predict|test|summary)\b")]
    private static partial Regex Option();
}
