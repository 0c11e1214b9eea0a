using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Reflection;
using System.Text.RegularExpressions;
using Lamina.Cli.Rendering;
using Lamina.Tasks.Registry;
using Lamina.Tasks.Spine;

namespace Lamina.Cli.Commands;

/// <summary>The texts that a newcomer meets.</summary>
internal static partial class Help
{
    /// <summary>This program's version, as it was packed.</summary>
    public static string Version { get; } =
        typeof(Help).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>What <c>lamina</c> alone says.</summary>
    public static string Welcome { get; } = $"""
        lamina {Version}: trains neural networks, and uses what they learned

        Start here; there is nothing to set up:
          lamina train              learns to read digits, from built-in handwriting

        Then:
          lamina train DATA         learns from your data: images, or a table
          lamina predict RUN FILE   what a trained network makes of new data
          lamina test RUN DATA      how well it does on other data
          lamina summary RUN        its layers, shapes, parameters and cost
          lamina profile RUN        where the time and memory of a training step go
          lamina data DATA          a look at it: classes, missing values, duplicates
          lamina lr-find DATA       a learning rate for it; batch-find: a batch size
          lamina runs               what was trained so far
          lamina compare RUN OTHER  two runs beside each other
          lamina tasks              what can be learned, from which data

        lamina help train tells of every option.

        """.ReplaceLineEndings("\n");

    private static readonly Dictionary<string, string[]> ByCommand = new()
    {
        ["train"] =
        [
            "lamina train                         built-in digits, to see how it goes",
            "lamina train --quick                 does everything work? in seconds",
            "lamina train photos/                 a sub-folder of images per class",
            "lamina train photos.zip --epochs 20  longer, from a zip, without unpacking",
            "lamina train points.csv              a number from columns of numbers",
            "lamina train book.txt                a text, to write on",
            "lamina train train.en train.de       sentences, to translate",
            "lamina train photos/ --task drawing  images, to draw new ones like them",
            "lamina train --task images --help    the options of one task",
            "lamina train --resume RUN            goes on where a run stopped",
        ],
        ["predict"] =
        [
            "lamina predict RUN image.png        the five most probable classes",
            "lamina predict RUN photos/ --top 1    only the class of each image in a folder",
            "lamina predict RUN - < points.csv     from standard input",
            "lamina predict RUN *.png --json       a JSON object per line, for programs",
        ],
        ["test"] = ["lamina test RUN other-photos/         accuracy, and what is confused"],
        ["summary"] = ["lamina summary RUN"],
        ["profile"] =
        [
            "lamina profile RUN                    by module and by op, at its batch size",
            "lamina profile RUN --batch 256        with another one",
            "lamina profile RUN --json             one JSON object, for programs",
        ],
        ["data"] =
        [
            "lamina data photos/                   counts, classes, what stands out",
            "lamina data photos/ --out look.html   with a sheet of samples, as varied",
            "lamina data table.csv --json          one JSON object, for programs",
        ],
        ["lr-find"] =
        [
            "lamina lr-find                        for the built-in digits",
            "lamina lr-find photos/ --out lr.svg   the curve as a picture too",
            "lamina lr-find RUN                    for training that starts from a run",
        ],
        ["batch-find"] =
        [
            "lamina batch-find photos/             the smallest that is nearly the fastest",
            "lamina batch-find RUN --memory 2      of those that fit into 2 GB",
        ],
        ["runs"] =
        [
            "lamina runs                           what was trained so far",
            "lamina runs --json                    a JSON object per line, for programs",
        ],
        ["compare"] = ["lamina compare runs/a runs/b"],
        ["tasks"] = ["lamina tasks", "lamina train --task images --help"],
        ["help"] = ["lamina help train"],
        ["lamina"] = ["lamina train", "lamina train --help"],
    };

    /// <summary>A text for people with the commands in it as they are typed where this program isn't started as <c>lamina</c>.</summary>
    public static string AsStarted(string text, string program)
    {
        if (program == "lamina") return text;
        foreach (TaskVerb verb in AllTasks.Registry.Tasks.SelectMany(t => t.Verbs))
            text = text.Replace($"lamina {verb.Name} ", $"{program} {verb.Name} ");
        return OurCommand().Replace(text, _ => program);
    }

    [GeneratedRegex(@"\blamina(?= (train|predict|test|summary|profile|data|lr-find|batch-find|runs|compare|tasks|help|--help)\b)")]
    private static partial Regex OurCommand();

    /// <summary>A last line for a page of commands, where this program isn't started as <c>lamina</c>; or nothing.</summary>
    public static string StandsFor(string program) => program == "lamina" ? "" : $"\nHere lamina stands for: {program}\n";

    /// <summary>Examples for the command of this name.</summary>
    public static string Examples(string command) =>
        string.Concat((ByCommand.TryGetValue(command, out string[]? known) ? known : OfVerb(command)).Select(line => $"  {line}\n"));

    private static string[] OfVerb(string name) => [.. AllTasks.Registry.Tasks.SelectMany(t => t.Verbs).Where(v => v.Name == name)
        .SelectMany(v => v.Examples).DefaultIfEmpty($"{name} RUN INPUT").Distinct().Select(example => $"lamina {example}")];
}

/// <summary>Something to read in place of doing what was asked.</summary>
internal abstract class Page : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;
}

/// <summary>The library's help with examples at its end.</summary>
internal sealed class HelpPage(HelpAction standard, Screen screen) : Page
{
    public override int Invoke(ParseResult parsed)
    {
        standard.MaxWidth = screen.Width();
        var text = new StringWriter { NewLine = "\n" };
        TextWriter output = parsed.InvocationConfiguration.Output;
        parsed.InvocationConfiguration.Output = text;
        standard.Invoke(parsed);
        parsed.InvocationConfiguration.Output = output;
        Command command = parsed.CommandResult.Command;
        screen.Write(text.ToString().TrimEnd() + "\n\nExamples:\n" + Help.Examples(command is RootCommand ? "lamina"
            : command.Name) + Help.StandsFor(screen.Program));
        return ExitCodes.Done;
    }
}

/// <summary>The version, by itself on a line.</summary>
internal sealed class VersionPage(Screen screen) : Page
{
    public override int Invoke(ParseResult parsed)
    {
        screen.Write($"lamina {Help.Version}\n");
        return ExitCodes.Done;
    }
}
