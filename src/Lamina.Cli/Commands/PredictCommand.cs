using System.CommandLine;
using Lamina.Cli.Rendering;
using Lamina.Tasks.Rows;
using Lamina.Tasks.Spine;

namespace Lamina.Cli.Commands;

/// <summary><c>lamina predict</c>: classes and probabilities, or numbers.</summary>
internal sealed class PredictCommand
{
    private const int UsualTop = 5, FewestToSum = 20;

    private readonly Jobs _jobs;
    private readonly Screen _screen;
    private readonly CancellationToken _cancel;

    private readonly Argument<string> _run = RunArgument();
    private readonly Argument<string[]> _files = new("FILE") { Description = "What to predict, in the form of the run's data: images or folders of images, CSV files, .txt files; - for standard input. Without any a forecast goes on behind the run's own data.", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string[]> _texts = new("--text") { HelpName = "TEXT",
        Description = "A text to predict, in place of a file; may be given several times.", Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false };
    private readonly Option<string[]> _set = new("--set") { HelpName = "COLUMN=VALUE",
        Description = "A value of the one row to predict, in place of a file; once for each column. Columns that aren't set are missing.",
            Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = false };
    private readonly Option<string> _out = TrainCommand.Value("--out", "FILE",
        "Writes the predictions to a file, as CSV, TSV or JSON lines by its ending (.csv, .tsv, .jsonl).");
    private readonly Option<string> _top = TrainCommand.Value("--top", "N", $"Number of classes to show for each input, where classes are predicted (default: {UsualTop}).");
    private readonly Option<bool> _json = TrainCommand.JsonFlag();

    public PredictCommand(Jobs jobs, Screen screen, CancellationToken cancel)
    {
        (_jobs, _screen, _cancel) = (jobs, screen, cancel);
        Command = new Command("predict", "Predicts by a trained network: classes of images and texts, numbers of rows.") { _run, _files, _texts, _set,
            _out, _top, _json };
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
        string? file = values.Text(_out);
        ITaskView view = View.Of(_screen, values.Has(_json));
        PredictInput input = Input(parsed);
        // A table has a column for the probability of each class.
        PredictionList list = _jobs.Predict(parsed.GetRequiredValue(_run), input, file is null ? top : int.MaxValue, new TaskContext(_ => { }, _cancel));
        return file is null ? Show(list, view) : Save(list, file);
    }

    private PredictInput Input(ParseResult parsed)
    {
        var given = (parsed.GetValue(_texts) ?? []).Select(text => KeyValuePair.Create("text", text)).ToList();
        string[] set = parsed.GetValue(_set) ?? [];
        if (given.Count > 0 && set.Length > 0) throw new UsageException("--text and --set can't both be given", UsageCheck.Name(Command));
        foreach (string pair in set)
        {
            int at = pair.IndexOf('=');
            if (at <= 0) throw new UsageException($"--set {pair}: expected COLUMN=VALUE", UsageCheck.Name(Command));
            given.Add(KeyValuePair.Create(pair[..at].Trim(), pair[(at + 1)..].Trim()));
        }
        var input = new PredictInput(parsed.GetValue(_files) ?? []) { Values = given };
        return input.Files.Count + given.Count > 0 || _jobs.PredictsOn(parsed.GetRequiredValue(_run)) ? input
            : throw new UsageException($"FILE is missing: {UsageCheck.Name(Command)} RUN FILE…, or --text TEXT, or --set COLUMN=VALUE",
            UsageCheck.Name(Command));
    }

    private int Save(PredictionList list, string file)
    {
        if (list.Output is null) throw new UsageException("--out: this run's predictions can't be written as a table", UsageCheck.Name(Command));
        var table = new PredictionTable(list.Output);
        var progress = new ErrorProgress(_screen, list.Count, list.Item);
        int done = 0, bad = 0;
        try
        {
            RowWriter.Save(file, table.Columns, rows =>
            {
                foreach (Prediction prediction in list.Items)
                {
                    table.Write(rows, prediction);
                    if (prediction.Error is not null) bad++;
                    progress.Show(++done);
                }
            });
        }
        catch (OperationCanceledException) when (_cancel.IsCancellationRequested)
        {
            throw new InterruptedException($"interrupted after {Words.Count(done, list.Item)}; {file} was not written");
        }
        finally
        {
            progress.Clear();
        }
        _screen.WriteError($"{Words.Count(done, list.Item)} predicted, written to {file}{(bad > 0 ? $"; {Words.Count(bad)} can't be read" : "")}");
        return bad > 0 ? ExitCodes.Failed : ExitCodes.Done;
    }

    private int Show(PredictionList list, ITaskView view)
    {
        var progress = new ErrorProgress(_screen, list.Count, list.Item);
        int done = 0, bad = 0;
        string Of() => list.Count is { } all ? $"{Words.Count(done)} of {Words.Count(all, list.Item)}" : Words.Count(done, list.Item);
        progress.Show(0);
        try
        {
            // Each is shown as soon as it's there, so that nothing is lost to an interrupt.
            foreach (Prediction prediction in list.Items)
            {
                progress.Clear();
                view.Predicted(prediction);
                view.Tick();
                if (prediction.Error is { } why)
                {
                    bad++;
                    _screen.WriteError($"error: {Canvas.Clean(prediction.Source)}{(prediction.Row is { } row ? $", row {Words.Count(row)}" : "")}: {Canvas.Clean(why)}");
                }
                progress.Show(++done);
            }
        }
        catch (OperationCanceledException) when (_cancel.IsCancellationRequested)
        {
            throw new InterruptedException($"interrupted after {Of()}");
        }
        finally
        {
            progress.Clear();
        }
        if (bad > 0 && done > FewestToSum) _screen.WriteError($"{Words.Count(bad)} of {Words.Count(done, list.Item)} can't be read");
        return bad > 0 ? ExitCodes.Failed : ExitCodes.Done;
    }
}
