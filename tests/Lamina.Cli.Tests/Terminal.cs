using Lamina.Cli.Rendering;
using Spectre.Console;

namespace Lamina.Cli.Tests;

/// <summary>A clock that only moves when told to.</summary>
internal sealed class StillClock : TimeProvider
{
    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _ticks;

    public void Advance(double seconds) => _ticks += TimeSpan.FromSeconds(seconds).Ticks;
}

/// <summary>Output in memory.</summary>
internal sealed class Terminal
{
    private readonly StringWriter _output = new() { NewLine = "\n" };
    private readonly StringWriter _error = new() { NewLine = "\n" };

    public StillClock Clock { get; } = new();

    public string Output => _output.ToString();

    public string Error => _error.ToString();

    public Screen Plain => new(_output, _error) { Clock = Clock };

    public Screen Interactive(int width = 80, ColorSystem colors = ColorSystem.NoColors, bool unicode = true) =>
        new(_output, _error) { Clock = Clock, IsInteractive = true, Colors = colors, IsUnicode = unicode, Width = () => width };

    /// <summary>Runs a command without a terminal.</summary>
    public int Run(FakeJobs jobs, params string[] args) => CommandLineApp.Run(args, jobs.Jobs, Plain, TestContext.Current.CancellationToken);

    /// <summary>What was written since the last call.</summary>
    public string Take()
    {
        string text = Output;
        _output.GetStringBuilder().Clear();
        return text;
    }
}

internal static class Lines
{
    /// <summary>The text's lines, without what the last newline leaves.</summary>
    public static string[] Of(string text) => text.TrimEnd('\n').Split('\n');
}
