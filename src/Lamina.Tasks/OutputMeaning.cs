using System.Text.Json.Serialization;

namespace Lamina.Tasks;

/// <summary>What a network's output means, as <c>run.json</c> holds it.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(ClassOutput), "classes")]
[JsonDerivedType(typeof(NumberOutput), "number")]
[JsonDerivedType(typeof(NumbersOutput), "numbers")]
[JsonDerivedType(typeof(PositionsOutput), "positions")]
public abstract record OutputMeaning
{
    /// <summary>In a few words, such as <c>10 classes</c>.</summary>
    [JsonIgnore]
    public abstract string Text { get; }

    /// <summary>Why the meaning can't be that of a network, or null.</summary>
    internal abstract string? Problem { get; }
}

/// <summary>One of some classes: the network gives a logit for each.</summary>
/// <param name="Names">The names of the classes, in the order of the outputs.</param>
public sealed record ClassOutput(IReadOnlyList<string> Names) : OutputMeaning
{
    private const int MostClasses = 1_000_000;

    /// <summary>The number of training examples of each class; null where it isn't known, as in runs of earlier versions.</summary>
    public IReadOnlyList<long>? Counts { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Text => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Names.Count:N0} classes");

    /// <inheritdoc/>
    internal override string? Problem =>
        Names.Count is < 2 or > MostClasses ? $"there are {Names.Count} classes"
        : Names.Any(name => name is null) || Names.Distinct().Count() < Names.Count ? "the names of the classes don't differ"
        : Counts is { } counts && (counts.Count != Names.Count || counts.Any(c => c < 0) || counts.Sum() < 1)
            ? "the counts of the classes are not a number for each" : null;
}

/// <summary>A number: the network gives it in standard units, <c>(value − mean) / deviation</c>, or that of its logarithm.</summary>
/// <param name="Name">What it is, such as the name of a column.</param>
/// <param name="Mean">The mean over the training examples, of the logarithms where <see cref="Transform"/> says so.</param>
/// <param name="Deviation">The standard deviation over the training examples, above 0, of the logarithms where <see cref="Transform"/> says so.</param>
public sealed record NumberOutput(string Name, double Mean, double Deviation) : OutputMeaning
{
    /// <summary>The transform of positive numbers of very different sizes: the network learns their natural logarithm.</summary>
    public const string Log = "log";

    /// <summary>Its unit, such as <c>°C</c>; null where it isn't known.</summary>
    public string? Unit { get; init; }

    /// <summary>What is done to a value before it is standardised: <see cref="Log"/>, or null for nothing.</summary>
    public string? Transform { get; init; }

    /// <summary>
    /// The half-width around a prediction, in the number's unit, within which 90 % of the validation examples lie; null where it isn't known.
    /// </summary>
    public double? Interval { get; init; }

    /// <summary>The lower end of the scale that values are on, in the number's unit; null where there is none.</summary>
    public double? Least { get; init; }

    /// <summary>The upper end of the scale that values are on, in the number's unit; null where there is none.</summary>
    public double? Most { get; init; }

    /// <summary>
    /// How the baseline predicts whose predictions stand beside each example, as its second target; null: the baseline is the mean.
    /// </summary>
    public string? Baseline { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Text => Unit is null ? $"a number, {Name}" : $"a number, {Name} in {Unit}";

    /// <inheritdoc/>
    internal override string? Problem =>
        !double.IsFinite(Mean) || !(Deviation > 0) || !double.IsFinite(Deviation) ? "mean or deviation of the output is no usable number"
        : Transform is not (null or Log) ? $"there is no transform '{Transform}' of the output"
        : Interval is { } half && !(half >= 0 && double.IsFinite(half)) ? "the interval of the output is no usable number"
        : Least is { } low && !double.IsFinite(low) || Most is { } high && !double.IsFinite(high) || Least > Most
            ? "the ends of the output's scale are no usable numbers" : null;

    /// <summary>The value in the number's own unit of what the network gives, held between the ends of the scale.</summary>
    public double ToUnit(double network)
    {
        double value = network * Deviation + Mean;
        if (Transform == Log) value = Math.Exp(value);
        if (value < Least) value = Least.Value;
        return value > Most ? Most.Value : value;
    }

    /// <summary>
    /// What the network should give for a value in the number's own unit; NaN or −∞ where a logarithm is taken of a value that isn't positive.
    /// </summary>
    public double FromUnit(double value) => ((Transform == Log ? Math.Log(value) : value) - Mean) / Deviation;
}

/// <summary>Several numbers at once: the network gives one output for each, as <see cref="NumberOutput"/> says.</summary>
/// <param name="Numbers">The numbers, in the order of the outputs; their names differ.</param>
public sealed record NumbersOutput(IReadOnlyList<NumberOutput> Numbers) : OutputMeaning
{
    private const int MostNumbers = 100_000;

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Text => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Numbers.Count:N0} numbers");

    /// <inheritdoc/>
    internal override string? Problem =>
        Numbers.Count is < 1 or > MostNumbers ? $"there are {Numbers.Count} numbers"
        : Numbers.Any(n => n?.Name is null) || Numbers.DistinctBy(n => n.Name).Count() < Numbers.Count ? "the names of the numbers don't differ"
        : Numbers.Select(n => n.Problem).FirstOrDefault(p => p is not null);
}

/// <summary>One of some labels for each position of a sequence: the network gives a logit for each label at each position.</summary>
/// <param name="Names">The names of the labels, in the order of the outputs.</param>
public sealed record PositionsOutput(IReadOnlyList<string> Names) : OutputMeaning
{
    private const int MostBaselines = 8;

    /// <summary>The number of training positions of each label.</summary>
    public required IReadOnlyList<long> Counts { get; init; }

    /// <summary>How the baselines predict whose labels stand beside each example, as its targets from the second on, before the number of the sequence; the first is the one to beat.</summary>
    public IReadOnlyList<string> Baselines { get; init; } = [];

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Text => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Names.Count:N0} labels at each position");

    /// <inheritdoc/>
    internal override string? Problem => Classes.Problem?.Replace("classes", "labels", StringComparison.Ordinal)
        ?? (Baselines.Count > MostBaselines || Baselines.Any(b => b is null) ? "the baselines of the output have no names" : null);

    /// <summary>The labels as classes.</summary>
    [JsonIgnore]
    internal ClassOutput Classes => new(Names) { Counts = Counts };
}
