using System.CommandLine;
using System.CommandLine.Help;
using System.Globalization;
using Lamina.Bench.Workloads;
using Lamina.Cli.Commands;

namespace Lamina.Bench;

/// <summary>What was asked for on the command line.</summary>
internal sealed record BenchOptions
{
    private const string Program = "Lamina.Bench";
    private const int MostThreads = 1024;

    /// <summary>Whether libtorch runs the same work in turn.</summary>
    public bool Peers { get; init; }

    /// <summary>The rows to run.</summary>
    public IReadOnlyList<Workload> Workloads { get; init; } = Table.All;

    /// <summary>Threads of each side.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Where the results go as JSON, or null.</summary>
    public string? Json { get; init; }

    /// <summary>Whether our side runs call by call instead of as a plan.</summary>
    public bool Eager { get; init; }

    /// <summary>Whether blocks are fewer and shorter.</summary>
    public bool Quick { get; init; }

    /// <summary>Where the plot of a sweep goes; null runs the workloads instead.</summary>
    public string? Sweep { get; init; }

    /// <summary>Whether the cost of probes is measured instead.</summary>
    public bool Probes { get; init; }

    /// <summary>Whether the rows are only named.</summary>
    public bool List { get; init; }

    /// <summary>Reads a command line; null where help was asked for and given.</summary>
    /// <exception cref="UsageException">Something is wrong with it.</exception>
    public static BenchOptions? Parse(string[] args, TextWriter output)
    {
        var peers = new Option<bool>("--peers") { Description = "Run the same work through TorchSharp/libtorch in a second process, in turn, and compare." };
        var only = new Option<string[]>("--only") { Description = "Run one workload, or all of a group such as gemm; may be given again.", HelpName = "NAME" };
        var threads = new Option<string>("--threads") { Description = "Threads of each side; all cores by default.", HelpName = "N" };
        var json = new Option<string>("--json") { Description = "Also write the results to a file as JSON.", HelpName = "FILE" };
        var eager = new Option<bool>("--eager") { Description = "Run our side call by call instead of as a recorded plan." };
        var quick = new Option<bool>("--quick") { Description = "Fewer and shorter blocks: a look, not a measurement." };
        var sweep = new Option<string>("--sweep") { Description = "Instead of the workloads, sweep batch, width, depth and sequence length, and plot the rates.", HelpName = "FILE.png" };
        var probes = new Option<bool>("--probes") { Description = "Instead of the workloads, measure what probes of a training step cost." };
        var list = new Option<bool>("--list") { Description = "Name the workloads and end." };
        var root = new RootCommand("Times whole training steps, inferences and kernels, alone or beside libtorch.") { peers, only, threads, json, eager, quick, sweep, probes, list };

        ParseResult parsed = root.Parse(args, new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
        if (parsed.UnmatchedTokens.FirstOrDefault() is { } unknown)
            throw new UsageException($"unknown option {unknown}{Nearest.Suggestion(unknown, root.Options.Select(o => o.Name))}", Program);
        if (parsed.Action is HelpAction or not null and not { Terminating: false } && parsed.Errors.Count == 0)
        {
            parsed.Invoke(new InvocationConfiguration { Output = output });
            return null;
        }
        if (parsed.Errors.Count > 0) throw new UsageException(parsed.Errors[0].Message.TrimEnd('.'), Program);
        return new BenchOptions
        {
            Peers = parsed.GetValue(peers),
            Workloads = Rows(parsed.GetValue(only) ?? []),
            Threads = ThreadCount(parsed.GetValue(threads)),
            Json = FileName(json, parsed),
            Sweep = FileName(sweep, parsed),
            Eager = parsed.GetValue(eager),
            Quick = parsed.GetValue(quick),
            Probes = parsed.GetValue(probes),
            List = parsed.GetValue(list),
        };
    }

    private static IReadOnlyList<Workload> Rows(string[] names)
    {
        if (names.Length == 0) return Table.All;
        foreach (string name in names)
            if (!Table.Named(name).Any())
                throw new UsageException($"--only {name}: unknown workload{Nearest.Suggestion(name, Table.Names)}", Program, $"the workloads are {string.Join(", ", Table.All.Select(w => w.Group).Distinct())}");
        HashSet<Workload> chosen = [.. names.SelectMany(Table.Named)];
        return [.. Table.All.Where(chosen.Contains)];
    }

    // Checked before minutes are spent on results to be written there.
    private static string? FileName(Option<string> option, ParseResult parsed)
    {
        string? name = parsed.GetValue(option);
        if (name is null) return null;
        if (name.Length == 0 || Directory.Exists(name)) throw new UsageException($"{option.Name} \"{name}\": expected a file's name", Program);
        if (Path.GetDirectoryName(Path.GetFullPath(name)) is { } folder && !Directory.Exists(folder)) throw new UsageException($"{option.Name} {name}: there is no folder {folder}", Program);
        return name;
    }

    private static int ThreadCount(string? text)
    {
        if (text is null) return Environment.ProcessorCount;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count is >= 1 and <= MostThreads ? count
            : throw new UsageException($"--threads {text}: expected a whole number from 1 to {MostThreads}", Program);
    }
}
