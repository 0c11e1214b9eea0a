using Lamina.Bench;
using Lamina.Bench.Harness;
using Lamina.Cli;

if (args is [FreshProcess.Argument, ..]) return FreshProcess.Run(args);

using var interrupts = new Interrupts(Environment.Exit);
interrupts.Listen();
return BenchApp.Run(args, Console.Out, Console.Error, interrupts.Token);
