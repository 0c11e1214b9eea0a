// A pump whose pressure follows its speed, with faults at places that are known: what an autoencoder finds of them.
var random = new Random(7);
var start = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);
List<Step> steps = [];
for (int i = 0; i < 1000; i++)
{
    double speed = 50 + 20 * Math.Sin(2 * Math.PI * i / 24) + random.NextDouble();
    double? pressure = i is >= 700 and < 712 ? null : 0.1 * speed + 0.1 * random.NextDouble() + (i == 400 ? 4 : 0);
    steps.Add(new(start.AddHours(i), speed, pressure, i == 400 || pressure is null));
}
string folder = Path.Combine(Path.GetTempPath(), $"lamina-anomalies-{Guid.NewGuid():N}");

// docs: from here
var options = new AnomalyOptions { Label = "Fault", Run = folder };
TaskResult result = AnomalyLearning.Train(RowSources.Of(steps), options, e =>
{
    if (e is Warned warning) Console.WriteLine(warning.Message);
});
Console.WriteLine($"AUC {result.Test!["auc"]:F2}");

foreach (Prediction odd in AnomalyLearning.Find(result.Run, RowSources.Of(steps)).Take(4))
    Console.WriteLine($"{odd.Time} to {odd.Until}: {odd.Top[0].Class} in {odd.Note}, {odd.Top[0].Probability:P1} sure");
// docs: to here
Directory.Delete(folder, recursive: true);

internal sealed record Step(DateTime Time, double Speed, double? Pressure, bool Fault);
