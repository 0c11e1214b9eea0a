// What films somebody will like, learned from ratings: two kinds of people and two kinds of films, so that it is known what is right.
string folder = Path.Combine(Path.GetTempPath(), $"lamina-films-{Guid.NewGuid():N}"), file = Path.Combine(folder, "ratings.csv");
Directory.CreateDirectory(folder);
var random = new Random(3);
var lines = new List<string> { "user,film,rating" };
for (int user = 0; user < 80; user++)
    for (int film = 0; film < 24; film++)
        if (random.Next(3) > 0) lines.Add($"user{user},film{film},{(user % 2 == film % 2 ? 4 + random.Next(2) : 1 + random.Next(2))}");
File.WriteAllLines(file, lines);

// docs/tasks/recommend.md: from here
var runner = new TaskRunner(AllTasks.Registry);
LearningTask task = AllTasks.Registry.Find("recommend")!;
var request = new TaskRequest { Data = new DataSource(file), Run = Path.Combine(folder, "run") };
TaskResult result = runner.Train(task, request, new TaskContext(_ => { }));
Console.WriteLine($"off by {result.Test!["rmse"]:F2}, by the biases alone {result.Test.Baseline!.Figures["rmse"]:F2}");

Predictor ratings = Predictor.Load(result.Model!); // the file alone, without the run
Tensor two = ratings.PredictRows([["user0", "film2"], ["user0", "film3"]]);
Console.WriteLine($"user0 gives film2 {two.ToArray<float>()[0]:F1} and film3 {two.ToArray<float>()[1]:F1}");
foreach (string line in runner.Do(result.Run, "recommend", ["user0"], new Dictionary<string, object> { ["count"] = 3L }, new TaskContext(_ => { })))
    Console.WriteLine(line);
// docs/tasks/recommend.md: to here
Directory.Delete(folder, recursive: true);
