using System.Text.Json;
using System.Text.Json.Serialization;
using Lamina.Formats;
using Lamina.Learning.Ratings;
using Lamina.Learning.Saving;
using Lamina.Models;
using Lamina.Tasks.Runs;

namespace Lamina.Tasks.Recommendations;

/// <summary>Where users, items and ratings stand, and what users have rated, as <c>run.json</c> holds it.</summary>
/// <param name="User">The column of users; null for built-in data.</param>
/// <param name="Item">The column of items; null for built-in data.</param>
/// <param name="Rating">The column of ratings; null for built-in data.</param>
/// <param name="Time">The column of times; null for none.</param>
/// <param name="Ratings">A <see cref="UserRatings"/> as files of models hold it.</param>
internal sealed record RatingRecipe(string? User, string? Item, string? Rating, string? Time, JsonElement Ratings)
{
    /// <summary>The columns; null for built-in data.</summary>
    [JsonIgnore]
    public RatingColumns? Columns => User is not null && Item is not null && Rating is not null ? new(User, Item, Rating, Time, "as in training")
        : null;

    /// <summary>What users have rated.</summary>
    /// <exception cref="JsonException">It makes no sense.</exception>
    public UserRatings Read()
    {
        try
        {
            return Model.Create<UserRatings>(Ratings, RunFolder.InfoFile);
        }
        catch (FileFormatException e)
        {
            throw new JsonException(e.Message.Split('\n')[0]);
        }
    }

    /// <summary>The recipe of columns and ratings.</summary>
    public static RatingRecipe Of(RatingColumns? columns, UserRatings ratings) =>
        new(columns?.User, columns?.Item, columns?.Rating, columns?.Time, Model.Describe((ISavedByName)ratings));

    /// <summary>The recipe of a run.</summary>
    /// <exception cref="JsonException">It can't be read.</exception>
    public static RatingRecipe Of(RunInfo run) => run.Preprocessing.Deserialize(RatingJson.Default.RatingRecipe)
        ?? throw new JsonException("it has no preprocessing");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(RatingRecipe))]
[JsonSerializable(typeof(MatrixFactorizationOptions))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(double))]
internal sealed partial class RatingJson : JsonSerializerContext;
