// Alerts for payments that are probably frauds, where a missed one costs as much as fifty false alarms.
string folder = Path.Combine(Path.GetTempPath(), $"lamina-alerts-{Guid.NewGuid():N}"), file = Path.Combine(folder, "payments.csv");
Directory.CreateDirectory(folder);
var random = new Random(7);
// Large amounts are usual by day and tiny ones by night; the other way round they are frauds, which no sum of evidence says.
File.WriteAllLines(file, Enumerable.Range(0, 4_000).Select(i =>
{
    bool isFraud = i % 60 == 0, isLarge = random.Next(2) == 0, isNight = isLarge == isFraud;
    bool isUsual = !isFraud && random.Next(5) > 0;
    double amount = isUsual ? 5 + 95 * random.NextDouble() : isLarge ? 500 + 1500 * random.NextDouble() : 0.5 + 2 * random.NextDouble();
    int hour = isUsual ? random.Next(24) : isNight ? random.Next(6) : random.Next(8, 22);
    return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{amount:F2},{hour},{(isFraud ? "yes" : "no")}");
}).Prepend("amount,hour,fraud"));

// docs: from here
var request = new TaskRequest
{
    Data = new DataSource(file), Run = Path.Combine(folder, "run"),
    Values = new Dictionary<string, object> { ["cost"] = "50:1", ["epochs"] = 12L },
};
TaskResult result = new TaskRunner(AllTasks.Registry).Train(AllTasks.Registry.Find("fraud")!, request, new TaskContext(_ => { }));
CostReport cost = result.Test!.Cost!;
Console.WriteLine($"PR-AUC {result.Test["prAuc"]:F2}, of a logistic regression {result.Test.Baseline!.Figures["prAuc"]:F2}");
Console.WriteLine($"mistakes cost {cost.Cost:F0} per 1,000 payments; blocking nothing would cost {cost.Nothing:F0}");

Predictor model = Predictor.Load(result.Model!);
var rare = (RareClass)model.Info.Outputs[0].Meaning!;
foreach (string[] payment in (string[][])[["1200", "3"], ["1200", "14"], ["1.20", "14"], ["20", "3"]])
    Console.WriteLine($"{payment[0]} at {payment[1]}: {rare.Names[rare.Decide(model.PredictRows([payment]).ToArray<float>())]}");
// docs: to here
Directory.Delete(folder, recursive: true);
