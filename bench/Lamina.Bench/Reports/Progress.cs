namespace Lamina.Bench.Reports;

/// <summary>Says what is being measured, once that has taken two seconds; a terminal's line is cleared at the end.</summary>
internal sealed class Progress : IDisposable
{
    private readonly TextWriter _error;
    private readonly Timer _timer;
    private readonly Lock _gate = new();
    private bool _shown, _done;

    public Progress(TextWriter error, string text)
    {
        _error = error;
        _timer = new Timer(_ =>
        {
            lock (_gate)
            {
                if (_done) return;
                _shown = true;
                _error.Write(Console.IsErrorRedirected ? $"{text} …\n" : $"{text} …");
                _error.Flush();
            }
        }, null, TimeSpan.FromSeconds(2), Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        _timer.Dispose();
        lock (_gate)
        {
            if (_shown && !_done && !Console.IsErrorRedirected) _error.Write("\r\u001b[K");
            _done = true;
        }
    }
}
