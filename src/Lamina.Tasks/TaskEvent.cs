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

/// <summary>The data is there.</summary>
/// <param name="Source">Where it came from: a path, or <c>built-in digits</c>.</param>
/// <param name="Training">Examples to learn from.</param>
/// <param name="Validation">Examples that decide which epoch is best.</param>
/// <param name="Test">Examples to measure on at the end.</param>
/// <param name="Classes">The names of the classes.</param>
/// <param name="Input">The size of one example, such as <c>28×28 grey</c>.</param>
/// <param name="Notes">What was noticed: skipped files, resized images.</param>
public sealed record DataReady(string Source, int Training, int Validation, int Test, IReadOnlyList<string> Classes, string Input, IReadOnlyList<string> Notes) : TaskEvent
{
    /// <summary>How training images are varied, and why; null where nothing is to be said.</summary>
    public string? Augmentation { get; init; }
}

/// <summary>The images that a trained network is measured on are there.</summary>
/// <param name="Source">Where they came from, as it was given.</param>
/// <param name="Part">Which part of the source they are, in words, such as <c>its test part, test/</c>.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Classes">How many classes occur.</param>
/// <param name="Input">The size of an image as it was read, such as <c>28×28 grey</c>.</param>
/// <param name="Notes">What was noticed: skipped files, inverted images, classes without images.</param>
public sealed record TestReady(string Source, string Part, int Count, int Classes, string Input, IReadOnlyList<string> Notes) : TaskEvent;

/// <summary>The network is made.</summary>
/// <param name="Name">Its architecture, such as <c>ConvNet</c>.</param>
/// <param name="Summary">Its layers, shapes and parameters.</param>
public sealed record NetworkReady(string Name, Summary Summary) : TaskEvent;

/// <summary>Something happened in training.</summary>
public sealed record TrainingProgress(TrainingEvent Event) : TaskEvent;

/// <summary>Something worth knowing that is no cause for concern.</summary>
public sealed record Remarked(string Message) : TaskEvent;

/// <summary>Something that a person should know, without stopping for it.</summary>
public sealed record Warned(string Message) : TaskEvent;

/// <summary>The trained network was measured on the test set.</summary>
public sealed record Tested(TestReport Report) : TaskEvent;

/// <summary>A single batch was trained on again and again, to see whether it can be learned by heart.</summary>
/// <param name="Report">How the network does on that batch, which is all that was measured.</param>
/// <param name="IsLearned">Whether it was learned: nearly all right, at a loss near 0.</param>
public sealed record Overfitted(TestReport Report, bool IsLearned) : TaskEvent;

/// <summary>How a classifier did on the test set.</summary>
/// <param name="Accuracy">The share of examples that were classed right, 0 to 1.</param>
/// <param name="Loss">The mean loss.</param>
/// <param name="Count">The number of examples.</param>
/// <param name="Confused">The pairs of classes that were confused most, the most frequent first.</param>
public sealed record TestReport(double Accuracy, double Loss, int Count, IReadOnlyList<ConfusedPair> Confused);

/// <summary>A class that was often taken for another.</summary>
/// <param name="Actual">The right class.</param>
/// <param name="Predicted">What the network said.</param>
/// <param name="Count">How often.</param>
/// <param name="Examples">Some of the images.</param>
public sealed record ConfusedPair(string Actual, string Predicted, int Count, IReadOnlyList<ImageExample> Examples);

/// <summary>An image to be shown: (height, width, channels) of 0 to 255, channels last.</summary>
public sealed record ImageExample(byte[] Pixels, int Height, int Width, int Channels);

/// <summary>A job that could not be done for a reason that its user can mend: a wrong path, a run folder that isn't one.</summary>
/// <param name="problem">What is wrong, and where.</param>
/// <param name="remedy">What to do about it.</param>
public sealed class TaskException(string problem, string? remedy = null)
    : Exception(ForeignText.Show(problem) + (remedy is null ? "" : $"\n  try {ForeignText.Show(remedy)}"));
