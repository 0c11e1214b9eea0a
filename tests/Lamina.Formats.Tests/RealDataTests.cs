namespace Lamina.Formats.Tests;

/// <summary>Where real data are looked for.</summary>
public sealed class RealDataTests
{
    [Fact]
    public void The_variable_comes_before_the_folder_beside_the_repository()
    {
        using var folder = new TestFolder();
        string beside = folder["shared/data"], named = folder["named"], start = folder["checkout/bin"];
        foreach (string path in (string[])[beside, named, start]) Directory.CreateDirectory(path);
        File.WriteAllText(Path.Combine(beside, "a"), "");
        File.WriteAllText(Path.Combine(named, "b"), "");
        Assert.Equal((Path.Combine(beside, "a"), ""), RealData.Find("a", null, start));
        Assert.Equal((Path.Combine(beside, "a"), ""), RealData.Find("a", "", start));
        Assert.Equal((Path.Combine(named, "b"), ""), RealData.Find("b", named, start));
        Assert.Equal((null, $"LAMINA_DATA is {named}, which has no a"), RealData.Find("a", named, start));
        Assert.Equal((null, "no missing-data-file: set LAMINA_DATA to the folder of real data"), RealData.Find("missing-data-file", null, start));
    }
}
