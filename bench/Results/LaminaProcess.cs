using System.Diagnostics;

namespace Lamina.Results;

/// <summary>How a process of the command went.</summary>
/// <param name="Events">What it said in JSON lines.</param>
/// <param name="Seconds">From its start to its end.</param>
/// <param name="PeakBytes">The most memory that was resident at a time, looked at ten times a second.</param>
internal sealed record ProcessOutcome(EventReader Events, double Seconds, long PeakBytes);

/// <summary>Runs the command as a person would: as a process.</summary>
/// <param name="program">Gives the program, or says that it isn't built.</param>
/// <param name="folder">Where it runs.</param>
/// <param name="cancel">Ends it.</param>
internal sealed class LaminaProcess(Func<string> program, string folder, CancellationToken cancel)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs it to its end.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="said">Is given each event as it comes.</param>
    /// <param name="line">Is given each line as it comes.</param>
    /// <exception cref="ResultsException">It failed; the message has its last words.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public ProcessOutcome Run(IReadOnlyList<string> arguments, Action<EventReader>? said = null, Action<string>? line = null)
    {
        long began = Stopwatch.GetTimestamp();
        using Process process = Start(arguments);
        using CancellationTokenRegistration end = cancel.Register(() => Kill(process));
        Task<string> errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        Task<long> peak = Task.Run(() => Watch(process), CancellationToken.None);
        var events = new EventReader();
        while (process.StandardOutput.ReadLine() is { } text)
        {
            line?.Invoke(text);
            if (events.Add(text)) said?.Invoke(events);
        }
        process.WaitForExit();
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        cancel.ThrowIfCancellationRequested();
        if (process.ExitCode != 0)
        {
            string last = string.Join(" / ", errors.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).TakeLast(3));
            throw new ResultsException($"lamina {string.Join(' ', arguments)} ended with {process.ExitCode}: {last}");
        }
        return new(events, seconds, peak.Result);
    }

    /// <summary>Seconds from its start until a line that is looked for; then it is ended.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="isIt">Whether a line is the one.</param>
    /// <exception cref="ResultsException">It ended without such a line.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public double SecondsUntil(IReadOnlyList<string> arguments, Func<string, bool> isIt)
    {
        long began = Stopwatch.GetTimestamp();
        using Process process = Start(arguments);
        using CancellationTokenRegistration end = cancel.Register(() => Kill(process));
        Task<string> errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        double? seconds = null;
        while (seconds is null && process.StandardOutput.ReadLine() is { } line)
            if (isIt(line)) seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        Kill(process);
        process.WaitForExit();
        cancel.ThrowIfCancellationRequested();
        return seconds ?? throw new ResultsException($"lamina {string.Join(' ', arguments)} never got there: {errors.Result.Trim()}");
    }

    private Process Start(IReadOnlyList<string> arguments)
    {
        cancel.ThrowIfCancellationRequested();
        var start = new ProcessStartInfo(program(), arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        return Process.Start(start)!;
    }

    private static long Watch(Process process)
    {
        long peak = 0;
        while (!process.HasExited)
        {
            peak = Math.Max(peak, Machine.PeakMemory(process) ?? 0);
            Thread.Sleep(BetweenLooks);
        }
        return peak;
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }
}
