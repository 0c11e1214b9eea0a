using System.Text.RegularExpressions;
using Xunit;

namespace Lamina.Architecture;

/// <summary>The project says the same on every machine: real data are found by one helper, and no file names a path of one machine.</summary>
public sealed partial class PathTests
{
    private static readonly string[] s_kinds = [".cs", ".csproj", ".props", ".targets", ".md", ".sh", ".json", ".yml"];

    [Fact]
    public void RealDataAreFoundByOneHelper() =>
        Assert.Equal(["tests/Shared/RealData.cs"], Files().Where(file => Path.GetExtension(file) != ".md" && DataFolder().IsMatch(File.ReadAllText(file))).Select(Name).Except([Self, "tests/Lamina.Formats.Tests/RealDataTests.cs"]));

    [Fact]
    public void NoFileNamesAPathOfOneMachine() =>
        Assert.Empty(Files().Where(file => Name(file) != Self && MachinePath().IsMatch(File.ReadAllText(file))).Select(Name));

    private static string Self => "tests/Lamina.Architecture.Tests/PathTests.cs";

    private static string Name(string file) => Path.GetRelativePath(Repository.Root, file).Replace(Path.DirectorySeparatorChar, '/');

    private static IEnumerable<string> Files() =>
        Directory.EnumerateFiles(Repository.Root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })
            .Where(file => s_kinds.Contains(Path.GetExtension(file)) && !Name(file).Split('/').Any(part => part is "bin" or "obj" or "runs" or "artifacts" or ".git" or "TestResults"))
            .Order(StringComparer.Ordinal);

    [GeneratedRegex("shared/data|\"shared\", *\"data\"")]
    private static partial Regex DataFolder();

    // "me" is who commands are shown for in tests.
    [GeneratedRegex(@"(?<![\w.~/])/(home/(?!me/)\w+|root|work|Users/\w+)/")]
    private static partial Regex MachinePath();
}
