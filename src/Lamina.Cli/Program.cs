using Lamina.Cli;
using Lamina.Cli.Commands;
using Lamina.Cli.Rendering;

using var interrupts = new Interrupts(code =>
{
    Console.Error.WriteLine(); // the shell's prompt gets a line of its own
    Environment.Exit(code);
});
interrupts.Listen();
return CommandLineApp.Run(args, Jobs.Images, Screen.OfThisProcess(), interrupts.Token);
