using System.Xml.Linq;
using Xunit;

namespace Lamina.Architecture;

/// <summary>Who may know whom, between projects: arrows point down the list alone.</summary>
public sealed class ProjectTests
{
    // From the roof to the ground.
    private static readonly string[] s_rooms =
        ["Lamina", "Lamina.Cli", "Lamina.Tasks", "Lamina.Logging", "Lamina.Models", "Lamina.Learning", "Lamina.Formats", "Lamina.Tensors", "Lamina.Generators"];

    // The libraries stay free of native code and of everything but the base libraries and System.Numerics.Tensors.
    private static readonly string[] s_libraries = ["Lamina.Tensors", "Lamina.Formats", "Lamina.Learning", "Lamina.Models"];

    public static TheoryData<string> Projects => [.. Directory.GetDirectories(Repository.Source).Select(path => new DirectoryInfo(path).Name).Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Projects))]
    public void ArrowsPointDown(string project)
    {
        int place = Array.IndexOf(s_rooms, project);
        Assert.True(place >= 0, $"{project} has no place in the list of rooms");
        foreach (string reference in Items(project, "ProjectReference"))
        {
            string target = Path.GetFileNameWithoutExtension(reference);
            Assert.True(Array.IndexOf(s_rooms, target) > place, $"{project} → {target} points up");
        }
    }

    [Fact]
    public void LibrariesNeedNothingElse()
    {
        foreach (string library in s_libraries)
            Assert.All(Items(library, "PackageReference"), package => Assert.Equal("System.Numerics.Tensors", package));
    }

    [Fact]
    public void LibrariesCallNothingNative()
    {
        foreach (string library in s_libraries)
            foreach (string file in Repository.Files(library))
            {
                string text = File.ReadAllText(file);
                Assert.False(text.Contains("DllImport") || text.Contains("LibraryImport"), $"{file} calls native code");
            }
    }

    // The package Lamina.Tasks is written by a nuspec, since what the project references lies in the package Lamina.
    [Fact]
    public void ThePackageOfTasksNeedsWhatTheProjectReferences()
    {
        XNamespace ns = "http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd";
        Dictionary<string, string> versions = XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props")).Descendants("PackageVersion")
            .ToDictionary(item => item.Attribute("Include")!.Value, item => item.Attribute("Version")!.Value);
        IEnumerable<string> expected = Items("Lamina.Tasks", "PackageReference").Select(package => $"{package} {versions[package]}").Prepend("Lamina $version$");
        IEnumerable<string> named = XDocument.Load(Path.Combine(Repository.Source, "Lamina.Tasks", "Lamina.Tasks.nuspec")).Descendants(ns + "dependency")
            .Select(item => $"{item.Attribute("id")!.Value} {item.Attribute("version")!.Value}");
        Assert.Equal(expected.Order(), named.Order());
    }

    private static IEnumerable<string> Items(string project, string kind) =>
        XDocument.Load(Path.Combine(Repository.Source, project, project + ".csproj")).Descendants(kind)
            .Where(item => item.Attribute("OutputItemType")?.Value != "Analyzer")
            .Select(item => item.Attribute("Include")!.Value.Replace('\\', '/'));
}
