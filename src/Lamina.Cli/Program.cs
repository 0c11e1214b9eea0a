using Lamina.Cli;
using Lamina.Cli.Commands;
using Lamina.Cli.Rendering;

using var interrupts = new Interrupts(code =>
{
    try
    {
        Console.Error.WriteLine(); // the shell's prompt gets a line of its own
    }
    catch (IOException)
    {
        // The terminal is gone.
    }
    Environment.Exit(code);
});
interrupts.Listen();
return interrupts.ExitCode(CommandLineApp.Run(args, Jobs.Real, Screen.OfThisProcess(), interrupts.Token));
