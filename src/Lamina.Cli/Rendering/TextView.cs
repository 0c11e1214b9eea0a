using Lamina.Learning.Training;
using Lamina.Tasks;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;

namespace Lamina.Cli.Rendering;

/// <summary>For people: what stays on the screen. Subclasses add how progress is shown.</summary>
internal abstract class TextView : ITaskView
{
    private readonly Report _report;

    protected TextView(Screen screen)
    {
        Screen = screen;
        Canvas = new Canvas(screen);
        Progress = new RunProgress(screen.Clock);
        _report = new Report(Canvas, screen);
    }

    protected Screen Screen { get; }

    protected Canvas Canvas { get; }

    protected RunProgress Progress { get; }

    /// <summary>What the data's preparation last told, until it's done.</summary>
    protected Preparing? Preparation { get; private set; }

    public void Show(TaskEvent e)
    {
        switch (e)
        {
            case Preparing x:
                Preparation = x;
                OnPreparing(x);
                break;
            case DataReady x:
                Preparation = null;
                _report.Data(x);
                break;
            case TestReady x:
                Preparation = null;
                _report.TestData(x);
                break;
            case TaskChosen x: _report.Chosen(x); break;
            case FoldsDone x: _report.Folds(x); break;
            case NetworkReady x: _report.Network(x); break;
            case TrainingProgress x: Training(x.Event); break;
            case Illustrated x: _report.Illustrated(x); break;
            case Remarked x: _report.Note(x.Message); break;
            case Warned x: _report.Warning(x.Message); break;
            case Tested x:
                IsTested = true;
                _report.Tested(x.Report);
                break;
            case Overfitted x:
                IsTested = true;
                _report.Overfitted(x);
                break;
        }
    }

    public void Stopping() => Canvas.Line(Progress.Last is null ? "stopping" : Progress.End is null ? "stopping after this step; the run is saved"
        : "stopping; the run is saved");

    public void Trained(TaskResult result) => _report.Result(result);

    public void Predicted(Prediction prediction) => _report.Prediction(prediction);

    public void Listed(IReadOnlyList<RunEntry> runs) => RunTable.Draw(Canvas, runs, Screen.Program);

    public void Compared(RunComparison comparison) => ComparisonTable.Draw(Canvas, comparison);

    public void Tasks(IReadOnlyList<LearningTask> tasks) => _report.Tasks(tasks);

    public void Summarized(string run, NetworkReady network)
    {
        Canvas.Line($"[grey]run       [/]{Canvas.Safe(run)}");
        _report.Network(network);
    }

    public void Profiled(string run, RunProfile profile, int top)
    {
        Preparation = null;
        ProfileTable.Draw(Canvas, run, profile, top);
    }

    public void RateFound(RateSearch found, string? file)
    {
        Preparation = null;
        RateChart.Draw(Canvas, found, file, Screen.IsUnicode);
    }

    public void Looked(DataLook look, string? file)
    {
        Preparation = null;
        DataTable.Draw(Canvas, look, file);
    }

    public void BatchFound(BatchSearch found)
    {
        Preparation = null;
        BatchTable.Draw(Canvas, found);
    }

    public void Said(string verb, string line) => Canvas.Line(Canvas.Safe(line));

    public void Wrote(string verb, string text) => Canvas.Text(text);

    public abstract void Tick();

    public abstract void Close();

    /// <summary>Whether the test is over too.</summary>
    protected bool IsTested { get; private set; }

    protected virtual void OnPreparing(Preparing x)
    {
    }

    protected virtual void OnStep(StepDone x)
    {
    }

    private void Training(TrainingEvent e)
    {
        Progress.Take(e);
        switch (e)
        {
            case Started x: _report.Started(x); break;
            case LayersFrozen x: _report.Frozen(x); break;
            case StepDone x: OnStep(x); break;
            case EpochDone x: _report.Epoch(x); break;
            case Finished x: _report.Trained(x); break;
        }
    }
}
