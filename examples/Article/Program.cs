// The claims of an introduction to deep learning, each as an experiment: `dotnet run -c Release --project examples/Article -- xor`.
using System.Diagnostics;
using Article;

string[] names = [.. args.TakeWhile(a => !a.StartsWith("--", StringComparison.Ordinal))];
string? Option(string name) => args.SkipWhile(a => a != name).Skip(1).FirstOrDefault();
ulong seed = 1;
Experiment[] chosen = [.. Experiment.All.Where(e => names.Contains(e.Name) || names is ["all"])];
if (chosen.Length == 0 || names is not ["all"] && chosen.Length < names.Length || Option("--seed") is { } text && !ulong.TryParse(text, out seed))
{
    Console.WriteLine("article NAME …|all [--small] [--seed N] [--plots FOLDER]");
    foreach (Experiment e in Experiment.All) Console.WriteLine($"  {e.Name,-12} {e.Claim}");
    return names.Length == 0 ? 0 : 2;
}
foreach (Experiment experiment in chosen)
{
    var time = Stopwatch.StartNew();
    Console.WriteLine($"# {experiment.Name}: {experiment.Claim}");
    experiment.Run(new Notebook(experiment.Name, Console.Out, Option("--plots")) { IsSmall = args.Contains("--small"), Seed = seed });
    Console.WriteLine($"  in {time.Elapsed.TotalSeconds:F0} s\n");
}
return 0;
