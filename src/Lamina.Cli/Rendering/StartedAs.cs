using Lamina.Tasks;

namespace Lamina.Cli.Rendering;

/// <summary>How this program was started, in the form in which a person would start it again.</summary>
internal static class StartedAs
{
    private const string Name = "lamina", Project = "Lamina.Cli.csproj";

    public static string OfThisProcess() =>
        Of(AppContext.BaseDirectory, Environment.ProcessPath, Environment.CurrentDirectory, Environment.GetEnvironmentVariable("PATH"));

    /// <summary>The command, for a program in a folder that was started by a file in another: from the source tree, from the path, or by its own
    /// path.</summary>
    public static string Of(string baseDirectory, string? processPath, string currentDirectory, string? searchPath)
    {
        if (SourceTree(baseDirectory) is var (project, configuration))
        {
            string shown = Path.GetRelativePath(currentDirectory, project);
            // "dotnet run" takes the project of the folder itself where none is named.
            string options = (configuration == "Debug" ? "" : $" -c {configuration}") + (shown == "." ? "" : $" --project {ShellPath.Quote(shown)}");
            return $"dotnet run{options} --";
        }
        string? file = processPath is null ? null : Path.GetFileNameWithoutExtension(processPath);
        if (file == Name && OnPath(searchPath) || processPath is null) return Name;
        if (file == Name) return ShellPath.Quote(Relative(currentDirectory, processPath));
        // A tool of a folder's manifest is run by dotnet from the packages.
        return baseDirectory.Split('/', '\\').Contains(".nuget") ? $"dotnet {Name}"
            : $"dotnet {ShellPath.Quote(Relative(currentDirectory, Path.Combine(baseDirectory, Name + ".dll")))}";
    }

    // …/src/Lamina.Cli/bin/Release/net10.0/
    private static (string Project, string Configuration)? SourceTree(string baseDirectory)
    {
        string framework = Path.TrimEndingDirectorySeparator(baseDirectory);
        if (Path.GetDirectoryName(framework) is not { } configuration || Path.GetDirectoryName(configuration) is not { } bin
            || Path.GetFileName(bin) != "bin" || Path.GetDirectoryName(bin) is not { } project) return null;
        return File.Exists(Path.Combine(project, Project)) ? (project, Path.GetFileName(configuration)) : null;
    }

    private static bool OnPath(string? searchPath) => (searchPath ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Any(folder => File.Exists(Path.Combine(folder, Name)) || File.Exists(Path.Combine(folder, Name + ".exe")));

    // ./lamina, since a shell doesn't look in the folder itself.
    private static string Relative(string from, string file)
    {
        string relative = Path.GetRelativePath(from, file);
        return relative.StartsWith("..", StringComparison.Ordinal) ? file : Path.Combine(".", relative);
    }
}
