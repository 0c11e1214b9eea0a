namespace Lamina.Tasks;

/// <summary>What was seen in data before training.</summary>
/// <param name="Task">The task.</param>
/// <param name="Source">Where the data is: a path, or the name of built-in data.</param>
/// <param name="Input">What an example is, such as <c>28×28 grey</c>.</param>
/// <param name="Output">What would be learned.</param>
/// <param name="Parts">Training, validation and test, as training would split them.</param>
/// <param name="Findings">What stands out, warnings first.</param>
public sealed record DataLook(string Task, string Source, string Input, OutputMeaning Output, IReadOnlyList<DataPart> Parts,
    IReadOnlyList<DataFinding> Findings)
{
    /// <summary>The columns of a table; empty elsewhere.</summary>
    public IReadOnlyList<DataColumn> Columns { get; init; } = [];

    /// <summary>Some examples of the training part, evenly spread.</summary>
    public IReadOnlyList<DataSample> Samples { get; init; } = [];

    /// <summary>The same examples as the network sees them, where that is an image: varied as in training, its range stretched to that of a
    /// picture.</summary>
    public IReadOnlyList<DataSample> Varied { get; init; } = [];
}

/// <summary>One of the parts of data.</summary>
/// <param name="Name">Its name: training, validation or test.</param>
/// <param name="Count">The number of examples.</param>
public sealed record DataPart(string Name, int Count)
{
    /// <summary>The number of examples of each class, in the order of the output's names; null where no classes are learned.</summary>
    public IReadOnlyList<long>? Classes { get; init; }

    /// <summary>The range of each number that is learned, in the output's order; null where none is.</summary>
    public IReadOnlyList<NumberRange>? Numbers { get; init; }
}

/// <summary>The range of some numbers, in their unit.</summary>
/// <param name="Name">What they are.</param>
/// <param name="Least">The least.</param>
/// <param name="Greatest">The greatest.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="Deviation">Their standard deviation.</param>
public sealed record NumberRange(string Name, double Least, double Greatest, double Mean, double Deviation);

/// <summary>Something that stands out.</summary>
/// <param name="Name">What kind it is, for programs: <c>duplicates</c>, <c>imbalance</c>, <c>missing</c> …</param>
/// <param name="IsWarning">Whether it may spoil a training or its test.</param>
/// <param name="Text">What it is, as a sentence.</param>
public sealed record DataFinding(string Name, bool IsWarning, string Text)
{
    /// <summary>How many examples it is about; null where it isn't about a number of them.</summary>
    public long? Count { get; init; }
}

/// <summary>A column of a table.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What it holds: <c>number</c>, <c>category</c>, <c>date</c>, <c>text</c>, <c>identifier</c>, <c>constant</c> or
/// <c>empty</c>.</param>
/// <param name="Missing">The number of rows without a value.</param>
/// <param name="Different">The number of different values, as far as they were told apart.</param>
public sealed record DataColumn(string Name, string Kind, long Missing, long Different)
{
    /// <summary>The range of its numbers; null where it holds none.</summary>
    public NumberRange? Range { get; init; }

    /// <summary>Its most frequent values with the number of rows of each, the most frequent first; empty where hardly any comes twice.</summary>
    public IReadOnlyList<KeyValuePair<string, long>> Frequent { get; init; } = [];

    /// <summary>What is done with it, such as <c>predicted</c> or <c>left out</c>; null where it goes in.</summary>
    public string? Role { get; init; }
}

/// <summary>An example of the data.</summary>
/// <param name="Label">What is to be learned of it.</param>
/// <param name="Sample">The example.</param>
public sealed record DataSample(string Label, Sample Sample);
