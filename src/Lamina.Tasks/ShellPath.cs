namespace Lamina.Tasks;

/// <summary>Paths in commands that are shown to be pasted.</summary>
public static class ShellPath
{
    /// <summary>A path as a shell takes it: in quotes where it holds anything that the shell would read.</summary>
    public static string Quote(string path) =>
        path.Length > 0 && path[0] != '~'
            && path.All(c => char.IsLetterOrDigit(c) || "/\\._-+:,@%=~".Contains(c, StringComparison.Ordinal)
                && (c != '\\' || OperatingSystem.IsWindows())) ? path
            : OperatingSystem.IsWindows() ? $"\"{path}\"" : $"'{path.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
