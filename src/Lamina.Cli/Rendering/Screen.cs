using System.Text;
using Microsoft.Win32.SafeHandles;
using Spectre.Console;

namespace Lamina.Cli.Rendering;

/// <summary>Standard output can't be written.</summary>
internal class OutputException(string message, Exception inner) : IOException(message, inner);

/// <summary>Who read the output, such as <c>head</c>, has had enough of it.</summary>
internal sealed class ClosedPipeException(Exception inner) : OutputException("nobody reads the output any more", inner);

/// <summary>Where output goes, and what can be shown there.</summary>
internal sealed record Screen(TextWriter Output, TextWriter Error)
{
    private const int UsualWidth = 80, NarrowestWidth = 40;

    // EPIPE, and the file descriptor of standard output, as Linux and macOS have them.
    private const int ClosedPipe = 32, StandardOutput = 1;

    /// <summary>Whether somebody watches: what is on the screen may be drawn over.</summary>
    public bool IsInteractive { get; init; }

    /// <summary>Whether standard error goes to a terminal that can draw over a line.</summary>
    public bool IsErrorInteractive { get; init; }

    public ColorSystem Colors { get; init; } = ColorSystem.NoColors;

    /// <summary>Whether the output takes letters and blocks beyond ASCII.</summary>
    public bool IsUnicode { get; init; } = true;

    /// <summary>The columns of the terminal, which may change while the program runs.</summary>
    public Func<int> Width { get; init; } = () => UsualWidth;

    /// <summary>How this program is started, as one types it: what stands in commands to be pasted.</summary>
    public string Program { get; init; } = "lamina";

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The screen of this process, as far as it tells.</summary>
    public static Screen OfThisProcess()
    {
        // Windows consoles begin in an old code page, which has no blocks and no ×.
        if (OperatingSystem.IsWindows() && !Console.IsOutputRedirected) Console.OutputEncoding = System.Text.Encoding.UTF8;
        bool isTerminal = !Console.IsOutputRedirected;
        bool isDumb = Environment.GetEnvironmentVariable("TERM") == "dumb";
        // Spectre knows the terminals: it reads NO_COLOR, COLORTERM and TERM, and wakes the Windows console.
        IReadOnlyCapabilities capabilities = AnsiConsole.Profile.Capabilities;
        bool isInteractive = isTerminal && !isDumb && capabilities.Ansi;
        return new(Piped() ?? Console.Out, Console.Error)
        {
            Program = StartedAs.OfThisProcess(),
            IsInteractive = isInteractive,
            IsErrorInteractive = !Console.IsErrorRedirected && !isDumb
                && (isInteractive || AnsiConsole.Profile.Capabilities.Ansi || Environment.GetEnvironmentVariable("TERM") is not (null or "")),
            Colors = isInteractive ? capabilities.ColorSystem : ColorSystem.NoColors,
            IsUnicode = Console.OutputEncoding.WebName.StartsWith("utf-", StringComparison.OrdinalIgnoreCase),
            Width = isTerminal ? TerminalWidth : () => UsualWidth,
        };
    }

    /// <summary>Writes text to the output, in letters that it has, at once.</summary>
    /// <exception cref="IOException">It can't be written; the message says that it's the output.</exception>
    public void Write(string text)
    {
        try
        {
            Output.Write(IsUnicode ? text : Ascii.Fold(text));
            Output.Flush();
        }
        catch (IOException e) when (e.HResult == ClosedPipe)
        {
            throw new ClosedPipeException(e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) // the latter where it was closed
        {
            throw new OutputException($"standard output can't be written: {e.Message}", e);
        }
    }

    /// <summary>Writes a line for a person to standard error. Where that is closed nothing is left to say it with: the exit code does.</summary>
    public void WriteError(string line)
    {
        try
        {
            Error.Write((IsUnicode ? line : Ascii.Fold(line)) + "\n");
            Error.Flush();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
        }
    }

    /// <summary>Writes to standard error as it is, without a line's end.</summary>
    public void WriteErrorPart(string text)
    {
        Error.Write(IsUnicode ? text : Ascii.Fold(text));
        Error.Flush();
    }

    // .NET's console leaves out what goes into a pipe that nobody reads, without a word: a program would go on for nothing. A stream of our own says it;
    // not for files, whose place the console and other programs that write there have in common.
    private static StreamWriter? Piped()
    {
        if (OperatingSystem.IsWindows() || !Console.IsOutputRedirected) return null;
        try
        {
            var stream = new FileStream(new SafeFileHandle(StandardOutput, ownsHandle: false), FileAccess.Write, bufferSize: 1);
            // UTF-8 without a byte order mark.
            Encoding encoding = Console.OutputEncoding is UTF8Encoding ? new UTF8Encoding(false) : Console.OutputEncoding;
            return stream.CanSeek ? null : new StreamWriter(stream, encoding) { AutoFlush = true, NewLine = "\n" };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null; // closed, or nothing to write to: as the console has it
        }
    }

    private static int TerminalWidth()
    {
        try
        {
            return Console.WindowWidth > 0 ? Math.Max(Console.WindowWidth, NarrowestWidth) : UsualWidth;
        }
        catch (IOException)
        {
            return UsualWidth; // the terminal is gone
        }
    }
}
