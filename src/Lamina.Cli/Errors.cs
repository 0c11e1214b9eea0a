using System.Globalization;
using Lamina.Cli.Commands;
using Lamina.Cli.Rendering;
using Lamina.Formats;
using Lamina.Learning.Checkpoints;
using Lamina.Learning.Training;
using Lamina.Tasks;
using Lamina.Tensors.Shapes;

namespace Lamina.Cli;

/// <summary>What an exception means to the person at the terminal: a message with its way out, and an exit code.</summary>
internal sealed record Failure(string Message, int ExitCode)
{
    private const string DebugSwitch = "LAMINA_DEBUG";

    /// <summary>Whether somebody asked for it: no error, and no word of blame.</summary>
    private bool IsInterrupt => ExitCode == ExitCodes.Interrupted;

    public static Failure Of(Exception e, CancellationToken cancel) => e switch
    {
        AggregateException { InnerExceptions: [Exception only] } => Of(only, cancel),
        UsageException => new(e.Message, ExitCodes.WrongUsage),
        InterruptedException => new(e.Message, ExitCodes.Interrupted),
        // The terminal that was closed is what asked for the stop.
        OutputException when cancel.IsCancellationRequested => new("interrupted", ExitCodes.Interrupted),
        ClosedPipeException => new(e.Message, ExitCodes.NobodyReads),
        OperationCanceledException when cancel.IsCancellationRequested => new("interrupted", ExitCodes.Interrupted),
        OperationCanceledException => new("stopped before it was done", ExitCodes.Failed),
        DivergedException diverged => new($"{e.Message}\n  {Advice(diverged)}", ExitCodes.Failed),
        DataException or TaskException or SaveException or FileFormatException or CheckpointException
            or TensorException => new(e.Message, ExitCodes.Failed),
        IOException or UnauthorizedAccessException => new(ForeignText.Show(e.Message), ExitCodes.Failed), // it may quote a file's name
        OutOfMemoryException => new("out of memory\n  try a smaller --batch, or smaller data", ExitCodes.Failed),
        _ => Unexpected(e),
    };

    // The folder of a checkpoint is RUN/checkpoints/STEP.
    private static string Advice(DivergedException e)
    {
        string rate = e.LearningRate is { } before ? (before / 10).ToString("G2", CultureInfo.InvariantCulture) : "X";
        return Path.GetDirectoryName(Path.GetDirectoryName(e.Checkpoint)) is { Length: > 0 } run
            ? $"go on from there:  lamina train --resume {run} --learning-rate {rate}"
            : $"set it:  lamina train --learning-rate {rate}";
    }

    /// <summary>Tells it: to people on standard error, to programs as the last line of the output.</summary>
    public int Report(Screen screen, bool json)
    {
        // As other programs that a pipe was closed on: without a word.
        if (ExitCode == ExitCodes.NobodyReads) return ExitCode;
        if (json) Try(() => new JsonLines(screen).Write(IsInterrupt ? "interrupted" : "error", j => j.WriteString("message", Message)));
        Try(() =>
        {
            string[] lines = Commands.Help.AsStarted(Message, screen.Program).Split('\n');
            screen.WriteError((IsInterrupt ? "" : "error: ") + Canvas.Clean(lines[0]));
            foreach (string line in lines.Skip(1)) screen.WriteError($"  {Canvas.Clean(line.Trim())}");
        });
        return ExitCode;
    }

    private static void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            // The output is what failed: the exit code is all that's left to tell with.
        }
    }

    private static Failure Unexpected(Exception e)
    {
        bool wantsStack = Environment.GetEnvironmentVariable(DebugSwitch) is not (null or "" or "0");
        string message = ForeignText.Show(e.Message.ReplaceLineEndings(" "));
        return new($"unexpected: {e.GetType().Name}: {message}\n{(wantsStack ? e.StackTrace : $"set {DebugSwitch}=1 for the stack")}", ExitCodes.Failed);
    }
}
