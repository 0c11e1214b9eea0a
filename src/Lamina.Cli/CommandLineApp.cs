using System.CommandLine;
using System.CommandLine.Help;
using Lamina.Cli.Commands;
using Lamina.Cli.Rendering;

namespace Lamina.Cli;

/// <summary>The command line: parses, calls, renders.</summary>
internal static class CommandLineApp
{
    // @file and bundles such as -abc are surprises; an image may be called @cat.png.
    private static readonly ParserConfiguration Parsing = new() { EnablePosixBundling = false, ResponseFileTokenReplacer = null };

    /// <summary>Runs a command with plain output.</summary>
    public static int Run(string[] args, Jobs jobs, TextWriter output, TextWriter error, CancellationToken cancel = default) =>
        Run(args, jobs, new Screen(output, error), cancel);

    /// <summary>Runs a command.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(string[] args, Jobs jobs, Screen screen, CancellationToken cancel = default)
    {
        bool json = args.TakeWhile(a => a != "--").Contains("--json");
        try
        {
            ParseResult parsed = Build(jobs, screen, args, cancel).Parse(args, Parsing);
            if (parsed.Action is not Page) UsageCheck.Require(parsed, args);
            return parsed.Invoke(new InvocationConfiguration
            {
                Output = screen.Output,
                Error = screen.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            });
        }
        catch (Exception e)
        {
            return Failure.Of(e, cancel).Report(screen, json);
        }
    }

    private static RootCommand Build(Jobs jobs, Screen screen, string[] args, CancellationToken cancel)
    {
        var root = new RootCommand("Trains neural networks, and uses what they learned.")
        {
            new TrainCommand(jobs, screen, args, cancel).Command,
            new PredictCommand(jobs, screen, cancel).Command,
            new TestCommand(jobs, screen, cancel).Command,
            new SummaryCommand(jobs, screen).Command,
            new ProfileCommand(jobs, screen, cancel).Command,
            new DataCommand(jobs, screen, args, cancel).Command,
            FinderCommand.Rate(jobs, screen, args, cancel),
            FinderCommand.Batch(jobs, screen, args, cancel),
            new RunsCommand(jobs, screen).Command,
            new CompareCommand(jobs, screen).Command,
            new TasksCommand(jobs, screen).Command,
        };
        Argument<string?> topic = new("COMMAND") { Description = "The command to explain.", Arity = ArgumentArity.ZeroOrOne };
        var help = new Command("help", "Explains a command, as its --help does.") { topic };
        help.SetAction(parsed =>
        {
            string[] page = parsed.GetValue(topic) is { } name ? [UsageCheck.KnownCommand(root, name).Name, "--help"] : ["--help"];
            return root.Parse(page, Parsing).Invoke(parsed.InvocationConfiguration);
        });
        root.Add(help);
        foreach (Command verb in VerbCommand.All(jobs, screen, cancel))
        {
            if (root.Subcommands.Any(c => c.Name == verb.Name)) throw new InvalidOperationException($"a task's verb is called {verb.Name}, as a command is");
            root.Add(verb);
        }
        root.HelpName = "lamina"; // however the program file is called
        root.SetAction(_ => screen.Write(Help.Welcome + Help.StandsFor(screen.Program)));
        foreach (Option option in root.Options)
        {
            if (option is HelpOption { Action: HelpAction standard }) option.Action = new HelpPage(standard, screen);
            if (option is VersionOption) option.Action = new VersionPage(screen);
        }
        return root;
    }
}
