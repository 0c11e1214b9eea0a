// The next day of demand, learned from objects. It follows from the hour and the weekday, so that it is known what is right.
var random = new Random(7);
var start = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);
double Right(DateTime time) => 40 - 12 * Math.Cos(2 * Math.PI * time.Hour / 24) - (time.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? 10 : 0);
List<Hour> hours = [];
for (int i = 0; i < 60 * 24; i++) hours.Add(new(start.AddHours(i), Right(start.AddHours(i)) + random.NextDouble() - 0.5));
string folder = Path.Combine(Path.GetTempPath(), $"lamina-forecast-{Guid.NewGuid():N}");

// docs: from here
var options = new ForecastOptions { Target = ["Load"], Horizon = 24, Run = folder };
TaskResult result = ForecastLearning.Train(RowSources.Of(hours), options, e =>
{
    if (e is Warned warning) Console.WriteLine(warning.Message);
});
Console.WriteLine($"MASE {result.Test!["mase"]:F2}, band {result.Test["coverage"]:P0}");

Prediction[] day = [.. ForecastLearning.Predict(result.Run, RowSources.Of(hours))];
foreach (Prediction hour in day.Take(3))
    Console.WriteLine($"{hour.Time}: {hour.Numbers[0].Value:F1} ({hour.Intervals[0].Value.Low:F1} to {hour.Intervals[0].Value.High:F1})");
// docs: to here
Console.WriteLine($"off by {day.Select((hour, i) => Math.Abs(hour.Numbers[0].Value - Right(start.AddHours(hours.Count + i)))).Average():F2}");
Directory.Delete(folder, recursive: true);

internal sealed record Hour(DateTime Time, double Load);
