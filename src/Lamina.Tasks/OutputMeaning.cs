using System.Text.Json.Serialization;

namespace Lamina.Tasks;

/// <summary>What a network's output means, as <c>run.json</c> holds it.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(ClassOutput), "classes")]
[JsonDerivedType(typeof(NumberOutput), "number")]
[JsonDerivedType(typeof(NumbersOutput), "numbers")]
[JsonDerivedType(typeof(LabelsOutput), "labels")]
[JsonDerivedType(typeof(SeriesOutput), "series")]
[JsonDerivedType(typeof(TokenOutput), "tokens")]
[JsonDerivedType(typeof(AnomalyOutput), "anomalies")]
[JsonDerivedType(typeof(PositionsOutput), "positions")]
[JsonDerivedType(typeof(TranslationOutput), "translation")]
[JsonDerivedType(typeof(DrawingOutput), "drawings")]
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

    /// <summary>How one of two classes, a rare one, is decided for; null: the more probable class is said.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RareDecision? Decision { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Text => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Names.Count:N0} classes");

    /// <inheritdoc/>
    internal override string? Problem =>
        Names.Count is < 2 or > MostClasses ? $"there are {Names.Count} classes"
        : Names.Any(name => name is null) || Names.Distinct().Count() < Names.Count ? "the names of the classes don't differ"
        : Counts is { } counts && (counts.Count != Names.Count || counts.Any(c => c < 0) || counts.Sum() < 1)
            ? "the counts of the classes are not a number for each"
        : Decision is { } decision && Names.Count != 2 ? "a rare class is decided for among other than two classes" : Decision?.Problem;
}

/// <summary>When a rare class is said: where its probability reaches a threshold that makes mistakes cheap.</summary>
/// <param name="Positive">The place of the rare class, 0 or 1.</param>
/// <param name="MissedCost">What an example of the class costs that is missed, above 0.</param>
/// <param name="FalseCost">What an example of the other class costs that is taken for it, above 0.</param>
/// <param name="Threshold">The least probability at which the class is said; above 1 for never.</param>
/// <param name="BaselineThreshold">The same for the logistic regression that is measured beside the network.</param>
public sealed record RareDecision(int Positive, double MissedCost, double FalseCost, double Threshold, double BaselineThreshold)
{
    /// <summary>Whether the thresholds were chosen on validation examples; otherwise they follow from the costs alone (<see cref="Break"/>).</summary>
    public bool IsChosen { get; init; }

    /// <summary>The probability at which saying the class costs as much as not saying it (Elkan, 2001: "The foundations of cost-sensitive learning").</summary>
    [JsonIgnore]
    public double Break => FalseCost / (MissedCost + FalseCost);

    /// <summary>The log-odds of a probability, infinite at and beyond 0 and 1.</summary>
    internal static double Odds(double probability) => probability <= 0 ? double.NegativeInfinity
        : probability >= 1 ? double.PositiveInfinity : Math.Log(probability / (1 - probability));

    internal string? Problem => Positive is < 0 or > 1 ? $"there is no class {Positive} of two"
        : !(MissedCost > 0 && FalseCost > 0 && double.IsFinite(MissedCost + FalseCost)) ? "the costs of mistakes are no usable numbers"
        : !(Threshold >= 0 && BaselineThreshold >= 0) ? "a threshold is no probability" : null;
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

/// <summary>Any number of some labels: the network gives a logit for each, which says whether an example has it.</summary>
/// <param name="Names">The names of the labels, in the order of the outputs.</param>
public sealed record LabelsOutput(IReadOnlyList<string> Names) : OutputMeaning
{
    private const int MostLabels = 100_000;

    /// <summary>The number of training examples that have each label.</summary>
    public required IReadOnlyList<long> Counts { get; init; }

    /// <summary>The number of training examples.</summary>
    public required long Examples { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Text => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"any of {Names.Count:N0} labels");

    /// <inheritdoc/>
    internal override string? Problem =>
        Names.Count is < 1 or > MostLabels ? $"there are {Names.Count} labels"
        : Names.Any(name => name is null) || Names.Distinct().Count() < Names.Count ? "the names of the labels don't differ"
        : Examples < 1 || Counts.Count != Names.Count || Counts.Any(c => c < 0 || c > Examples)
            ? "the counts of the labels are not a number for each" : null;
}

/// <summary>The next token of a text, at each of its tokens: the network gives a logit for every token that there is.</summary>
/// <param name="Item">What a token is, such as <c>character</c>.</param>
/// <param name="Counts">How often each token occurs in the training text, in the order of the outputs.</param>
/// <param name="CharactersEach">The mean number of characters of a token.</param>
public sealed record TokenOutput(string Item, IReadOnlyList<long> Counts, double CharactersEach) : OutputMeaning
{
    /// <summary>The number of tokens that there are.</summary>
    [JsonIgnore]
    public int Size => Counts.Count;

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Text => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"the next of {Size:N0} {Item}s");

    /// <inheritdoc/>
    internal override string? Problem =>
        Size is < 2 or > 1_000_000 ? $"there are {Size} tokens" : Counts.Any(c => c < 0) || !(CharactersEach > 0) || !double.IsFinite(CharactersEach)
            ? "the counts of the tokens make no sense" : null;
}

/// <summary>A sentence in another language: at each of its tokens the network gives a logit for every token that there is.</summary>
/// <param name="Source">What is translated: a language, a file or a column.</param>
/// <param name="Target">Into what.</param>
/// <param name="Counts">How often each token is next in the translations of the training, in the order of the outputs.</param>
public sealed record TranslationOutput(string Source, string Target, IReadOnlyList<long> Counts) : OutputMeaning
{
    /// <summary>The number of tokens that there are.</summary>
    [JsonIgnore]
    public int Size => Counts.Count;

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Text => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"a translation into {Target}, of {Size:N0} tokens");

    /// <inheritdoc/>
    internal override string? Problem => Size is < 4 or > 10_000_000 ? $"there are {Size} tokens" : Counts.Any(c => c < 0)
        ? "the counts of the tokens make no sense" : null;
}

/// <summary>One of some labels for each position of a sequence: the network gives a logit for each label at each position.</summary>
/// <param name="Names">The names of the labels, in the order of the outputs.</param>
public sealed record PositionsOutput(IReadOnlyList<string> Names) : OutputMeaning
{
    private const int MostBaselines = 8;

    /// <summary>The number of training positions of each label.</summary>
    public required IReadOnlyList<long> Counts { get; init; }

    /// <summary>How the baselines predict whose labels stand beside each example, as its targets from the second on, before the number of the
    /// sequence; the first is the one to beat.</summary>
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
