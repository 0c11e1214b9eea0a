// What a house is worth, learned from objects. Its prices follow from a formula, so that it is known what is right.
var random = new Random(7);
string[] places = ["harbour", "hill", "fields"];
double[] factors = [1.5, 1.2, 0.7];
List<House> houses = [];
for (int i = 0; i < 600; i++)
{
    double area = random.Next(40, 240);
    int place = random.Next(places.Length), built = random.Next(1900, 2025);
    // The year of some isn't known.
    houses.Add(new(area, places[place], i % 20 == 0 ? null : built, Math.Round(area * 3000 * factors[place] * (1 + (built - 1960) / 400.0))));
}
string folder = Path.Combine(Path.GetTempPath(), $"lamina-houses-{Guid.NewGuid():N}");

// README: from here
var options = new TableOptions { Target = "Price", Epochs = 30, Run = folder };
TaskResult result = TableLearning.Train(RowSources.Of(houses), options, e =>
{
    if (e is Warned warning) Console.WriteLine(warning.Message);
});
Console.WriteLine($"R² {result.Test!["r2"]:F2}, off by {result.Test["mae"]:N0} on the average");

Predictor worth = Predictor.Load(result.Model!);
double price = worth.PredictRows([["100", "harbour", "1960"]]).Item();
Console.WriteLine($"100 m² at the harbour: {price:N0}");
// README: to here
Directory.Delete(folder, recursive: true);

internal sealed record House(double Area, string Place, int? Built, double Price);
