using System.CommandLine;
using System.CommandLine.Parsing;
using Lamina.Tasks;
using Lamina.Tasks.Spine;

namespace Lamina.Cli.Commands;

/// <summary>The options of tasks as options of a command: made from what tasks declare, and read by it.</summary>
internal sealed class TaskOptions
{
    public const string Task = "--task";

    private readonly List<(TaskOption Declared, Option Option)> _options = [];

    /// <summary>The options of all tasks, or of the one that the command line names.</summary>
    /// <param name="tasks">The tasks.</param>
    /// <param name="typed">The command line, as far as it names a task.</param>
    public TaskOptions(TaskRegistry tasks, IReadOnlyList<string> typed)
    {
        Named = NameIn(typed) is { } name ? tasks.Find(name.ToLowerInvariant()) : null;
        IEnumerable<TaskOption> own = Named is { } one ? one.Options : Merged(tasks.Tasks.SelectMany(t => t.Options.Select(o => (t.Name, o))), null,
            names => $"task{(names.Length > 1 ? "s" : "")} {string.Join(", ", names)}");
        Add(CommonOptions.All.Where(o => Named?.Refuses(o.Name) is null).Concat(own));
        if (Named is null) return;
        // What isn't this task's is read too, and not shown: it's answered by whose it is, rather than as a slip.
        HashSet<string> known = [.. _options.Select(o => o.Declared.Name)];
        Add(CommonOptions.All.Concat(tasks.Tasks.SelectMany(t => t.Options)).DistinctBy(o => o.Name).Where(o => !known.Contains(o.Name)), isHidden: true);
    }

    /// <summary>These options.</summary>
    public TaskOptions(IEnumerable<TaskOption> declared) => Add(declared);

    /// <summary>The task that the command line names, where there is such.</summary>
    public LearningTask? Named { get; }

    /// <summary>The options, in the order of the help.</summary>
    public IEnumerable<Option> Options => _options.Select(o => o.Option);

    /// <summary>The option of a name.</summary>
    public Option Find(string name) => _options.Single(o => o.Declared.Name == name).Option;

    /// <summary>One option of each name, with the help of all that declare it: whose it is where that isn't all of them.</summary>
    /// <param name="options">The options, with the names of their tasks.</param>
    /// <param name="all">How many tasks there are; null where it's always said whose an option is.</param>
    /// <param name="whose">Names the tasks.</param>
    public static IEnumerable<TaskOption> Merged(IEnumerable<(string Task, TaskOption Option)> options, int? all, Func<string[], string> whose) =>
        options.GroupBy(o => o.Option.Name).Select(same =>
        {
            (string Help, string[] Tasks)[] helps = [.. same.GroupBy(o => o.Option.Help).Select(g => (g.Key, g.Select(o => o.Task).ToArray()))];
            return same.First().Option with
            {
                Least = same.Min(o => o.Option.Least), Most = same.Max(o => o.Option.Most),
                Help = helps is [{ Tasks.Length: var tasks } only] && tasks == all ? only.Help
                    : string.Join(" ", helps.Select(h => $"{h.Help.TrimEnd('.')} ({whose(h.Tasks)}).")),
            };
        });

    /// <summary>The values that are given, by name.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="task">The task whose options they are, once it's known: several may have one of a name, each with its own values.</param>
    /// <exception cref="UsageException">One isn't accepted, or is another task's.</exception>
    public Dictionary<string, object> Read(ParseResult parsed, LearningTask? task = null)
    {
        (TaskOption Declared, Option Option)[] given = [.. _options.Where(o => parsed.GetResult(o.Option) is { Implicit: false })];
        if (task is not null) Require(task, given.Select(o => o.Declared.Name), parsed.CommandResult.Command);
        return given.ToDictionary(o => o.Declared.Name, o => o.Option is Option<bool> ? true
            : Parse(task?.Options.FirstOrDefault(own => own.Name == o.Declared.Name) ?? o.Declared, parsed.GetValue((Option<string>)o.Option) ?? "",
                UsageCheck.Name(parsed.CommandResult.Command)));
    }

    /// <summary>The value of a text that all tasks have; null where it isn't given.</summary>
    /// <exception cref="UsageException">It isn't accepted.</exception>
    public string? Text(ParseResult parsed, string name) =>
        _options.FirstOrDefault(o => o.Declared.Name == name) is { Option: Option<string> option, Declared: { } declared }
            && parsed.GetValue(option) is { } text
            ? (string)Parse(declared, text, UsageCheck.Name(parsed.CommandResult.Command)) : null;

    /// <summary>Reads a value as its declaration says.</summary>
    /// <exception cref="UsageException">It isn't accepted.</exception>
    public static object Parse(TaskOption declared, string text, string command)
    {
        try
        {
            return declared.Parse(text);
        }
        catch (TaskOptionException e)
        {
            throw new UsageException($"--{e.Message}", command, e.More);
        }
    }

    // Refuses options that are another task's.
    private static void Require(LearningTask task, IEnumerable<string> given, Command command)
    {
        HashSet<string> known = [.. CommonOptions.All.Concat(task.Options).Select(o => o.Name)];
        if (given.FirstOrDefault(name => !known.Contains(name)) is not { } other) return;
        string suggestion = Synonyms.ForOption($"--{other}", [.. known.Select(n => $"--{n}")], []);
        throw new UsageException($"the task {task.Name} has no option --{other}{suggestion}", $"{UsageCheck.Name(command)} {Task} {task.Name}");
    }

    private void Add(IEnumerable<TaskOption> options, bool isHidden = false)
    {
        foreach (TaskOption declared in options)
        {
            string typedName = $"--{declared.Name}";
            Option option = declared.Kind == OptionKind.Flag ? TrainCommand.Flag(typedName, declared.Help)
                : TrainCommand.Value(typedName, declared.ValueName, declared.Help);
            if (declared.Alias is { } alias) option.Aliases.Add($"--{alias}");
            option.Hidden = isHidden;
            _options.Add((declared, option));
        }
    }

    // Before the line is parsed, since what can be parsed depends on it.
    private static string? NameIn(IReadOnlyList<string> typed)
    {
        string[] line = [.. typed.TakeWhile(t => t != "--")];
        int at = Array.FindLastIndex(line, t => t == Task || t.StartsWith(Task + "=", StringComparison.Ordinal));
        return at < 0 ? null : line[at] != Task ? line[at][(Task.Length + 1)..] : at + 1 < line.Length ? line[at + 1] : null;
    }
}
