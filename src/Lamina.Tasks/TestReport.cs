namespace Lamina.Tasks;

/// <summary>How a trained network did on examples that it hasn't seen.</summary>
/// <param name="Figures">What was measured, the figure that matters most first.</param>
/// <param name="Count">The number of examples.</param>
/// <param name="Mistakes">What went wrong most, the worst first.</param>
public sealed record TestReport(Figures Figures, int Count, IReadOnlyList<Mistake> Mistakes)
{
    /// <summary>What the mistakes are, as a heading.</summary>
    public string MistakesTitle { get; init; } = "most confused";

    /// <summary>What a prediction that ignores the input reaches, measured alike; null where it isn't known.</summary>
    public BaselineReport? Baseline { get; init; }

    /// <summary>The value of a figure.</summary>
    /// <exception cref="KeyNotFoundException">There is none of this name.</exception>
    public double this[string name] => Figures[name];
}

/// <summary>What a prediction that ignores the input reaches.</summary>
/// <param name="Name">How it predicts, such as <c>always the most frequent class</c>.</param>
/// <param name="Figures">The same figures as the network's.</param>
public sealed record BaselineReport(string Name, Figures Figures);

/// <summary>What a network takes for something else.</summary>
/// <param name="Actual">What is right.</param>
/// <param name="Predicted">What the network said.</param>
/// <param name="Count">How often.</param>
/// <param name="Samples">Some of the examples.</param>
public sealed record Mistake(string Actual, string Predicted, int Count, IReadOnlyList<Sample> Samples)
{
    /// <summary>Whether it is the error of one number, rather than a confusion of two classes that may happen often.</summary>
    public bool IsNumber { get; init; }
}
