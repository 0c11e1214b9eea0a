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
    private int _first;

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
                Signal(context.Signal);
            }));
        }
    }

    /// <summary>Ctrl-C came.</summary>
    public void Signal() => Signal(PosixSignal.SIGINT);

    /// <summary>A signal came.</summary>
    public void Signal(PosixSignal signal)
    {
        int code = CodeOf(signal);
        if (Interlocked.CompareExchange(ref _first, code, 0) == 0) _source.Cancel();
        else exit(code);
    }

    /// <summary>What the shell is told: the code of an interrupted program as that of the signal which stopped it.</summary>
    public int ExitCode(int code) => code == ExitCodes.Interrupted && _first != 0 ? _first : code;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations) registration.Dispose();
        _source.Dispose();
    }

    // 128 and the signal's number, as shells expect.
    private static int CodeOf(PosixSignal signal) => signal switch
    {
        PosixSignal.SIGHUP => 128 + 1,
        PosixSignal.SIGTERM => 128 + 15,
        _ => ExitCodes.Interrupted,
    };
}
