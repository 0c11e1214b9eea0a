using System.Runtime.InteropServices;
using Lamina.Results;

using var stop = new CancellationTokenSource();
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}

using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop),
    terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
return ResultsApp.Run(args, ResultTable.All, Checkout.Page, Console.Out, Console.Error, stop.Token);
