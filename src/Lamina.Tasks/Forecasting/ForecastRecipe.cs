using System.Text.Json;
using System.Text.Json.Serialization;
using Lamina.Models;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Series;

namespace Lamina.Tasks.Forecasting;

/// <summary>How a table of series becomes windows, as <c>run.json</c> holds it.</summary>
/// <param name="Layout">The columns, and how they are read: targets first, then covariates, then what is known of the future.</param>
/// <param name="Shape">What the network looks at and gives.</param>
/// <param name="Scales">Mean and deviation of the columns behind the targets.</param>
/// <param name="Circles">The circles of the calendar that are known of the future.</param>
/// <param name="Ends">The ends of the training, validation and test steps, counted from the first step.</param>
internal sealed record ForecastRecipe(SeriesLayout Layout, SeriesShape Shape, IReadOnlyList<ColumnScale> Scales, IReadOnlyList<string> Circles,
    IReadOnlyList<long> Ends)
{
    /// <summary>The recipe of a run.</summary>
    /// <exception cref="JsonException">It can't be read, or makes no sense.</exception>
    public static ForecastRecipe Of(RunInfo run)
    {
        ForecastRecipe recipe = run.Preprocessing.Deserialize(ForecastJson.Default.ForecastRecipe)
            ?? throw new JsonException("it has no preprocessing");
        return recipe.Problem(run.Output) is { } problem ? throw new JsonException(problem) : recipe;
    }

    /// <summary>The columns that are known of the future.</summary>
    [JsonIgnore]
    public IEnumerable<string> Known => Layout.Columns.Skip(Shape.Targets + Shape.Covariates).Select(c => c.Name);

    private string? Problem(OutputMeaning output) =>
        Layout.Problem
        ?? (output is not SeriesOutput series ? "the output isn't one of series"
        : series.Columns.Count != Shape.Targets || series.Horizon != Shape.Horizon || series.Window != Shape.Window
            ? "the output is of other steps or columns than the network"
        : Layout.Columns.Count != Shape.Targets + Scales.Count || Scales.Count + CalendarCircles.Width(Circles) != Shape.Covariates + Shape.Known
            || !Circles.All(CalendarCircles.Has) ? "the columns aren't those of the network"
        : Scales.Any(s => !(s.Deviation > 0) || !double.IsFinite(s.Deviation) || !double.IsFinite(s.Mean))
            ? "mean or deviation of a column is no usable number"
        : Ends.Count != 3 || Ends[0] < 1 || Ends[1] < Ends[0] || Ends[2] < Ends[1] ? "the parts have no ends" : null);
}

/// <summary>What brings a column to standard units.</summary>
internal sealed record ColumnScale(double Mean, double Deviation);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ForecastRecipe))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(int))]
internal sealed partial class ForecastJson : JsonSerializerContext;
