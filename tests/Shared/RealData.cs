namespace Lamina.Tests;

/// <summary>
/// Real data (MNIST, CIFAR-10, files written by other programs). The environment variable <c>LAMINA_DATA</c> names their folder;
/// without it they are looked for in <c>shared/data</c> beside the repository.
/// </summary>
internal static partial class RealData
{
    /// <summary>The environment variable that names the folder.</summary>
    public const string Variable = "LAMINA_DATA";

    /// <summary>The path, or null with the reason; a folder that the variable names is the only one looked in.</summary>
    public static (string? Path, string Reason) Find(string name, string? variable, string start)
    {
        if (!string.IsNullOrEmpty(variable))
        {
            string path = Path.Combine(variable, name);
            return Path.Exists(path) ? (path, "") : (null, $"{Variable} is {variable}, which has no {name}");
        }
        for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
            if (Path.Combine(folder.FullName, "shared", "data", name) is var path && Path.Exists(path)) return (path, "");
        return (null, $"no {name}: set {Variable} to the folder of real data");
    }
}
