using System.Text.Json.Serialization;

namespace Lamina.Tasks;

/// <summary>New images like those that were learned: the network is one that images can be drawn with.</summary>
/// <param name="Names">The names of the classes that can be asked for, in the order of their numbers; empty where there are none.</param>
public sealed record DrawingOutput(IReadOnlyList<string> Names) : OutputMeaning
{
    private const int MostClasses = 1_000_000;

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Text => Names.Count == 0 ? "images"
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"images of {Names.Count:N0} classes");

    /// <inheritdoc/>
    internal override string? Problem => Names.Count == 1 || Names.Count > MostClasses ? $"there are {Names.Count} classes"
        : Names.Any(name => name is null) || Names.Distinct().Count() < Names.Count ? "the names of the classes don't differ" : null;
}
