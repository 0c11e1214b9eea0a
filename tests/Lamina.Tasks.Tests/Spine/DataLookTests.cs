using Lamina.Tasks.Registry;
using Lamina.Tasks.Reports;
using Lamina.Tasks.Spine;
using Lamina.Tasks.Tests.Images;
using Lamina.Tasks.Tests.Tables;
using SkiaSharp;

namespace Lamina.Tasks.Tests.Spine;

/// <summary>What a look at data finds, in any task, and that it writes nothing.</summary>
public sealed class DataLookTests : IDisposable
{
    private readonly TableFiles _files = new();

    public void Dispose() => _files.Dispose();

    private DataLook Look(string? data, string task, params (string, object)[] values) =>
        _files.Runner.Look(AllTasks.Registry.Find(task)!, _files.Request(data, "none", values), _files.Context);

    private static DataFinding Find(DataLook look, string name) => look.Findings.FirstOrDefault(f => f.Name == name)
        ?? throw new InvalidOperationException($"no {name}: {string.Join(" | ", look.Findings.Select(f => $"{f.Name}: {f.Text}"))}");

    [Fact]
    public void A_table_is_told_by_columns_and_what_stands_out()
    {
        string data = _files.Rows("data.csv", "id,x,often,same,kind,class", 400, i =>
            $"u{i},{(i == 7 ? 1e6 : i % 90)},{(i % 3 == 0 ? "1" : "")},5,{(i % 2 == 0 ? "a" : "b")},{(i % 25 == 0 ? "rare" : "frequent")}");
        DataLook look = Look(data, "tables");
        Assert.Equal(400, look.Parts.Sum(p => p.Count));
        Assert.Equal(16, look.Parts.Sum(p => p.Classes![1]));
        Assert.True(Find(look, "imbalance").IsWarning);
        Assert.Contains("'often' is missing in 66.5 %", Find(look, "missing").Text);
        Assert.Contains("'x' goes from 0 to 1E+06", Find(look, "outliers").Text);
        Assert.Equal(1, Find(look, "constant").Count);
        DataColumn x = look.Columns.Single(c => c.Name == "x"), kind = look.Columns.Single(c => c.Name == "kind");
        Assert.Equal(("number", 0, 1e6), (x.Kind, x.Range!.Least, x.Range.Greatest));
        Assert.Equal(["a", "b"], kind.Frequent.Select(f => f.Key));
        Assert.Equal(["left out", null, null, "left out", null, "predicted"], look.Columns.Select(c => c.Role));
        Assert.Equal(24, look.Samples.Count);
        Assert.All(look.Samples, s => Assert.Contains(s.Label, (string[])["rare", "frequent"]));
        Assert.False(Directory.Exists(_files.At("none")));
        Assert.True(look.Findings.TakeWhile(f => f.IsWarning).Count() == look.Findings.Count(f => f.IsWarning), "warnings come first");
    }

    [Fact]
    public void Examples_that_are_in_two_parts_are_counted()
    {
        string train = _files.Rows("train.csv", "x,z,class", 200, i => $"{i * 0.31},{i % 7},{(i % 2 == 0 ? "a" : "b")}");
        string test = _files.Rows("later.csv", "x,z,class", 60, i => $"{(i < 10 ? i * 0.31 : 100 + i)},{i % 7},{(i % 2 == 0 ? "a" : "b")}");
        TaskRequest request = _files.Request(train, "none") with { Data = new DataSource(train) { Test = test } };
        DataLook look = _files.Runner.Look(_files.Tables, request, _files.Context);
        Assert.Equal(10, look.Findings.Where(f => f.Name == "duplicatesBetween" && f.Text.Contains("test examples")).Sum(f => f.Count));
    }

    [Fact]
    public void A_number_has_a_range_in_each_part()
    {
        string train = _files.Rows("train.csv", "x,y", 200, i => $"{i * 0.31},{i % 50 * 0.5}"),
            test = _files.Rows("later.csv", "x,y", 60, i => $"{i * 0.7},{i * 10.5}");
        TaskRequest request = _files.Request(train, "none", ("target", "y")) with { Data = new DataSource(train) { Test = test } };
        DataLook look = _files.Runner.Look(_files.Tables, request, _files.Context);
        Assert.Equal((0, 24.5), (Math.Round(look.Parts[0].Numbers![0].Least, 4), Math.Round(look.Parts[0].Numbers![0].Greatest, 4)));
        Assert.Contains("goes beyond the training part", Find(look, "range").Text);
        Assert.Equal("y", look.Parts[2].Numbers![0].Name);
    }

    [Fact]
    public void Texts_and_images_are_told_too_and_a_page_shows_samples()
    {
        DataLook texts = Look(null, "text");
        Assert.Contains("tokens", Find(texts, "lengths").Text);
        Assert.All(texts.Samples, s => Assert.IsType<TextSample>(s.Sample));

        using var folder = new TempFolder();
        for (int i = 0; i < 60; i++) folder.Write($"photos/{(i % 2 == 0 ? "cats" : "dogs")}/{i}.png",
            SampleImages.Png(16, 16, (y, x) => new SKColor((byte)(4 * i + x), (byte)(9 * y), 100)));
        DataLook images = Look(folder.At("photos"), "images", ("augment", "light"));
        Assert.Equal(images.Samples.Count, images.Varied.Count);
        Assert.All(images.Samples.Concat(images.Varied), s => Assert.IsType<ImageSample>(s.Sample));
        string page = _files.At("look.html");
        images.Save(page);
        string html = File.ReadAllText(page);
        Assert.Equal(images.Samples.Count * 2, html.Split("data:image/png").Length - 1);
        Assert.Contains("as training varies them", html);
        Assert.DoesNotContain("<script", html);
        DataLook without = Look(folder.At("photos"), "images", ("no-samples", true));
        Assert.Empty(without.Samples);
        Assert.Empty(without.Varied);
    }

    [Theory, InlineData("tables"), InlineData("fraud"), InlineData("text")]
    public void Every_task_has_a_look_at_its_built_in_data(string task)
    {
        DataLook look = Look(null, task);
        Assert.Equal(task, look.Task);
        Assert.All(look.Parts, p => Assert.True(p.Count > 0));
        look.Save(_files.At("page.html"));
        Assert.StartsWith("<!doctype html>", File.ReadAllText(_files.At("page.html")));
    }

    [Fact]
    public void Bad_data_and_options_are_refused_as_in_training()
    {
        Assert.Throws<DataException>(() => Look(_files.Write("empty.csv", "a,b\n"), "tables"));
        Assert.Contains("--folds", Assert.Throws<TaskException>(() => Look(null, "tables", ("folds", 3L))).Message);
        Assert.Throws<OperationCanceledException>(() =>
            _files.Runner.Look(_files.Tables, _files.Request(null, "none"), new(_ => { }, new CancellationToken(true))));
    }
}
