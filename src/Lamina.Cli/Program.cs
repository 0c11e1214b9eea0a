using Lamina.Cli;

using var interrupts = new Interrupts(Environment.Exit);
interrupts.Listen();
return CommandLineApp.Run(args, Jobs.Images, Screen.OfThisProcess(), interrupts.Token);
