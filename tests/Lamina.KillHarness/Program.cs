using Lamina.KillHarness;

// dotnet run -c Release --project tests/Lamina.KillHarness            a kill at each change to the file system
// dotnet run -c Release --project tests/Lamina.KillHarness -- 20      at twenty of them, evenly spread
if (args is ["child", var point, var what, var run, var data]) return Child.Run(int.Parse(point), what, run, data);
int sample = args is [var count] ? int.Parse(count) : int.MaxValue;
KillReport report = await Harness.Run(sample, Console.Out, CancellationToken.None);
return report.Failures.Count == 0 ? 0 : 1;
