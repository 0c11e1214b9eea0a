using System.Globalization;
using System.Text.Json;
using Lamina.Tasks.Runs;

namespace Lamina.Tasks.Spine;

/// <summary>A run's settings as they were decided, and the command that repeats it.</summary>
internal static class RunCommand
{
    /// <summary>The options that were given or decided, by name; a flag has an empty value.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Options(LearningTask task, RunInfo run)
    {
        var options = new List<KeyValuePair<string, string>>();
        void Add(string name, object? value)
        {
            if (value is not null and not false) options.Add(new(name, value is true ? "" : Convert.ToString(value, CultureInfo.InvariantCulture)!));
        }

        TrainingSettings s = run.Settings;
        Add(CommonOptions.Epochs, s.Epochs);
        Add(CommonOptions.Batch, s.Batch);
        Add(CommonOptions.LearningRate, s.LearningRate);
        Add(CommonOptions.OptimizerName, s.Optimizer);
        Add(CommonOptions.Seed, s.Seed);
        Add(CommonOptions.Patience, s.Patience);
        Add(CommonOptions.Minutes, s.Minutes);
        Add(CommonOptions.Validation, run.ValidationData);
        Add(CommonOptions.Test, run.TestData);
        Add(CommonOptions.Group, s.Split.Group);
        Add(CommonOptions.Time, s.Split.Time);
        Add(CommonOptions.Folds, s.Split.Folds);
        Add(CommonOptions.From, run.From);
        Add(CommonOptions.Freeze, s.Freeze);
        Add(CommonOptions.Unfreeze, s.Unfreeze);
        Add(CommonOptions.Quick, s.Quick);
        Add(CommonOptions.OverfitBatch, s.OverfitBatch);
        Add(CommonOptions.NoSamples, s.NoSamples);
        foreach (TaskOption option in task.Options)
        {
            if (run.Options.TryGetValue(option.Name, out JsonElement value))
            {
                Add(option.Name, value.ValueKind switch
                {
                    JsonValueKind.String when value.GetString() is { Length: > 0 } text => text,
                    JsonValueKind.Number => value.GetRawText(),
                    JsonValueKind.True => true,
                    _ => null,
                });
            }
        }
        return options;
    }

    /// <summary>The command line, quoted for a shell.</summary>
    public static string Of(LearningTask task, RunInfo run)
    {
        var words = new List<string> { "lamina", "train" };
        if (run.Data is { } data) words.Add(ShellPath.Quote(data));
        else if (run.BuiltIn == RunInfo.RowsFromCode) words.Add("FILE"); // the same rows, saved in one
        words.AddRange(["--task", task.Name]);
        foreach ((string name, string value) in Options(task, run))
        {
            // A value with a dash before it would be read as an option.
            if (value.StartsWith('-')) words.Add($"--{name}={ShellPath.Quote(value)}");
            else words.AddRange(value.Length == 0 ? [$"--{name}"] : [$"--{name}", ShellPath.Quote(value)]);
        }
        return string.Join(' ', words);
    }
}
