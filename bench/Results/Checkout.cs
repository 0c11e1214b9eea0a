using System.Diagnostics;

namespace Lamina.Results;

/// <summary>The checkout that is measured: its commit, its build, its page of results.</summary>
internal static class Checkout
{
    private const string PageInRoot = "docs/results.md";

    /// <exception cref="ResultsException">The program runs outside of one.</exception>
    public static string Root
    {
        get
        {
            for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
                if (File.Exists(Path.Combine(folder.FullName, "Lamina.slnx"))) return folder.FullName;
            throw new ResultsException("this runs outside of a checkout, where there is nothing to measure");
        }
    }

    /// <summary>The file of the results.</summary>
    public static string Page => Path.Combine(Root, PageInRoot);

    /// <summary>The command as a Release build has it.</summary>
    /// <exception cref="ResultsException">There is none.</exception>
    public static string Lamina
    {
        get
        {
            string program = Path.Combine(Root, "src/Lamina.Cli/bin/Release/net10.0", OperatingSystem.IsWindows() ? "lamina.exe" : "lamina");
            return File.Exists(program) ? program
                : throw new ResultsException($"there is no {program}; build it: dotnet build -c Release src/Lamina.Cli, or run this with -c Release");
        }
    }

    /// <summary>The short hash of the commit, with + where something but the results differs from it.</summary>
    /// <exception cref="ResultsException">Git doesn't say.</exception>
    public static string Commit
    {
        get
        {
            string changes = Git("status", "--porcelain", "--", ".", $":!{PageInRoot}");
            return Git("rev-parse", "--short", "HEAD") + (changes.Length > 0 ? "+" : "");
        }
    }

    private static string Git(params string[] arguments)
    {
        var start = new ProcessStartInfo("git", ["-C", Root, .. arguments]) { RedirectStandardOutput = true };
        try
        {
            using Process git = Process.Start(start)!;
            string said = git.StandardOutput.ReadToEnd();
            git.WaitForExit();
            return git.ExitCode == 0 ? said.Trim() : throw new ResultsException($"git {arguments[0]} failed, so the commit isn't known");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new ResultsException($"git can't be run, so the commit isn't known: {e.Message}");
        }
    }
}
