using Lamina.Cli.Rendering;
using Lamina.Tasks;

namespace Lamina.Cli.Tests.Rendering;

/// <summary>Commands that are shown can be pasted, however the program was started.</summary>
public sealed class StartedAsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lamina-started-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("Release", "", "dotnet run -c Release --project src/Lamina.Cli --")]
    [InlineData("Debug", "", "dotnet run --project src/Lamina.Cli --")]
    [InlineData("Release", "src/Lamina.Cli", "dotnet run -c Release --")]
    [InlineData("Release", "photos", "dotnet run -c Release --project ../src/Lamina.Cli --")]
    public void From_the_source_tree(string configuration, string current, string command)
    {
        Directory.CreateDirectory(Path.Combine(_folder, "src/Lamina.Cli"));
        File.WriteAllText(Path.Combine(_folder, "src/Lamina.Cli/Lamina.Cli.csproj"), "");
        string output = Path.Combine(_folder, $"src/Lamina.Cli/bin/{configuration}/net10.0/");
        Assert.Equal(command, StartedAs.Of(output, output + "lamina", Path.Combine(_folder, current), ""));
    }

    [Fact]
    public void From_the_path_by_its_own_path_and_as_a_tool()
    {
        string tools = Path.Combine(_folder, "tools"), program = Path.Combine(tools, "lamina");
        Directory.CreateDirectory(tools);
        File.WriteAllText(program, "");
        Assert.Equal("lamina", StartedAs.Of(tools + "/", program, _folder, $"/nowhere{Path.PathSeparator}{tools}"));
        Assert.Equal("./tools/lamina", StartedAs.Of(tools + "/", program, _folder, "/nowhere"));
        Assert.Equal(program, StartedAs.Of(tools + "/", program, Path.Combine(_folder, "elsewhere"), null));
        Assert.Equal("dotnet ./tools/lamina.dll", StartedAs.Of(tools + "/", "/usr/bin/dotnet", _folder, null));
        Assert.Equal("dotnet lamina", StartedAs.Of("/home/me/.nuget/packages/lamina.cli/0.1.0/tools/net10.0/any/", "/usr/bin/dotnet", _folder, null));
    }

    [Theory]
    [InlineData("runs/a-1", "runs/a-1")]
    [InlineData("my runs/a", "'my runs/a'")]
    [InlineData("it's", "'it'\\''s'")]
    [InlineData("~a", "'~a'")]
    [InlineData("$HOME", "'$HOME'")]
    [InlineData("a;b", "'a;b'")]
    [InlineData("", "''")]
    public void Paths_are_quoted_for_a_shell(string path, string quoted)
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("shells differ there");
        Assert.Equal(quoted, ShellPath.Quote(path));
    }

    [Fact]
    public void What_comes_next_and_what_to_try_are_typed_as_the_program_was()
    {
        const string Program = "dotnet run -c Release --project src/Lamina.Cli --";
        var output = new StringWriter();
        var error = new StringWriter();
        var screen = new Screen(output, error) { Program = Program };
        Assert.Equal(0, CommandLineApp.Run(["train"], new FakeJobs().Jobs, screen, TestContext.Current.CancellationToken));
        Assert.Contains($"next      {Program} predict {FakeJobs.Run} FILE\n", output.ToString());
        Assert.Contains($"          {Program} summary {FakeJobs.Run}\n", output.ToString());
        var failing = new FakeJobs { Failure = new TaskException("a has no trained weights yet", "lamina train --resume a") };
        Assert.Equal(1, CommandLineApp.Run(["summary", "a"], failing.Jobs, screen, TestContext.Current.CancellationToken));
        Assert.Equal($"error: a has no trained weights yet\n  try {Program} train --resume a\n", error.ToString());
        error.GetStringBuilder().Clear();
        Assert.Equal(2, CommandLineApp.Run(["train", "--zzz"], failing.Jobs, screen, TestContext.Current.CancellationToken));
        Assert.EndsWith($"see {Program} train --help\n", error.ToString());
        Assert.Equal(0, CommandLineApp.Run([], failing.Jobs, screen, TestContext.Current.CancellationToken));
        Assert.EndsWith($"Here lamina stands for: {Program}\n", output.ToString());
    }
}
