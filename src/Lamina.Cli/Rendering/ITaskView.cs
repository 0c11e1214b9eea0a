using Lamina.Tasks;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;

namespace Lamina.Cli.Rendering;

/// <summary>Shows what happens in a job. Called from one thread at a time.</summary>
internal interface ITaskView
{
    /// <summary>Something happened.</summary>
    void Show(TaskEvent e);

    /// <summary>Somebody asked the job to stop.</summary>
    void Stopping();

    /// <summary>Training is over, or was interrupted.</summary>
    void Trained(TaskResult result);

    void Predicted(Prediction prediction);

    /// <summary>Runs were asked for.</summary>
    void Listed(IReadOnlyList<RunEntry> runs)
    {
    }

    /// <summary>Two runs were compared.</summary>
    void Compared(RunComparison comparison)
    {
    }

    /// <summary>The tasks were asked for.</summary>
    void Tasks(IReadOnlyList<LearningTask> tasks)
    {
    }

    void Summarized(string run, NetworkReady network);

    /// <summary>A training step was profiled.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="profile">The profile.</param>
    /// <param name="top">Number of modules and of ops to show.</param>
    void Profiled(string run, RunProfile profile, int top)
    {
    }

    /// <summary>Learning rates were tried.</summary>
    /// <param name="found">The curve and the suggestion.</param>
    /// <param name="file">Where the curve was drawn to, or null.</param>
    void RateFound(RateSearch found, string? file)
    {
    }

    /// <summary>Data was looked at.</summary>
    /// <param name="look">What was seen.</param>
    /// <param name="file">Where the page was written to, or null.</param>
    void Looked(DataLook look, string? file)
    {
    }

    /// <summary>Batch sizes were tried.</summary>
    void BatchFound(BatchSearch found)
    {
    }

    /// <summary>A result of what only one task can do: a line.</summary>
    /// <param name="verb">What was done.</param>
    /// <param name="line">The result.</param>
    void Said(string verb, string line)
    {
    }

    /// <summary>A part of a text that only one task can make: it goes on where the part before ended.</summary>
    /// <param name="verb">What was done.</param>
    /// <param name="text">The part, with its line ends.</param>
    void Wrote(string verb, string text)
    {
    }

    /// <summary>Brings what is shown up to date; called after events, and ten times a second while a job runs.</summary>
    void Tick();

    /// <summary>Leaves the screen to others: nothing is drawn over any more.</summary>
    void Close();
}

/// <summary>Chooses the view.</summary>
internal static class View
{
    public static ITaskView Of(Screen screen, bool json) =>
        json ? new JsonView(screen) : screen.IsInteractive ? new TerminalView(screen) : new PlainView(screen);
}
