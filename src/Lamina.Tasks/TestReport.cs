using Lamina.Tasks.Detection;

namespace Lamina.Tasks;

/// <summary>How a trained network did on examples that it hasn't seen.</summary>
/// <param name="Figures">What was measured, the figure that matters most first.</param>
/// <param name="Count">The number of examples.</param>
/// <param name="Mistakes">What went wrong most, the worst first.</param>
public sealed record TestReport(Figures Figures, int Count, IReadOnlyList<Mistake> Mistakes)
{
    /// <summary>What was tested on, where that has a name, such as <c>speaker george</c>; null where it is examples of all kinds.</summary>
    public string? Part { get; init; }

    /// <summary>What the mistakes are, as a heading.</summary>
    public string MistakesTitle { get; init; } = "most confused";

    /// <summary>What a prediction that ignores the input reaches, measured alike; null where it isn't known.</summary>
    public BaselineReport? Baseline { get; init; }

    /// <summary>What other simple predictions reach, measured alike; empty where there are none.</summary>
    public IReadOnlyList<BaselineReport> OtherBaselines { get; init; } = [];

    /// <summary>
    /// Of two classes the one that <c>f1</c>, <c>precision</c> and <c>recall</c> are of: the rarer one in training. Null where there aren't two.
    /// </summary>
    public string? PositiveClass { get; init; }

    /// <summary>The figures of each class, in the order of the network's outputs; empty where no classes are predicted.</summary>
    public IReadOnlyList<ClassReport> Classes { get; init; } = [];

    /// <summary>Which class was taken for which; null where no classes are predicted.</summary>
    public Confusion? Confusion { get; init; }

    /// <summary>How well the probabilities are what they say; null where no classes are predicted.</summary>
    public Calibration? Calibration { get; init; }

    /// <summary>Predicted against actual values, for each number that is predicted; empty where none is.</summary>
    public IReadOnlyList<Residuals> Residuals { get; init; } = [];

    /// <summary>The examples that were predicted worst, the worst first; at most 24.</summary>
    public IReadOnlyList<WorstExample> Worst { get; init; } = [];

    /// <summary>Some forecasts of the test, evenly spread ones before the worst; empty where no series are forecast.</summary>
    public IReadOnlyList<SeriesSample> Forecasts { get; init; } = [];

    /// <summary>The error of each step of the horizon; empty where no series are forecast.</summary>
    public IReadOnlyList<StepError> ErrorsByStep { get; init; } = [];

    /// <summary>What mistakes cost where a rare class is decided for by a threshold; null elsewhere.</summary>
    public CostReport? Cost { get; init; }

    /// <summary>What is odd, the oddest of each kind first; at most 200. Null where nothing odd was looked for.</summary>
    public IReadOnlyList<AnomalyReport>? Anomalies { get; init; }

    /// <summary>How many odd stretches of each kind there are.</summary>
    public IReadOnlyDictionary<AnomalyKind, int> AnomalyCounts { get; init; } = new Dictionary<AnomalyKind, int>();

    /// <summary>Images that were drawn, each beside the training image that is nearest; those nearest to one come first. Empty where nothing is drawn.</summary>
    public IReadOnlyList<DrawnImage> Drawings { get; init; } = [];

    /// <summary>The value of a figure.</summary>
    /// <exception cref="KeyNotFoundException">There is none of this name.</exception>
    public double this[string name] => Figures[name];
}

/// <summary>An image that a network drew.</summary>
/// <param name="Class">The class that was asked for; null where there are none.</param>
/// <param name="ReadAs">The class that a classifier of real images takes it for; null where there are none.</param>
/// <param name="Image">The image.</param>
/// <param name="Nearest">The training image whose pixels differ least.</param>
/// <param name="Distance">How much they differ: the root of the mean squared difference, pixels being 0 to 1.</param>
public sealed record DrawnImage(string? Class, string? ReadAs, ImageSample Image, ImageSample Nearest, double Distance);

/// <summary>What a simple prediction reaches: one that ignores the input, or a simple model.</summary>
/// <param name="Name">How it predicts, such as <c>always the most frequent class</c>.</param>
/// <param name="Figures">The same figures as the network's.</param>
public sealed record BaselineReport(string Name, Figures Figures)
{
    /// <summary>Whether it is a model that looks at the input.</summary>
    public bool IsModel { get; init; }
}

/// <summary>What the mistakes of decisions for a rare class cost, per 1,000 examples.</summary>
/// <param name="Decision">The costs and the threshold.</param>
/// <param name="Cost">What they cost at the threshold.</param>
/// <param name="Nothing">What they would cost if the class were never said.</param>
/// <param name="All">What they would cost if it were always said.</param>
public sealed record CostReport(RareDecision Decision, double Cost, double Nothing, double All);

/// <summary>A stretch of steps that is odd.</summary>
/// <param name="Kind">What is odd about it.</param>
/// <param name="Start">The time of its first step.</param>
/// <param name="End">The time of its last step.</param>
/// <param name="Steps">The number of steps.</param>
/// <param name="Columns">The columns that are odd, the oddest first.</param>
/// <param name="Sureness">The share of the training steps that are less odd.</param>
/// <param name="Score">How odd it is; 1 is the threshold.</param>
public sealed record AnomalyReport(AnomalyKind Kind, string Start, string End, int Steps, IReadOnlyList<string> Columns, double Sureness, double Score)
{
    /// <summary>Which of several series in one table it is of; null where there is one.</summary>
    public string? Series { get; init; }

    /// <summary>Values of its first column around it; NaN where one is missing. Empty where it isn't drawn.</summary>
    public IReadOnlyList<double> Around { get; init; } = [];

    /// <summary>Where among them it begins.</summary>
    public int At { get; init; }
}

/// <summary>The error of one step of a horizon.</summary>
/// <param name="Step">The step, from 1.</param>
/// <param name="Error">The mean absolute error in standard units.</param>
/// <param name="Baseline">That of the baseline.</param>
public sealed record StepError(int Step, double Error, double Baseline);

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

/// <summary>The figures of one class.</summary>
/// <param name="Name">The class.</param>
/// <param name="Count">The number of examples of it.</param>
/// <param name="Precision">The share of what was said to be of the class that is; 0 where it never was said though it occurs, NaN where neither.</param>
/// <param name="Recall">The share of the class's examples that were found; NaN where there are none.</param>
/// <param name="F1">The harmonic mean of both; NaN where the class neither occurs nor was said.</param>
public sealed record ClassReport(string Name, long Count, double Precision, double Recall, double F1);

/// <summary>Which class was taken for which.</summary>
/// <param name="Matrix">How often each class (row) was taken for each (column), up to <see cref="MostClasses"/> classes; null for more.</param>
/// <param name="Pairs">The wrong pairs, the most frequent first; at most <see cref="MostPairs"/>.</param>
public sealed record Confusion(IReadOnlyList<IReadOnlyList<long>>? Matrix, IReadOnlyList<ConfusedPair> Pairs)
{
    /// <summary>The largest number of classes for which the whole matrix is kept.</summary>
    public const int MostClasses = 100;

    /// <summary>The largest number of pairs that are kept.</summary>
    public const int MostPairs = 100;
}

/// <summary>A class that was taken for another.</summary>
/// <param name="Actual">The class that is right.</param>
/// <param name="Predicted">The class that was said.</param>
/// <param name="Count">How often.</param>
public sealed record ConfusedPair(string Actual, string Predicted, long Count);

/// <summary>How well the probabilities of predicted classes are what they say, in ten bins of equal width (Guo et al., 2017).</summary>
/// <param name="Bins">The bins, from probability 0 to 1.</param>
/// <param name="Error">The expected calibration error: the mean distance between probability and accuracy, each bin weighted by its examples.</param>
public sealed record Calibration(IReadOnlyList<CalibrationBin> Bins, double Error);

/// <summary>The examples whose predicted class has a probability in one range.</summary>
/// <param name="Confidence">The mean of those probabilities; NaN where there are no examples.</param>
/// <param name="Accuracy">The share of them that is right; NaN where there are no examples.</param>
/// <param name="Count">The number of examples.</param>
public sealed record CalibrationBin(double Confidence, double Accuracy, long Count);

/// <summary>Predicted against actual values of a number.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Unit">Its unit, or null.</param>
/// <param name="Points">Some of the examples, evenly spread over the test set; at most 2,000.</param>
public sealed record Residuals(string Name, string? Unit, IReadOnlyList<ResidualPoint> Points)
{
    /// <summary>The half-width that 90 % of the validation examples lie within, in the unit; null where it isn't known.</summary>
    public double? Interval { get; init; }

    /// <summary>The share of all test examples whose value lies within <see cref="Interval"/> of the prediction; null where that isn't known.</summary>
    public double? Within { get; init; }
}

/// <summary>An actual value and what was predicted, in the number's unit.</summary>
public readonly record struct ResidualPoint(double Actual, double Predicted);

/// <summary>An example that was predicted badly.</summary>
/// <param name="Actual">What is right.</param>
/// <param name="Predicted">What the network said.</param>
/// <param name="Confidence">The probability that the network gave to what it said; null where no classes are predicted.</param>
/// <param name="Sample">The example; null where it can't be shown.</param>
public sealed record WorstExample(string Actual, string Predicted, double? Confidence, Sample? Sample);
