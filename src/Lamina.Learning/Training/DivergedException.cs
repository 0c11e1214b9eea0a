namespace Lamina.Learning.Training;

/// <summary>
/// Training stopped because the loss, the gradients, a parameter or the optimiser's state became NaN or infinite. The message says
/// at which step, where it began, what is kept, and what to change. The network then has the values of the last good state.
/// </summary>
public sealed class DivergedException : Exception
{
    /// <summary>A loss that is not finite.</summary>
    public DivergedException(long step, double loss, string? origin)
        : this($"{Became("the loss", loss)} at step {step}", step, Became("the loss", loss), origin, null) { }

    /// <summary>Makes the exception.</summary>
    /// <param name="first">The first line of the message.</param>
    /// <param name="step">The step at which it was noticed, from 1.</param>
    /// <param name="problem">What is not finite: "the loss became NaN".</param>
    /// <param name="origin">The layer and op where the first such value appeared, or null.</param>
    /// <param name="kept">The last good state, or null where there is none.</param>
    internal DivergedException(string first, long step, string problem, string? origin, KeptState? kept)
        : base(first + (origin is null ? "" : $"\n  first in  {origin}") + (kept is null ? ""
        : $"\n  kept  {kept}") + "\n  try a lower learning rate, or clip the gradients") =>
        (Step, Problem, Origin, Checkpoint) = (step, problem, origin, kept?.Folder);

    /// <summary>The step at which it was noticed, from 1.</summary>
    public long Step { get; }

    /// <summary>What is not finite.</summary>
    public string Problem { get; }

    /// <summary>The layer and op where the first such value appeared, or null where it could not be found.</summary>
    public string? Origin { get; }

    /// <summary>The folder of the newest good checkpoint, or null where there is none.</summary>
    public string? Checkpoint { get; }

    /// <summary>The learning rate that it diverged with, before the schedule's factor; null where it isn't known.</summary>
    public double? LearningRate { get; internal init; }

    internal static string Became(string what, double value) => $"{what} became {(double.IsNaN(value) ? "NaN" : "infinite")}";
}

/// <summary>The last good state of a training: after so many steps, in a checkpoint's folder, or in memory where there is none.</summary>
internal sealed record KeptState(long Step, string? Folder)
{
    public override string ToString() => Folder is null ? $"the network as it was after step {Step}, in memory" : $"the checkpoint of step {Step}, {Folder}";
}
