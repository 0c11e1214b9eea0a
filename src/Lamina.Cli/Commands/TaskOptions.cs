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
        IEnumerable<TaskOption> own = Named is { } one ? one.Options : tasks.Tasks.SelectMany(t => t.Options.Select(o => (Task: t.Name, Option: o)))
            .GroupBy(o => o.Option.Name).Select(same => same.First().Option with
            {
                Help = $"{same.First().Option.Help} (task{(same.Count() > 1 ? "s" : "")} {string.Join(", ", same.Select(o => o.Task))})",
            });
        Add(CommonOptions.All.Where(o => Named?.Refuses(o.Name) is null).Concat(own));
    }

    /// <summary>These options.</summary>
    public TaskOptions(IEnumerable<TaskOption> declared) => Add(declared);

    /// <summary>The task that the command line names, where there is such.</summary>
    public LearningTask? Named { get; }

    /// <summary>The options, in the order of the help.</summary>
    public IEnumerable<Option> Options => _options.Select(o => o.Option);

    /// <summary>The option of a name.</summary>
    public Option Find(string name) => _options.Single(o => o.Declared.Name == name).Option;

    /// <summary>The values that are given, by name.</summary>
    /// <exception cref="UsageException">One isn't accepted.</exception>
    public Dictionary<string, object> Read(ParseResult parsed)
    {
        var values = new Dictionary<string, object>();
        foreach ((TaskOption declared, Option option) in _options)
        {
            if (parsed.GetResult(option) is not { Implicit: false }) continue;
            values[declared.Name] = option is Option<bool> ? true : Parse(declared, parsed.GetValue((Option<string>)option) ?? "", UsageCheck.Name(parsed.CommandResult.Command));
        }
        return values;
    }

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

    /// <summary>Refuses options that are another task's.</summary>
    /// <exception cref="UsageException">There is one.</exception>
    public static void Require(LearningTask task, IEnumerable<string> given, Command command)
    {
        HashSet<string> known = [.. CommonOptions.All.Concat(task.Options).Select(o => o.Name)];
        if (given.FirstOrDefault(name => !known.Contains(name)) is not { } other) return;
        string suggestion = Synonyms.ForOption($"--{other}", [.. known.Select(n => $"--{n}")], []);
        throw new UsageException($"the task {task.Name} has no option --{other}{suggestion}", $"{UsageCheck.Name(command)} {Task} {task.Name}");
    }

    private void Add(IEnumerable<TaskOption> options)
    {
        foreach (TaskOption declared in options)
        {
            string typedName = $"--{declared.Name}";
            Option option = declared.Kind == OptionKind.Flag ? TrainCommand.Flag(typedName, declared.Help) : TrainCommand.Value(typedName, declared.ValueName, declared.Help);
            if (declared.Alias is { } alias) option.Aliases.Add($"--{alias}");
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
