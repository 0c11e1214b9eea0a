using System.CommandLine;
using Lamina.Cli.Rendering;
using Lamina.Tasks.Images;

namespace Lamina.Cli.Commands;

/// <summary><c>lamina predict</c>: classes and probabilities of pictures.</summary>
internal sealed class PredictCommand
{
    private const int UsualTop = 5;

    private readonly Jobs _jobs;
    private readonly Screen _screen;
    private readonly CancellationToken _cancel;

    private readonly Argument<string> _run = RunArgument();
    private readonly Argument<string[]> _files = new("FILE") { Description = "The pictures, of any size.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string> _top = TrainCommand.Value("--top", "N", $"How many classes to show for each picture (default: {UsualTop}).");
    private readonly Option<bool> _json = TrainCommand.JsonFlag();

    public PredictCommand(Jobs jobs, Screen screen, CancellationToken cancel)
    {
        (_jobs, _screen, _cancel) = (jobs, screen, cancel);
        Command = new Command("predict", "Tells what a trained network sees in pictures.") { _run, _files, _top, _json };
        Command.SetAction(Run);
    }

    public Command Command { get; }

    public static Argument<string> RunArgument() => new("RUN")
    {
        Description = "A run's folder, as train printed it, such as runs/20260101-120000-digits.",
        Arity = ArgumentArity.ExactlyOne,
    };

    private int Run(ParseResult parsed)
    {
        var values = new Values(parsed);
        int top = values.Whole(_top, 1) ?? UsualTop;
        ITaskView view = View.Of(_screen, values.Has(_json));
        IReadOnlyList<Prediction> predictions = _jobs.Predict(parsed.GetRequiredValue(_run), parsed.GetRequiredValue(_files), top, _cancel);
        foreach (Prediction prediction in predictions)
        {
            view.Predicted(prediction);
            view.Tick();
            if (prediction.Error is { } why) _screen.WriteError($"error: {Canvas.Clean(prediction.File)}: {Canvas.Clean(why)}");
        }
        return predictions.Any(p => p.Error is not null) ? ExitCodes.Failed : ExitCodes.Done;
    }
}
