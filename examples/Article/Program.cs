// The claims of an introduction to deep learning, each as an experiment: `dotnet run -c Release --project examples/Article -- xor`.
using Article;

bool isSmall = args.Contains("--small");
string? folder = args.SkipWhile(a => a != "--plots").Skip(1).FirstOrDefault();
string[] names = [.. args.TakeWhile(a => !a.StartsWith("--", StringComparison.Ordinal))];
if (names is []) names = ["help"];
Experiment[] chosen = names is ["all"] ? [.. Experiment.All] : [.. Experiment.All.Where(e => names.Contains(e.Name))];
if (chosen.Length == 0)
{
    Console.WriteLine("article NAME …|all [--small] [--plots FOLDER]");
    foreach (Experiment e in Experiment.All) Console.WriteLine($"  {e.Name,-12} {e.Claim}");
    return names is ["help"] ? 0 : 2;
}
foreach (Experiment experiment in chosen)
{
    Console.WriteLine($"# {experiment.Name}: {experiment.Claim}");
    experiment.Run(new Notebook(experiment.Name, folder), isSmall);
    Console.WriteLine();
}
return 0;
