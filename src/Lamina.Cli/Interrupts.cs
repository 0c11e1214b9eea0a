using System.Runtime.InteropServices;
using Lamina.Cli.Commands;

namespace Lamina.Cli;

/// <summary>
/// Ctrl-C and the like: the first asks the job to stop after its step, the second ends the program at once.
/// </summary>
internal sealed class Interrupts(Action<int> exit) : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _count;

    public CancellationToken Token => _source.Token;

    /// <summary>Begins to listen to the system's signals.</summary>
    public void Listen()
    {
        // A closed terminal (SIGHUP) and a stopped container (SIGTERM) deserve a saved run as much as Ctrl-C does.
        foreach (PosixSignal signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP])
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                Signal();
            }));
        }
    }

    /// <summary>A signal came.</summary>
    public void Signal()
    {
        if (Interlocked.Increment(ref _count) == 1) _source.Cancel();
        else exit(ExitCodes.Interrupted);
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations) registration.Dispose();
        _source.Dispose();
    }
}
