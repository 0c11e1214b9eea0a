using Lamina.Formats;
using Lamina.Learning.Modules;
using Lamina.Learning.Training;

namespace Lamina.Tasks;

/// <summary>Something that happened in a job: a value, for terminals, logs and reports to show.</summary>
public abstract record TaskEvent;

/// <summary>Data is being read or made.</summary>
/// <param name="What">What is being done, such as <c>reading images</c>.</param>
/// <param name="Done">Items done.</param>
/// <param name="Total">Items in all, as far as is known.</param>
public sealed record Preparing(string What, int Done, int Total) : TaskEvent;

/// <summary>A task was chosen by the data.</summary>
/// <param name="Task">Its name.</param>
/// <param name="Reason">The sentence that says why.</param>
public sealed record TaskChosen(string Task, string Reason) : TaskEvent;

/// <summary>The data is there.</summary>
/// <param name="Source">Where it came from: a path, or the name of built-in data.</param>
/// <param name="Training">Number of examples to learn from.</param>
/// <param name="Validation">Number of examples that decide which epoch is best.</param>
/// <param name="Test">Number of examples to measure on at the end.</param>
/// <param name="Output">What is learned.</param>
/// <param name="Input">What an example is, such as <c>28×28 grey</c> or <c>3 columns</c>.</param>
/// <param name="Notes">What was noticed: skipped files, how the data was split.</param>
public sealed record DataReady(string Source, int Training, int Validation, int Test, OutputMeaning Output, string Input,
    IReadOnlyList<string> Notes) : TaskEvent
{
    /// <summary>What the task decided and a person should know, such as how training images are varied.</summary>
    public IReadOnlyList<Fact> Facts { get; init; } = [];
}

/// <summary>Something that a task decided.</summary>
/// <param name="Name">Its name for programs, such as <c>augmentation</c>.</param>
/// <param name="Label">Its name for people, at most nine letters.</param>
/// <param name="Text">What was decided, and why.</param>
public sealed record Fact(string Name, string Label, string Text);

/// <summary>The examples that a trained network is measured on are there.</summary>
/// <param name="Source">Where they came from, as it was given.</param>
/// <param name="Part">Which part of the source they are, in words, such as <c>its test part, test/</c>.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Item">What one of them is called, such as <c>image</c>.</param>
/// <param name="Input">What an example is, such as <c>28×28 grey</c>.</param>
/// <param name="Notes">What was noticed: skipped files, inverted images, classes without examples.</param>
public sealed record TestReady(string Source, string Part, int Count, string Item, string Input, IReadOnlyList<string> Notes) : TaskEvent
{
    /// <summary>How many classes occur; null where there are none.</summary>
    public int? Classes { get; init; }
}

/// <summary>The network is made.</summary>
/// <param name="Name">Its architecture, such as <c>ConvNet</c>.</param>
/// <param name="Summary">Its layers, shapes and parameters.</param>
public sealed record NetworkReady(string Name, Summary Summary) : TaskEvent;

/// <summary>Something happened in training.</summary>
public sealed record TrainingProgress(TrainingEvent Event) : TaskEvent;

/// <summary>What the network makes after an epoch, to watch it learn.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Sample">What it made.</param>
public sealed record Illustrated(int Epoch, Sample Sample) : TaskEvent;

/// <summary>Something worth knowing that is no cause for concern.</summary>
public sealed record Remarked(string Message) : TaskEvent;

/// <summary>Something that a person should know, without stopping for it.</summary>
public sealed record Warned(string Message) : TaskEvent;

/// <summary>The trained network was measured on the test set.</summary>
public sealed record Tested(TestReport Report) : TaskEvent;

/// <summary>All folds of a cross-validation are done.</summary>
/// <param name="Mean">The mean of each figure over the folds in which it is defined.</param>
/// <param name="Deviation">The standard deviation of each figure over the folds.</param>
/// <param name="Folds">The number of folds.</param>
public sealed record FoldsDone(Figures Mean, IReadOnlyDictionary<string, double> Deviation, int Folds) : TaskEvent
{
    /// <summary>The figures of each fold by what it was tested on, such as a speaker; empty where folds have no names.</summary>
    public IReadOnlyList<KeyValuePair<string, Figures>> Each { get; init; } = [];
}

/// <summary>A single batch was trained on again and again, to see whether it can be learned by heart.</summary>
/// <param name="Report">How the network does on that batch, which is all that was measured.</param>
/// <param name="IsLearned">Whether it was learned: nearly all right, at a loss near 0.</param>
public sealed record Overfitted(TestReport Report, bool IsLearned) : TaskEvent;

/// <summary>A job that could not be done for a reason that its user can mend: a wrong path, a run folder that isn't one.</summary>
/// <param name="problem">What is wrong, and where.</param>
/// <param name="remedy">What to do about it.</param>
public sealed class TaskException(string problem, string? remedy = null)
    : Exception(ForeignText.Show(problem) + (remedy is null ? "" : $"\n  try {ForeignText.Show(remedy)}"));
