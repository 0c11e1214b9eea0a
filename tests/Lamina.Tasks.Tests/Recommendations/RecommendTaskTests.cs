using System.Globalization;
using Lamina.Learning.Saving;
using Lamina.Tasks.Registry;
using Lamina.Tasks.Spine;
using Lamina.Tasks.Tests.Images;

namespace Lamina.Tasks.Tests.Recommendations;

/// <summary>Ratings on the spine: which columns are taken, what is learned, saved, predicted and recommended, and what can't be used.</summary>
[Collection("the shared pool")]
public sealed class RecommendTaskTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly TaskRunner _runner = new(AllTasks.Registry);
    private readonly LearningTask _task = AllTasks.Registry.Find("recommend")!;
    private readonly List<TaskEvent> _events = [];

    private TaskContext Context => new(_events.Add, TestContext.Current.CancellationToken);

    public void Dispose() => _folder.Dispose();

    // Users like the items of their own kind, even or odd, and dislike the others; each has rated three of four items.
    private static IEnumerable<(string User, string Item, int Rating, int Time)> Ratings(int users = 60, int items = 20)
    {
        for (int u = 0; u < users; u++)
            for (int i = 0; i < items; i++)
                if ((u * 7 + i * 3) % 4 != 0)
                    yield return ($"u{u}", $"item {i}", u % 2 == i % 2 ? 5 : 1, 1_000_000_000 + 1_000 * ((u * 31 + i * 17) % 97) + u);
    }

    private string Csv(string name = "ratings.csv", string header = "user,item,rating,timestamp\n",
        Func<(string User, string Item, int Rating, int Time), string>? row = null, string more = "") =>
        _folder.Write(name, System.Text.Encoding.UTF8.GetBytes(header + string.Concat(Ratings()
            .Select(r => (row is null ? $"{r.User},{r.Item},{r.Rating},{r.Time}" : row(r)) + "\n")) + more));

    private TaskResult Train(string? data, params (string, object)[] values) =>
        _runner.Train(_task, new() { Data = data is null ? null : new DataSource(data), Run = _folder.At("run"),
            Values = values.Prepend(("epochs", 12L)).DistinctBy(v => v.Item1).ToDictionary(v => v.Item1, v => v.Item2) }, Context);

    private IReadOnlyList<string> Notes => _events.OfType<DataReady>().Single().Notes;

    private string Columns => _events.OfType<DataReady>().Single().Facts.Single(f => f.Name == "columns").Text;

    private List<string> Do(string verb, params string[] inputs) => [.. _runner.Do(_folder.At("run"), verb, inputs, new Dictionary<string,
        object> { ["count"] = 3L }, Context)];

    [Fact]
    public void Learns_tastes_recommends_and_opens_without_the_run()
    {
        TaskResult result = Train(Csv());
        Assert.InRange(result.Test!["rmse"], 0, 0.5);
        Assert.InRange(result.Test.Baseline!.Figures["rmse"], 1.5, 3); // biases know no tastes
        Assert.Equal("the biases of user and item", result.Test.Baseline.Name);

        string[] seen = [.. Ratings().Where(r => r.User == "u3").Select(r => r.Item)];
        List<string> lines = Do("recommend", "u3");
        Assert.StartsWith("u3: 15 ratings", lines[0]);
        Assert.Equal(4, lines.Count);
        Assert.DoesNotContain(lines.Skip(1), line => seen.Any(item => line.Contains($"  {item}  ")));
        Assert.InRange(double.Parse(lines[1].Split('.', 2)[1].Trim().Split(' ')[0], CultureInfo.InvariantCulture), 4, 5);
        Assert.Equal(1, int.Parse(lines[1].Split("item ")[1].Split(' ')[0], CultureInfo.InvariantCulture) % 2); // one of u3's kind
        Assert.All(Do("similar", "item 4").Skip(1), line => Assert.Equal(0,
            int.Parse(line.Split("item ")[1].Split(' ')[0], CultureInfo.InvariantCulture) % 2));

        Predictor predictor = Predictor.Load(result.Model!);
        float[] alone = predictor.PredictRows([["u3", "item 1"], ["u3", "item 2"], ["nobody", "item 1"]]).ToArray<float>();
        List<Prediction> pairs = Predict("user,item\nu3,item 1\nu3,item 2\nnobody,item 1\n");
        Assert.InRange(alone[0], 4, 5);
        Assert.InRange(alone[1], 1, 2);
        for (int i = 0; i < alone.Length; i++) Assert.Equal(alone[i], pairs[i].Numbers[0].Value, 1e-5);
        Assert.Null(pairs[0].Note);
    }

    [Fact]
    public void Unknown_users_and_items_are_answered_and_noted()
    {
        Train(Csv());
        List<Prediction> found = Predict("user,item\nnobody,item 1\nu3,no such thing\nnobody,no such thing\n,item 1\nu3,\n");
        Assert.StartsWith("the user is unknown", found[0].Note);
        Assert.StartsWith("the item is unknown", found[1].Note);
        Assert.Equal("the user and the item are unknown", found[2].Note);
        Assert.All(found.Take(3), p => Assert.InRange(p.Numbers[0].Value, 1, 5));
        Assert.Equal(["it has no user", "it has no item"], found.Skip(3).Select(p => p.Error));

        List<string> lines = Do("recommend", "u03x");
        Assert.StartsWith("u03x: unknown user", lines[0]);
        Assert.Equal(4, lines.Count);
        Assert.Contains("'item 1'", Assert.Throws<TaskException>(() => Do("similar", "itm 1")).Message);
    }

    [Fact]
    public void Resumes_to_the_same_bits_and_is_the_same_for_the_same_seed()
    {
        string data = Csv();
        Train(data);
        byte[] first = File.ReadAllBytes(_folder.At("run/model.safetensors"));
        _runner.Train(_task, new() { Data = new DataSource(data), Run = _folder.At("again"), Values = new Dictionary<string,
            object> { ["epochs"] = 12L } }, Context);
        Assert.Equal(first, File.ReadAllBytes(_folder.At("again/model.safetensors")));
        _runner.Resume(_folder.At("run"), Context);
        Assert.Equal(first, File.ReadAllBytes(_folder.At("run/model.safetensors")));
        Assert.InRange(_runner.Test(_folder.At("run"), new DataSource(data), Context)["rmse"], 0, 0.5);
        Assert.Contains(_events.OfType<TestReady>().Single().Notes, n => n.Contains("are in the run's data too"));
    }

    [Fact]
    public void A_split_by_time_predicts_each_rating_from_those_before()
    {
        TaskResult result = Train(Csv(), ("time", "timestamp"));
        Assert.InRange(result.Test!["rmse"], 0, 0.8);
        Assert.Contains(Notes, n => n.StartsWith("each rating is predicted from what was known before it", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("user,item,rating,timestamp\n", "'user'", "'item'", "'rating'")]
    [InlineData("", "column 1", "column 2", "column 3")]
    [InlineData("userId,movieId,stars,when\n", "'userId'", "'movieId'", "'stars'")]
    public void Columns_are_found(string header, string user, string item, string rating)
    {
        string data = Csv(header: header);
        Assert.Equal("recommend", AllTasks.Registry.Recognize(new DataSource(data)).Task.Name);
        Train(data, ("epochs", 1L));
        Assert.Contains($"users in {user}, items in {item}, ratings in {rating}, times in", Columns);
    }

    [Theory]
    [InlineData("::")]
    [InlineData(" ")]
    [InlineData("\t")]
    [InlineData(";")]
    [InlineData("|")]
    public void Any_delimiter_will_do(string delimiter)
    {
        string data = Csv("ratings.dat", "", r => string.Join(delimiter, r.User, r.Item.Replace(" ", ""), r.Rating, r.Time));
        Assert.Equal("recommend", AllTasks.Registry.Recognize(new DataSource(data)).Task.Name);
        Train(data, ("epochs", 1L));
        Assert.Contains("users in column 1, items in column 2, ratings in column 3, times in column 4", Columns);
    }

    [Fact]
    public void Columns_can_be_named_in_any_order_and_without_times()
    {
        Train(Csv(header: "what,how much,who\n", row: r => $"{r.Item},{r.Rating},{r.User}"), ("user", "who"), ("item", "what"), ("rating", "2"),
            ("epochs", 1L));
        Assert.Contains("users in 'who', items in 'what', ratings in 'how much'; no times", Columns);
    }

    [Fact]
    public void Tables_and_texts_are_left_to_their_tasks()
    {
        string Of(string name, string header, Func<int, string> row) =>
            _folder.Write(name, System.Text.Encoding.UTF8.GetBytes(header + string.Concat(Enumerable.Range(0, 300).Select(i => row(i) + "\n"))));
        foreach (string table in new[]
        {
            Of("numbers.csv", "a,b,c\n", i => $"{i},{i * 7 % 13},{i % 2}"),
            Of("grid.csv", "x,y,label\n", i => $"{i % 17},{i / 17},{i % 3}"),
            Of("people.csv", "age,children,score\n", i => $"{20 + i * 7 % 50},{i % 4},{i * 13 % 10}"),
            Of("shop.csv", "user,item,rating,price,colour,size,city,weight\n", i =>
                $"{i % 30},{i % 41},{1 + i % 5},{i * 1.7},red,{i % 3},{i % 7},{i * 0.3}"),
        })
            Assert.Equal("tables", AllTasks.Registry.Recognize(new DataSource(table)).Task.Name);
        Assert.Equal("text", AllTasks.Registry.Recognize(new DataSource(Of("reviews.csv", "review,stars\n",
            i => $"The film number {i} was {(i % 2 == 0 ? "good" : "bad")} indeed,{1 + i % 5}"))).Task.Name);
    }

    [Fact]
    public void What_is_odd_in_a_row_is_passed_over_and_told()
    {
        Train(Csv(more: "u1,item 1,5,1\nu1,item 1,1,2\nu2,item 2,great,3\nu2,item 2,NaN,3\nu2,,3,4\n,item 2,3,4\nu4,item 3,500,5\n"), ("epochs", 1L));
        Assert.Contains("passed over 2 ratings of a user who rated the same item again: the last one counts", Notes.Select(n => n));
        Assert.Contains(Notes, n => n.Contains("without a rating: row 901 has 'great'", StringComparison.Ordinal)
            || n.Contains("without a rating: row ", StringComparison.Ordinal) && n.Contains("'great'", StringComparison.Ordinal));
        Assert.Contains(Notes, n => n.Contains("without a user or an item", StringComparison.Ordinal));
        Assert.Contains(Notes, n => n.StartsWith("passed over 1 rating far off the scale of 1 to 5: row ", StringComparison.Ordinal)
            && n.EndsWith("has 500", StringComparison.Ordinal));
    }

    [Fact]
    public void A_scale_can_be_given()
    {
        Assert.Contains("--scale five: expected the least", Assert.Throws<TaskException>(() => Train(Csv(), ("scale", "five"))).Message);
        Train(Csv(more: "u1,item 0,9,1\n"), ("scale", "1,5"), ("epochs", 1L));
        Assert.Contains(Notes, n => n.StartsWith("passed over 1 rating off the scale of 1 to 5", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("has ratings of one user alone", "anna,a,1\nanna,b,2\nanna,c,5\nanna,d,3\n")]
    [InlineData("has ratings of one item alone", "anna,a,1\nben,a,2\nclara,a,5\ndan,a,3\n")]
    [InlineData("has the same rating in every row, 4", "anna,a,4\nben,a,4\nanna,b,4\nben,b,4\n")]
    [InlineData("which is no number", "anna,a,good\nben,a,bad\nanna,b,good\nben,b,good\n")]
    [InlineData("has names of columns", "")]
    public void What_can_not_be_learned_is_refused(string problem, string rows)
    {
        string data = _folder.Write("bad.csv", System.Text.Encoding.UTF8.GetBytes("user,item,rating\n" + rows));
        Assert.Contains(problem, Assert.Throws<DataException>(() => Train(data, ("user", "user"), ("item", "item"), ("rating", "rating"))).Message);
        Assert.False(Directory.Exists(_folder.At("run")));
    }

    [Fact]
    public void Without_ratings_it_says_what_is_missing()
    {
        string data = _folder.Write("clicks.csv", System.Text.Encoding.UTF8.GetBytes("user,item\n" + string.Concat(Ratings()
            .Select(r => $"{r.User},{r.Item}\n"))));
        Assert.Contains("but no column of ratings", Assert.Throws<DataException>(() => Train(data)).Message);
    }

    [Fact]
    public void One_rating_a_user_and_very_long_names_are_learned_from()
    {
        string lengthy = new('x', 5_000);
        string data = _folder.Write("single.csv", System.Text.Encoding.UTF8.GetBytes("user,item,rating\n" + string.Concat(Enumerable.Range(0, 200)
            .Select(i => $"{lengthy}{i},{lengthy}{i % 5},{1 + i % 5}\n"))));
        TaskResult result = Train(data);
        Assert.InRange(result.Test!["rmse"], 0, 0.6); // an item has always the same rating
        Assert.Contains(Notes, n => n.StartsWith("every user has one rating alone", StringComparison.Ordinal));
        Assert.True(new FileInfo(_folder.At("run/run.json")).Length < 100_000);
        Assert.StartsWith($"{lengthy}7", Do("recommend", lengthy + "7")[0]);
        Assert.DoesNotContain("unknown", Do("recommend", lengthy + "7")[0]);
    }

    [Fact]
    public void Somebody_new_is_recommended_to_by_ratings_that_are_given()
    {
        Train(Csv());
        List<string> lines = [.. _runner.Do(_folder.At("run"), "recommend", [], new Dictionary<string, object> { ["rated"] = "item 1=5; item 3=5;item 4=1;item 6=1", ["count"] = 4L }, Context)];
        Assert.Equal("somebody new with 4 ratings", lines[0]);
        Assert.All(lines.Skip(1), line => Assert.Equal(1, int.Parse(line.Split("item ")[1].Split(' ')[0], CultureInfo.InvariantCulture) % 2));
        Assert.DoesNotContain(lines.Skip(1), line => line.Contains("  item 1  ", StringComparison.Ordinal));
        foreach (string bad in (string[])["item 1", "item 1=good", "no such=3"])
            Assert.Throws<TaskException>(() => _runner.Do(_folder.At("run"), "recommend", [], new Dictionary<string, object> { ["rated"] = bad }, Context).ToArray());
    }

    [Fact]
    public void Items_get_names_from_a_table()
    {
        Train(Csv(), ("epochs", 2L));
        string names = _folder.Write("items.txt", System.Text.Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 20)
            .Select(i => $"item {i}|The Tale of {(char)('A' + i)}|{1990 + i}\n"))));
        List<string> lines = [.. _runner.Do(_folder.At("run"), "similar", ["the tale of c"], new Dictionary<string, object> { ["items"] = names },
            Context)];
        Assert.StartsWith("The Tale of C [item 2]", lines[0]);
        Assert.Equal(11, lines.Count);
    }

    [Fact]
    public void Built_in_ratings_are_learned_better_than_by_biases()
    {
        TaskResult result = Train(null, ("epochs", 6L));
        Assert.True(result.Test!["rmse"] < result.Test.Baseline!.Figures["rmse"]);
        Assert.True(File.Exists(result.Report));
    }

    private List<Prediction> Predict(string csv) => [.. _runner.Predict(_folder.At("run"),
        [_folder.Write("pairs.csv", System.Text.Encoding.UTF8.GetBytes(csv))], 1, Context).Items];
}
