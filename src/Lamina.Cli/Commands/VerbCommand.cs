using System.CommandLine;
using System.Diagnostics;
using System.Text;
using Lamina.Cli.Rendering;
using Lamina.Tasks.Spine;

namespace Lamina.Cli.Commands;

/// <summary><c>lamina NAME</c> for something that only some tasks can do: made from what tasks declare.</summary>
internal sealed class VerbCommand
{
    // Text is shown in parts of a line or so, so that it streams without a write for every character.
    private const int MostHeld = 4_096;

    private static readonly TimeSpan s_longestHeld = TimeSpan.FromMilliseconds(50);

    /// <summary>The name of what a verb is done to.</summary>
    public const string Input = "INPUT";

    private readonly string _name;
    private readonly bool _isText;
    private readonly Jobs _jobs;
    private readonly Screen _screen;
    private readonly CancellationToken _cancel;
    private readonly TaskOptions _options;
    private readonly Argument<string> _run = PredictCommand.RunArgument();
    private readonly Argument<string[]> _inputs = new(Input) { Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<bool> _json = TrainCommand.JsonFlag();

    /// <param name="name">The name of the verb.</param>
    /// <param name="verbs">The verb as each of the tasks that have it declares it.</param>
    /// <param name="jobs">What is called.</param>
    /// <param name="screen">Where results go.</param>
    /// <param name="cancel">Stops between two results.</param>
    public VerbCommand(string name, IReadOnlyList<(LearningTask Task, TaskVerb Verb)> verbs, Jobs jobs, Screen screen, CancellationToken cancel)
    {
        (_name, _jobs, _screen, _cancel, _isText) = (name, jobs, screen, cancel, verbs[0].Verb.IsText);
        // In the widest range; the task of the run holds its own against the value.
        _options = new TaskOptions(TaskOptions.Merged(verbs.SelectMany(v => v.Verb.Options.Select(o => (v.Task.Name, o))), verbs.Count,
            names => $"runs of {string.Join(", ", names)}"));
        IEnumerable<string> helps = verbs.GroupBy(v => v.Verb.Help)
            .Select(same => $"{same.Key.TrimEnd('.')} (runs of {string.Join(", ", same.Select(v => v.Task.Name))}).");
        _inputs.Description = string.Join(" ", verbs.GroupBy(v => v.Verb.InputHelp).Select(same => verbs.Count == 1 ? same.Key
            : $"{same.Key.TrimEnd('.')} (runs of {string.Join(", ", same.Select(v => v.Task.Name))})."));
        Command = new Command(name, string.Join(" ", helps)) { _run, _inputs };
        foreach (Option option in _options.Options) Command.Add(option);
        Command.Add(_json);
        Command.SetAction(Run);
    }

    public Command Command { get; }

    /// <summary>A command for every verb of the tasks that there are.</summary>
    /// <param name="jobs">What is called, and the tasks.</param>
    /// <param name="screen">Where results go.</param>
    /// <param name="cancel">Stops between two results.</param>
    public static IEnumerable<Command> All(Jobs jobs, Screen screen, CancellationToken cancel) =>
        jobs.Tasks.Tasks.SelectMany(task => task.Verbs.Select(verb => (task, verb))).GroupBy(v => v.verb.Name)
            .Select(same => new VerbCommand(same.Key, [.. same], jobs, screen, cancel).Command);

    private int Run(ParseResult parsed)
    {
        ITaskView view = View.Of(_screen, parsed.GetValue(_json));
        Dictionary<string, object> values = _options.Read(parsed);
        string run = parsed.GetRequiredValue(_run);
        string[] inputs = parsed.GetValue(_inputs) ?? [];
        int done = 0;
        try
        {
            IEnumerable<string> results = _jobs.Do(run, _name, inputs, values, new TaskContext(view.Show, _cancel));
            if (_isText) Stream(results, view);
            else
                // Each is shown as soon as it's there, so that nothing is lost to an interrupt.
                foreach (string line in results)
                {
                    view.Said(_name, line);
                    view.Tick();
                    done++;
                }
        }
        catch (OperationCanceledException) when (_cancel.IsCancellationRequested)
        {
            throw new InterruptedException(_isText ? "interrupted" : $"interrupted after {Words.Count(done, "result")}");
        }
        view.Tick();
        return ExitCodes.Done;
    }

    private void Stream(IEnumerable<string> pieces, ITaskView view)
    {
        var held = new StringBuilder();
        long since = Stopwatch.GetTimestamp();
        bool endsLine = true;
        void Flush()
        {
            if (held.Length == 0) return;
            endsLine = held[^1] == '\n';
            view.Wrote(_name, held.ToString());
            view.Tick();
            held.Clear();
            since = Stopwatch.GetTimestamp();
        }

        try
        {
            foreach (string piece in pieces)
            {
                held.Append(piece);
                // A program gets a line at a time, a person what there is.
                if (held.Length >= MostHeld || (view is TextView ? Stopwatch.GetElapsedTime(since) > s_longestHeld : piece.EndsWith('\n'))) Flush();
            }
        }
        finally
        {
            Flush();
            if (!endsLine && view is TextView) view.Wrote(_name, "\n");
        }
    }
}
