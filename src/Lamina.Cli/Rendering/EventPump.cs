using Lamina.Learning.Training;
using Lamina.Tasks;

namespace Lamina.Cli.Rendering;

/// <summary>
/// Carries events from the job to the view on a thread of its own, ten times a second: a slow terminal doesn't slow
/// the training, for which an event costs one short lock. Of the steps between two rounds only the last is kept.
/// </summary>
internal sealed class EventPump : IDisposable
{
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(100);

    private readonly ITaskView _view;
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _over = new();
    private readonly Lock _lock = new();
    private List<TaskEvent> _events = [];
    private bool _isStopping;
    private Exception? _failure;

    public EventPump(ITaskView view)
    {
        _view = view;
        _thread = new Thread(Pump) { IsBackground = true, Name = "lamina-view" };
        _thread.Start();
    }

    /// <summary>Takes an event, from any thread.</summary>
    public void Tell(TaskEvent e)
    {
        lock (_lock)
        {
            if (IsStep(e) && _events is [.., var last] && IsStep(last)) _events[^1] = e;
            else _events.Add(e);
        }
    }

    /// <summary>Says that the job was asked to stop.</summary>
    public void Stopping()
    {
        lock (_lock) _isStopping = true;
    }

    /// <summary>Shows what is left, then the result.</summary>
    /// <exception cref="IOException">The output couldn't be written, now or before.</exception>
    public void Complete(Action<ITaskView> showResult)
    {
        Join();
        if (_failure is null) Try(() => { showResult(_view); _view.Tick(); });
        // What went wrong in showing didn't stop the job, but is not to be kept quiet either.
        if (_failure is not null) throw _failure;
    }

    public void Dispose()
    {
        Join();
        _over.Dispose();
    }

    private static bool IsStep(TaskEvent e) => e is TrainingProgress { Event: StepDone };

    private void Join()
    {
        if (_over.IsSet) return;
        _over.Set();
        _thread.Join();
        if (_failure is null) Try(_view.Close);
    }

    private void Pump()
    {
        bool isOver, wasStopping = false;
        do
        {
            isOver = _over.Wait(Round);
            List<TaskEvent> events;
            bool isStopping;
            lock (_lock) (events, _events, isStopping) = (_events, [], _isStopping);
            if (_failure is not null) continue;
            Try(() =>
            {
                foreach (TaskEvent e in events) _view.Show(e);
                if (isStopping && !wasStopping && !isOver) _view.Stopping();
                _view.Tick();
            });
            wasStopping = isStopping;
        }
        while (!isOver);
    }

    private void Try(Action show)
    {
        try
        {
            show();
        }
        catch (Exception e)
        {
            _failure = e;
        }
    }
}
