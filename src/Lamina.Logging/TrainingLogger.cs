using Lamina.Learning.Training;
using Microsoft.Extensions.Logging;

namespace Lamina.Logging;

/// <summary>
/// Writes what happens in a training to a logger: epochs, the beginning and the end as information, notes as warnings, checkpoints and
/// steps as debugging output, with their numbers as named properties. It is an observer, so several may look on at once.
/// </summary>
/// <param name="logger">Where it is written to.</param>
public sealed partial class TrainingLogger(ILogger logger) : TrainingObserver
{
    /// <inheritdoc/>
    public override void OnEvent(TrainingEvent e)
    {
        switch (e)
        {
            case Started x: LogStarted(logger, x.Epochs, x.StepsPerEpoch, x.BatchSize, x.Parameters, x.Step); break;
            case StepDone x: LogStep(logger, x.Step, x.Epoch, x.Loss, x.LearningRate, x.GradientNorm); break;
            case EpochDone x: LogEpoch(logger, x.Epoch, x.Training.Loss, x.Validation?.Loss, x.IsBest, x.Seconds); break;
            case CheckpointSaved x: LogCheckpoint(logger, x.Step, x.Folder); break;
            case Noted x: LogNote(logger, x.Message); break;
            case Finished x: LogFinished(logger, x.Reason, x.Epochs, x.Steps, x.BestEpoch, x.Seconds); break;
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Training {Parameters} parameters for {Epochs} epochs of {StepsPerEpoch} steps of {BatchSize} examples, from step {Step}")]
    private static partial void LogStarted(ILogger logger, int epochs, int stepsPerEpoch, int batchSize, long parameters, long step);

    [LoggerMessage(2, LogLevel.Debug, "Step {Step} of epoch {Epoch}: loss {Loss}, learning rate {LearningRate}, gradient norm {GradientNorm}")]
    private static partial void LogStep(ILogger logger, long step, int epoch, double loss, double learningRate, double gradientNorm);

    [LoggerMessage(3, LogLevel.Information, "Epoch {Epoch}: training loss {TrainingLoss}, validation loss {ValidationLoss}, best {IsBest}, {Seconds} s")]
    private static partial void LogEpoch(ILogger logger, int epoch, double trainingLoss, double? validationLoss, bool isBest, double seconds);

    [LoggerMessage(4, LogLevel.Debug, "Checkpoint of step {Step} in {Folder}")]
    private static partial void LogCheckpoint(ILogger logger, long step, string folder);

    [LoggerMessage(5, LogLevel.Warning, "{Note}")]
    private static partial void LogNote(ILogger logger, string note);

    [LoggerMessage(6, LogLevel.Information, "Training is over ({Reason}) after {Epochs} epochs, {Steps} steps, {Seconds} s; the best epoch is {BestEpoch}")]
    private static partial void LogFinished(ILogger logger, FinishReason reason, int epochs, long steps, int bestEpoch, double seconds);
}
