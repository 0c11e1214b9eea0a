namespace Lamina.Learning.Training;

/// <summary>Training stopped because the loss became NaN or infinite. The message says at which step and where it began.</summary>
public sealed class DivergedException : Exception
{
    /// <summary>Makes the exception.</summary>
    public DivergedException(long step, double loss, string? origin)
        : base($"the loss became {(double.IsNaN(loss) ? "NaN" : "infinite")} at step {step}"
            + (origin is null ? "" : $"\n  first in  {origin}")
            + "\n  try a lower LearningRate, or clip the gradients; the last good checkpoint is kept") => (Step, Origin) = (step, origin);

    /// <summary>The step whose loss was not finite.</summary>
    public long Step { get; }

    /// <summary>The layer and op where the first such value appeared, or null where it could not be found.</summary>
    public string? Origin { get; }
}
