namespace Lamina.Tasks.Spine;

/// <summary>The tasks that a program knows, by name.</summary>
/// <param name="tasks">The tasks; the first is the one that has built-in data, and takes what no other recognises.</param>
public sealed class TaskRegistry(params IReadOnlyList<LearningTask> tasks)
{
    // Below it, data isn't recognised at all.
    private const double Least = 0.05;

    /// <summary>All tasks.</summary>
    public IReadOnlyList<LearningTask> Tasks => tasks;

    /// <summary>The task of a name, or null.</summary>
    public LearningTask? Find(string name) => tasks.FirstOrDefault(t => t.Name == name);

    /// <summary>The task that fits the data best; the first of the list where there is no data, or none fits.</summary>
    public (LearningTask Task, Recognition Recognition) Recognize(DataSource? data)
    {
        if (data is null) return (tasks[0], Recognition.None);
        (LearningTask Task, Recognition Fit) best = tasks.Select(task => (task, task.Recognize(data))).MaxBy(t => t.Item2.Score);
        return best.Fit.Score >= Least ? best : (tasks[0], Recognition.None);
    }
}
