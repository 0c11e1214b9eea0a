using System.Globalization;

namespace Lamina.Tasks.Spine;

/// <summary>Holds a request against what a task takes.</summary>
internal static class OptionCheck
{
    /// <exception cref="TaskException">An option isn't the task's, makes no sense for it, has a value out of its range, or contradicts another.</exception>
    public static void Require(LearningTask task, TaskRequest request)
    {
        Require($"the task {task.Name}", CommonOptions.All.Concat(task.Options), request.Values);
        IEnumerable<string> given = [.. request.Values.Keys, .. request.Data?.Validation is null ? [] : new[] { CommonOptions.Validation },
            .. request.Data?.Test is null ? [] : new[] { CommonOptions.Test }];
        foreach (string name in given)
            if (task.Refuses(name) is { } reason) throw new TaskException($"--{name} can't be used with the task {task.Name}: {reason}");
        if (request.Data is null && task.BuiltInData is null) throw new TaskException($"the task {task.Name} has no built-in data", $"data: {task.DataHelp}");
        if (request.Data is { IsStandardInput: true })
            throw new TaskException("training reads its data more than once, so it can't come from standard input", "a file");
        Exclude(request, CommonOptions.Folds, [CommonOptions.Test, CommonOptions.Validation, CommonOptions.Time, CommonOptions.OverfitBatch],
            "a cross-validation makes its own test sets");
        foreach (string option in (string[])[CommonOptions.Freeze, CommonOptions.Unfreeze])
            if (request.Values.ContainsKey(option) && !request.Values.ContainsKey(CommonOptions.From))
                throw new TaskException($"--{option} leaves layers as they are, and weights that were just drawn are of no use",
                    $"--{CommonOptions.From} RUN, whose weights it starts from");
        if (request.Text(CommonOptions.Freeze) is { } frozen && frozen.Trim(',', ' ') is "" or "0")
            throw new TaskException($"--{CommonOptions.Freeze} {frozen}: expected a number of layers from 1, head, or paths of layers", "head");
        Exclude(request, CommonOptions.Time, [CommonOptions.Group], "rows are split by one of the two");
    }

    /// <exception cref="TaskException">An option isn't that of the task's verb, or has a value out of its range.</exception>
    public static void Require(LearningTask task, TaskVerb verb, IReadOnlyDictionary<string, object> values, TaskRegistry tasks)
    {
        foreach (string name in values.Keys.Except(verb.Options.Select(o => o.Name)))
        {
            string[] others = [.. tasks.Tasks.Where(t => t.Verbs.Any(v => v.Name == verb.Name && v.Options.Any(o => o.Name == name))).Select(t => t.Name)];
            if (others.Length > 0)
                throw new TaskException($"{verb.Name} --{name} is for runs of {string.Join(" and ", others)}; this is a run of {task.Name}",
                    string.Join(", ", verb.Options.Select(o => $"--{o.Name}")));
        }
        Require($"{verb.Name} with a run of {task.Name}", verb.Options, values);
    }

    private static void Require(string owner, IEnumerable<TaskOption> options, IReadOnlyDictionary<string, object> values)
    {
        var known = options.ToDictionary(o => o.Name);
        foreach ((string name, object value) in values)
        {
            if (!known.TryGetValue(name, out TaskOption? option))
            {
                string? near = NearName.Find(name, known.Keys);
                throw new TaskException($"{owner} has no option --{name}", near is null ? null : $"--{near}");
            }
            if (option.Problem(value) is { } accepted)
                throw new TaskException(string.Create(CultureInfo.InvariantCulture, $"--{name} {value}: expected {accepted}"));
        }
    }

    private static void Exclude(TaskRequest request, string option, string[] others, string reason)
    {
        if (!request.Values.ContainsKey(option)) return;
        foreach (string other in others)
            if (request.Values.ContainsKey(other) || other == CommonOptions.Test && request.Data?.Test is not null
                || other == CommonOptions.Validation && request.Data?.Validation is not null)
                throw new TaskException($"--{option} and --{other} can't be given together: {reason}", "one of the two alone");
    }
}
