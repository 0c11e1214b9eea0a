using System.Text.Json.Serialization;

namespace Lamina.Tasks;

/// <summary>What a network's output means, as <c>run.json</c> holds it.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(ClassOutput), "classes")]
[JsonDerivedType(typeof(NumberOutput), "number")]
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
    public override string Text => $"{Names.Count:N0} classes";

    /// <inheritdoc/>
    internal override string? Problem =>
        Names.Count is < 2 or > MostClasses ? $"there are {Names.Count} classes"
        : Names.Any(name => name is null) || Names.Distinct().Count() < Names.Count ? "the names of the classes don't differ"
        : Counts is { } counts && (counts.Count != Names.Count || counts.Any(c => c < 0) || counts.Sum() < 1) ? "the counts of the classes are not a number for each" : null;
}

/// <summary>A number: the network gives it in standard units, <c>(value − mean) / deviation</c>.</summary>
/// <param name="Name">What it is, such as the name of a column.</param>
/// <param name="Mean">The mean over the training examples.</param>
/// <param name="Deviation">The standard deviation over the training examples, above 0.</param>
public sealed record NumberOutput(string Name, double Mean, double Deviation) : OutputMeaning
{
    /// <summary>Its unit, such as <c>°C</c>; null where it isn't known.</summary>
    public string? Unit { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Text => Unit is null ? $"a number, {Name}" : $"a number, {Name} in {Unit}";

    /// <inheritdoc/>
    internal override string? Problem => !double.IsFinite(Mean) || !(Deviation > 0) || !double.IsFinite(Deviation) ? "mean or deviation of the output is no usable number" : null;
}
