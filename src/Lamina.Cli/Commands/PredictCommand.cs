using System.CommandLine;
using Lamina.Cli.Rendering;
using Lamina.Tasks.Images;

namespace Lamina.Cli.Commands;

/// <summary><c>lamina predict</c>: classes and probabilities of images.</summary>
internal sealed class PredictCommand
{
    private const int UsualTop = 5, FewestToSum = 20;

    private readonly Jobs _jobs;
    private readonly Screen _screen;
    private readonly CancellationToken _cancel;

    private readonly Argument<string> _run = RunArgument();
    private readonly Argument<string[]> _files = new("FILE") { Description = "Images of any size, or folders: of those all images in them, at any depth.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string> _top = TrainCommand.Value("--top", "N", $"How many classes to show for each image (default: {UsualTop}).");
    private readonly Option<bool> _json = TrainCommand.JsonFlag();

    public PredictCommand(Jobs jobs, Screen screen, CancellationToken cancel)
    {
        (_jobs, _screen, _cancel) = (jobs, screen, cancel);
        Command = new Command("predict", "Tells what a trained network sees in images.") { _run, _files, _top, _json };
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
        IReadOnlyList<string> files = ImageFiles.Find(parsed.GetRequiredValue(_files), _cancel);
        ITaskView view = View.Of(_screen, values.Has(_json));
        var progress = new ErrorProgress(_screen, files.Count);
        int done = 0, bad = 0;
        progress.Show(0);
        try
        {
            // Each is shown as soon as it's there, so that nothing is lost to an interrupt.
            foreach (Prediction prediction in _jobs.Predict(parsed.GetRequiredValue(_run), files, top, _cancel))
            {
                progress.Clear();
                view.Predicted(prediction);
                view.Tick();
                if (prediction.Error is { } why)
                {
                    bad++;
                    _screen.WriteError($"error: {Canvas.Clean(prediction.File)}: {Canvas.Clean(why)}");
                }
                progress.Show(++done);
            }
        }
        catch (OperationCanceledException) when (_cancel.IsCancellationRequested)
        {
            throw new InterruptedException($"interrupted after {Words.Count(done)} of {Words.Count(files.Count, "image")}");
        }
        finally
        {
            progress.Clear();
        }
        if (bad > 0 && files.Count > FewestToSum) _screen.WriteError($"{Words.Count(bad)} of {Words.Count(files.Count, "image")} can't be read");
        return bad > 0 ? ExitCodes.Failed : ExitCodes.Done;
    }
}
