using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace Lamina.Learning.Data;

/// <summary>One walk through an epoch: a thread fills a ring of buffers in order, and stops at the one that is lent.</summary>
internal sealed class Prefetch : IDisposable
{
    private readonly object _gate = new();
    private readonly DataLoader _loader;
    private readonly DataLoader.Buffers _buffers;
    private readonly Batch?[] _ready;
    private readonly CancellationToken _cancel;
    private readonly CancellationTokenRegistration _registration;
    private readonly Thread _thread;
    private readonly int _epoch, _first;
    private readonly long _seed;

    // Under the gate: batches below _filled are read, those below _released are done with.
    private int _filled, _released, _next;
    private bool _stop;
    private ExceptionDispatchInfo? _failure;

    public Prefetch(DataLoader loader, DataLoader.Buffers buffers, int epoch, int startBatch, long seed, CancellationToken cancel)
    {
        _loader = loader;
        _buffers = buffers;
        _ready = new Batch?[buffers.Room];
        _epoch = epoch;
        _seed = seed;
        _cancel = cancel;
        _first = _filled = _released = _next = startBatch;
        _thread = new Thread(Run) { IsBackground = true, Name = "Lamina data" };
        _thread.Start();
        _registration = cancel.UnsafeRegister(static self => ((Prefetch)self!).Wake(), this);
    }

    /// <summary>Gives the lent batch back and waits for the next; null at the end of the epoch.</summary>
    public Batch? Next()
    {
        _cancel.ThrowIfCancellationRequested();
        lock (_gate)
        {
            // The last batch is kept until the loader goes through the set again.
            if (_next == _loader.BatchCount) return null;
            if (_next > _first) _buffers.TakeBack(_next - 1);
            _released = _next;
            Monitor.PulseAll(_gate);
            if (_filled <= _next) Wait();
            if (_filled > _next) return _ready[_next++ % _ready.Length]!.Renewed();
            _failure?.Throw();
            throw new OperationCanceledException(_cancel);
        }
    }

    /// <summary>Ends the thread; it finishes the batch that it is reading.</summary>
    public void Dispose()
    {
        _registration.Dispose();
        lock (_gate)
        {
            _stop = true;
            Monitor.PulseAll(_gate);
        }
        _thread.Join();
    }

    private void Wait()
    {
        long start = Stopwatch.GetTimestamp();
        while (_filled <= _next && _failure is null && !_cancel.IsCancellationRequested) Monitor.Wait(_gate);
        _loader.AddWait(Stopwatch.GetElapsedTime(start));
    }

    private void Wake()
    {
        lock (_gate) Monitor.PulseAll(_gate);
    }

    private void Run()
    {
        try
        {
            int first = _filled;
            _buffers.Begin(_epoch, _seed);
            for (int batch = first; batch < _loader.BatchCount && MayFill(batch); batch++)
            {
                Batch read = _buffers.Fill(batch, _epoch);
                lock (_gate)
                {
                    _ready[batch % _ready.Length] = read;
                    _filled = batch + 1;
                    Monitor.PulseAll(_gate);
                }
            }
        }
        catch (Exception problem)
        {
            lock (_gate)
            {
                _failure = ExceptionDispatchInfo.Capture(problem);
                Monitor.PulseAll(_gate);
            }
        }
    }

    private bool MayFill(int batch)
    {
        lock (_gate)
        {
            while (batch - _released >= _ready.Length && !_stop && !_cancel.IsCancellationRequested) Monitor.Wait(_gate);
            return !_stop && !_cancel.IsCancellationRequested;
        }
    }
}
