using Lamina.Bench;
using Lamina.Bench.Harness;
using Lamina.Cli;

if (args is [FreshProcess.Argument, var request]) return FreshProcess.Run(request);

using var interrupts = new Interrupts(Environment.Exit);
interrupts.Listen();
return BenchApp.Run(args, Console.Out, Console.Error, interrupts.Token);
