namespace Lamina.Tasks;

/// <summary>What a run gives, finished or interrupted.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="Epochs">Epochs done.</param>
/// <param name="Seconds">Seconds of training.</param>
/// <param name="Test">How it does on the test set; null where it was interrupted.</param>
/// <param name="Run">The run's folder.</param>
/// <param name="Model">The file with the trained weights; null where it was interrupted.</param>
/// <param name="WasInterrupted">Whether somebody stopped it; a checkpoint was saved.</param>
public sealed record TaskResult(string Task, int Epochs, double Seconds, TestReport? Test, string Run, string? Model, bool WasInterrupted)
{
    /// <summary>Steps done.</summary>
    public long Step { get; init; }

    /// <summary>The standard deviation of each of the test's figures over the folds of a cross-validation, where they are means; null for one run.</summary>
    public IReadOnlyDictionary<string, double>? Deviation { get; init; }

    /// <summary>What is done with the network first, as a command in which <c>RUN</c> stands for the run's folder; null: to predict.</summary>
    public string? Next { get; init; }

    /// <summary>The run's report, a file of HTML; null where there is none.</summary>
    public string? Report { get; init; }
}
