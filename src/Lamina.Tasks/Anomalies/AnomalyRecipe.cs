using System.Text.Json;
using System.Text.Json.Serialization;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Series;

namespace Lamina.Tasks.Anomalies;

/// <summary>How a table of series becomes windows, as <c>run.json</c> holds it.</summary>
/// <param name="Layout">The columns that are watched, and how they are read.</param>
/// <param name="Window">The steps of a window.</param>
/// <param name="Label">The column that says which steps are odd, behind those that are watched; null: none.</param>
internal sealed record AnomalyRecipe(SeriesLayout Layout, int Window, string? Label)
{
    /// <summary>The number of columns that are watched.</summary>
    [JsonIgnore]
    public int Watched => Layout.Columns.Count - (Label is null ? 0 : 1);

    /// <summary>The recipe of a run.</summary>
    /// <exception cref="JsonException">It can't be read, or makes no sense.</exception>
    public static AnomalyRecipe Of(RunInfo run)
    {
        AnomalyRecipe recipe = run.Preprocessing.Deserialize(AnomalyJson.Default.AnomalyRecipe) ?? throw new JsonException("it has no preprocessing");
        string? problem = recipe.Layout.Problem
            ?? (run.Output is not AnomalyOutput output ? "the output isn't one of anomalies"
            : output.Columns.Count != recipe.Watched || output.Window != recipe.Window
                ? "the output is of other steps or columns than the preprocessing"
            : recipe.Label is not null && recipe.Layout.Columns[^1].Name != recipe.Label ? "the labels aren't the last column" : null);
        return problem is null ? recipe : throw new JsonException(problem);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(AnomalyRecipe))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(double))]
internal sealed partial class AnomalyJson : JsonSerializerContext;
