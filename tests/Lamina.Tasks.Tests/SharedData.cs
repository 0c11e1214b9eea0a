namespace Lamina.Tasks.Tests;

/// <summary>Real data, which may lie in shared/data beside the repository; tests that need them are skipped elsewhere.</summary>
internal static class SharedData
{
    /// <summary>The path of a file or folder below shared/data; skips the test where it's absent.</summary>
    internal static string Require(string name)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "shared", "data", name);
            if (Path.Exists(path))
            {
                return path;
            }
        }

        Assert.Skip($"shared/data/{name} isn't beside the repository");
        return "";
    }
}
