// The claims of an introduction to deep learning, each as an experiment: `dotnet run -c Release --project examples/Article -- xor`.
using System.Diagnostics;
using Article;

string[] names = [.. args.TakeWhile(a => !a.StartsWith("--", StringComparison.Ordinal))];
string? Option(string name) => args.SkipWhile(a => a != name).Skip(1).FirstOrDefault();
ulong seed = 1;
string? wrong = null;
for (int i = names.Length; i < args.Length; i++)
{
    if (args[i] == "--small") continue;
    if (args[i] is not ("--seed" or "--plots")) wrong ??= $"unknown option {args[i]}";
    else if (++i >= args.Length || args[i].StartsWith("--", StringComparison.Ordinal)) wrong ??= $"{args[i - 1]} needs a value";
}
if (Option("--seed") is { } text && !ulong.TryParse(text, out seed)) wrong ??= $"--seed {text}: expected a whole number from 0";
Experiment[] chosen = [.. Experiment.All.Where(e => names.Contains(e.Name) || names is ["all"])];
if (names is not (["all"] or []) && names.Except(Experiment.All.Select(e => e.Name)).FirstOrDefault() is { } unknown) wrong ??= $"there is no experiment {unknown}";
if (names.Length == 0 || wrong is not null)
{
    if (wrong is not null) Console.Error.WriteLine($"error: {wrong}");
    Console.WriteLine("article NAME …|all [--small] [--seed N] [--plots FOLDER]");
    foreach (Experiment e in Experiment.All) Console.WriteLine($"  {e.Name,-12} {e.Claim}");
    return wrong is null ? 0 : 2;
}
foreach (Experiment experiment in chosen)
{
    var time = Stopwatch.StartNew();
    Console.WriteLine($"# {experiment.Name}: {experiment.Claim}");
    experiment.Run(new Notebook(experiment.Name, Console.Out, Option("--plots")) { IsSmall = args.Contains("--small"), Seed = seed });
    Console.WriteLine($"  in {time.Elapsed.TotalSeconds:F0} s\n");
}
return 0;
