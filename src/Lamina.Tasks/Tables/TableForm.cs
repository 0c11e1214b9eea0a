using System.Text.Json;
using System.Text.Json.Serialization;
using Lamina.Formats;
using Lamina.Learning.Columns;
using Lamina.Learning.Saving;
using Lamina.Tasks.Runs;

namespace Lamina.Tasks.Tables;

/// <summary>A <see cref="TableLayout"/> as <c>run.json</c> holds it.</summary>
internal sealed record TableForm(JsonElement Columns, IReadOnlyList<int> Places, IReadOnlyList<string> Targets, IReadOnlyList<int> TargetPlaces,
    IReadOnlyList<string> TargetMarks, bool HasHeader, int Width)
{
    public static TableForm Of(TableLayout x) =>
        new(Model.Describe((ISavedByName)x.Columns), x.Places, x.Targets, x.TargetPlaces, [.. x.TargetMarks.Select(m => m.ToString())], x.HasHeader, x.Width);

    /// <exception cref="FileFormatException">The columns can't be made again.</exception>
    /// <exception cref="JsonException">The rest makes no sense.</exception>
    [JsonIgnore]
    public TableLayout Layout
    {
        get
        {
            TableColumns columns = Model.Create<TableColumns>(Columns, RunFolder.InfoFile);
            if (Places.Count != columns.Columns.Count
                || Places.Concat(TargetPlaces).Any(p => p < 0 || p >= Width)) throw new JsonException("the columns don't each have a place");
            if (Targets.Count < 1 || TargetPlaces.Count != Targets.Count || TargetMarks.Count != Targets.Count)
                throw new JsonException("the targets don't each have a place and a decimal mark");
            return new(columns, Places, Targets, TargetPlaces,
                [.. TargetMarks.Select(m => Enum.TryParse(m, out DecimalMark mark) && Enum.IsDefined(mark) ? mark
                : throw new JsonException($"'{m}' is no decimal mark"))], HasHeader, Width);
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(TableForm))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(double))]
internal sealed partial class TableJson : JsonSerializerContext;
