using Lamina.Tasks.Images;
using Lamina.Tasks.Registry;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;
using SkiaSharp;

namespace Lamina.Tasks.Tests.Images;

/// <summary>Tables of image files: which columns are what, what is learned, and what is refused.</summary>
[Collection("the shared pool")]
public sealed class ImageTableTests : IDisposable
{
    private const int Count = 40;

    private readonly TempFolder _folder = new();
    private readonly TaskRunner _runner = new(AllTasks.Registry);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ImageTableTests()
    {
        // Images of different sizes; the red value says how large, whether above 120, and with green beside it two labels.
        for (int i = 0; i < Count; i++)
            _folder.Write($"img/{i}.png", SampleImages.Png(i % 3 == 0 ? 10 : 8, 8, (_, _) => new SKColor(Red(i), Green(i), (byte)i)));
    }

    public void Dispose() => _folder.Dispose();

    private static byte Red(int i) => (byte)(i * 37 % 256);

    private static byte Green(int i) => (byte)(i % 3 == 0 ? 220 : 10);

    private string Table(string name, string header, Func<int, string> row, int count = Count) =>
        _folder.Write(name, [.. System.Text.Encoding.UTF8.GetBytes($"{header}\n{string.Join('\n', Enumerable.Range(0, count).Select(row))}\n")]);

    private string Classes() => Table("classes.csv", "file,kind", i => $"img/{i}.png,{(Red(i) > 120 ? "red" : "other")}");

    private LabeledImages Open(string path, TargetOptions? targets = null) =>
        ImageSource.Open(path, new ImageReadOptions { Targets = targets ?? new() }, cancel: Cancel);

    private (TaskResult Result, List<TaskEvent> Events, string Run) Train(string table, params (string, object)[] values)
    {
        var events = new List<TaskEvent>();
        string run = _folder.At($"run{Guid.NewGuid():N}");
        var request = new TaskRequest { Data = new(table), Run = run, Values = values.Prepend(("quick", true))
            .GroupBy(v => v.Item1).ToDictionary(v => v.Key, v => v.Last().Item2) };
        return (_runner.Train(new ImageTask(), request, new(events.Add, Cancel)), events, run);
    }

    [Fact]
    public void A_table_that_names_images_is_recognised_and_other_tables_are_left_alone()
    {
        Recognition found = ImageRecognition.Of(Classes());
        Assert.True(found.Score > 0.9);
        Assert.Contains("names image files in its column 'file'", found.Reason);
        Assert.Equal(0, ImageRecognition.Of(Table("missing.csv", "file,kind", i => $"gone/{i}.png,{i % 2}")).Score);
        Assert.Equal(0, ImageRecognition.Of(Table("plain.csv", "a,b,c", i => $"{i * 7 % 5},{i},{i % 2}")).Score);
        Assert.Equal("images", AllTasks.Registry.Tasks.MaxBy(t => t.Recognize(new(_folder.At("classes.csv"))).Score)!.Name);
        Assert.Equal("tables", AllTasks.Registry.Tasks.MaxBy(t => t.Recognize(new(_folder.At("plain.csv"))).Score)!.Name);
    }

    [Fact]
    public void Learns_classes_and_predicts_from_files_and_tables()
    {
        (TaskResult result, List<TaskEvent> events, string run) = Train(Classes());
        DataReady data = events.OfType<DataReady>().Single();
        Assert.Equal(["other", "red"], Assert.IsType<ClassOutput>(data.Output).Names);
        Assert.Contains("images are named in 'file'; 'kind' is the class", data.Notes);
        Assert.Contains(data.Notes, n => n.StartsWith("resized 14 images of other sizes"));
        Assert.True(result.Test!.Count > 0);
        Assert.Equal(Count, _runner.Predict(run, [_folder.At("classes.csv")], 2, new(_ => { }, Cancel)).Items.Count());
        Assert.Equal(Count, _runner.Test(run, new(_folder.At("classes.csv")), new(_ => { }, Cancel)).Count);
        Assert.Contains("--target kind --image file", RunCommand.Of(new ImageTask(), RunFolder.Open(run).Info));
    }

    [Fact]
    public void Learns_a_number_with_an_interval_in_its_unit()
    {
        string table = Table("numbers.csv", "path;redness", i => $"img/{i}.png;{Red(i) / 2.0 + 1000:F1}");
        (TaskResult result, List<TaskEvent> events, string run) = Train(table, ("quick", false), ("epochs", 12L)); // a few steps leave it far off
        var output = Assert.IsType<NumberOutput>(events.OfType<DataReady>().Single().Output);
        Assert.Equal("redness", output.Name);
        Assert.InRange(output.Mean, 1040, 1080);
        Assert.True(result.Test!.Figures.Find("rmse") is not null);
        Prediction one = _runner.Predict(run, [_folder.At("img/1.png")], 5, new(_ => { }, Cancel)).Items.Single();
        Assert.Equal("redness", one.Numbers.Single().Key);
        Assert.InRange(one.Numbers.Single().Value, 900, 1300);
        Prediction alone = ImageFilePredictor.Load(run).Predict([_folder.At("img/1.png")], cancel: Cancel).Items.Single();
        Assert.Equal(one.Numbers.Single().Value, alone.Numbers.Single().Value);
    }

    [Theory]
    [InlineData("tags", '|'), InlineData("tags", ';'), InlineData("tags", ' ')]
    public void Learns_several_labels_of_a_cell(string column, char separator)
    {
        string LabelsOf(int i) => string.Join(separator,
            ((string[])[Red(i) > 120 ? "red" : "", Green(i) > 100 ? "green" : "", i % 4 == 0 ? "blue" : ""])
            .Where(l => l.Length > 0));
        string table = Table("labels.tsv", $"file\t{column}", i => $"img/{i}.png\t{LabelsOf(i)}");
        (TaskResult result, List<TaskEvent> events, string run) = Train(table);
        var output = Assert.IsType<LabelsOutput>(events.OfType<DataReady>().Single().Output);
        Assert.Equal(["blue", "green", "red"], output.Names);
        foreach (string figure in (string[])["f1", "auc", "prAuc", "exactMatch", "loss"]) Assert.NotNull(result.Test!.Figures.Find(figure));
        Assert.Equal("each label as often as in training", result.Test!.Baseline!.Name);
        Prediction one = _runner.Predict(run, [_folder.At("img/1.png")], 5, new(_ => { }, Cancel)).Items.Single();
        Assert.Equal(one.Top.Where(t => t.Probability > 0.5).Select(t => t.Class).Order(), one.Labels!.Order());
        Assert.Equal(3, one.Top.Count);
        Assert.Contains("<h2>Classes</h2>", File.ReadAllText(result.Report!));
        Assert.Equal(Count, _runner.Test(run, new(table), new(_ => { }, Cancel)).Count);
    }

    [Fact]
    public void The_findings_of_chest_x_rays_and_numbered_labels_are_several_labels()
    {
        string xrays = Table("xrays.csv", "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age",
            i => $"{i}.png,{(i % 4 == 0 ? "No Finding" : i % 4 == 1 ? "Edema" : "Edema|Mass")},{i % 3},{i / 3},{60 + i % 9}Y");
        Assert.Equal(["Edema", "Mass", "No Finding"], Open(xrays).Train.Targets!.Names);
        string proteins = Table("proteins.csv", "Id,Target", i => $"{i}.png,{(i % 2 == 0 ? "12 105" : i % 3 == 0 ? "105" : "7 12")}");
        Assert.Equal(["105", "12", "7"], Open(proteins, new() { Kind = TargetKind.Labels }).Train.Targets!.Names);
        // A label that no training image has isn't known; an image with none of the labels is.
        string other = Table("other.csv", "Id,Target", i => $"{i}.png,{(i == 3 ? "99" : "")}");
        var known = new KnownTargets(TargetKind.Labels, ["105", "12", "7"]);
        DataException e = Assert.Throws<DataException>(() => TestSource.Open(other, known,
            new ImageReadOptions { Targets = new() { Target = "Target", Separator = ' ' } }, null, Cancel));
        Assert.Contains("has the label '99' in 'Target', which is not among '105', '12', '7'", e.Message);
    }

    [Fact]
    public void Columns_of_0_and_1_are_labels_and_of_exactly_one_1_classes()
    {
        LabeledImages labels = Open(Table("flags.csv", "image,red,green", i => $"img/{i}.png,{(Red(i) > 120 ? 1 : 0)},{(Green(i) > 100 ? 1 : 0)}"));
        Assert.Equal(TargetKind.Labels, labels.Train.Targets!.Kind);
        Assert.Equal(["red", "green"], labels.Train.Classes);
        LabeledImages classes = Open(Table("hot.csv", "image,a,b,c",
            i => $"img/{i}.png,{(i % 3 == 0 ? "1.0" : "0.0")},{(i % 3 == 1 ? "1.0" : "0.0")},{(i % 3 == 2 ? "1.0" : "0.0")}"));
        Assert.Null(classes.Train.Targets);
        Assert.Equal([0, 1, 2, 0], classes.Train.Labels[..4]);
    }

    [Fact]
    public void Finds_files_without_ending_and_below_the_folder()
    {
        LabeledImages data = Open(Table("train.csv", "id,label", i => $"{i},{i % 2}"), new() { Image = "id", Target = "label" });
        Assert.Equal(Count, data.Train.Count);
        Assert.Equal(Count, Open(Table("case.csv", "file,label", i => $"IMG/{i}.PNG,{i % 2}")).Train.Count);
        Assert.Contains("ClassId", Open(Table("signs.csv", "Width,Height,ClassId,Path", i => $"8,8,{i % 4},img/{i}.png")).Notes[0]);
    }

    [Fact]
    public void A_test_table_lies_beside_and_a_group_stays_on_one_side()
    {
        Table("sets/train.csv", "file,kind", i => $"../img/{i}.png,{i % 2}", 30);
        Table("sets/test.csv", "file,kind", i => $"../img/{30 + i}.png,{i % 2}", 10);
        (TaskResult result, List<TaskEvent> events, _) = Train(_folder.At("sets/train.csv"));
        Assert.Equal(10, result.Test!.Count);
        Assert.Contains(events.OfType<Remarked>(), r => r.Message.Contains("test.csv"));
        string grouped = Table("groups.csv", "file,kind,patient", i => $"img/{i}.png,{i / 4 % 2},p{i / 4}");
        DataReady data = Train(grouped, ("group", "patient")).Events.OfType<DataReady>().Single();
        Assert.Contains(data.Notes, n => n.Contains("whole groups of patient"));
        Assert.Equal(0, data.Test % 4);
    }

    [Fact]
    public void Balances_classes_by_weights_and_refuses_it_for_numbers()
    {
        string rare = Table("rare.csv", "file,kind", i => $"img/{i}.png,{(i % 10 == 0 ? "rare" : "often")}");
        float[] weights = ClassWeights.Of(new ClassOutput(["often", "rare"]) { Counts = [36, 4] });
        Assert.Equal(36 * weights[0], 4 * weights[1], 4);
        (_, List<TaskEvent> events, string run) = Train(rare, ("balance", true));
        Assert.Contains("--balance", RunCommand.Of(new ImageTask(), RunFolder.Open(run).Info));
        Assert.Contains(events.OfType<DataReady>().Single().Notes, n => n.Contains("are imbalanced: 9") && n.Contains("% of the images are 'often'"));
        string number = Table("numbers.csv", "file,size", i => $"img/{i}.png,{Red(i)}.5");
        Assert.Contains("--balance is for classes", Assert.Throws<TaskException>(() => Train(number, ("balance", true))).Message);
    }

    [Fact]
    public void A_run_that_was_stopped_goes_on_to_the_same_weights()
    {
        string table = Table("labels.csv", "file,tags",
            i => $"img/{i}.png,{(Red(i) > 120 ? "red" : "")}{(Red(i) > 120 && i % 2 == 0 ? "|" : "")}{(i % 2 == 0 ? "even" : "")}");
        byte[] straight = File.ReadAllBytes(Train(table).Result.Model!);
        using var stop = new CancellationTokenSource();
        var request = new TaskRequest { Data = new(table), Run = _folder.At("stopped"), Values = new Dictionary<string,
            object> { ["quick"] = true } };
        _runner.Train(new ImageTask(), request, new(e =>
        {
            if (e is TrainingProgress { Event: Lamina.Learning.Training.StepDone { Step: 3 } }) stop.Cancel();
        }, stop.Token));
        Assert.Equal(straight, File.ReadAllBytes(_runner.Resume(_folder.At("stopped"), new(_ => { }, Cancel)).Model!));
    }

    [Theory]
    [InlineData("file,kind", "img/{0}.png,a", "there is nothing to learn", "another target")]
    [InlineData("file,kind", "img/0.png,{1}", "has 'img/0.png' in row 1 as '0' and in row 2 as '1'", "one row for each image")]
    [InlineData("file", "img/{0}.png", "has no column beside 'file' that could be predicted", "a column of classes or numbers")]
    [InlineData("a,b", "{0},{1}", "has no column of image files", "--image names it")]
    [InlineData("file,kind", "https://example.org/{0}.png,{1}", "an address on the web, not a file", "")]
    [InlineData("file,kind", "gone/{0}.png,{1}", "there's no such file", "")]
    [InlineData("file,kind", "img/{0}.png,{0}x", "different values", "another target")]
    public void Refuses(string header, string row, string problem, string remedy)
    {
        string table = Table("bad.csv", header, i => row.Replace("{0}", $"{i}").Replace("{1}", $"{i % 2}"));
        DataException e = Assert.Throws<DataException>(() => Open(table));
        Assert.Contains(problem, e.Message);
        Assert.Contains(remedy, e.Remedy);
    }

    [Fact]
    public void A_few_missing_and_broken_files_are_told_and_skipped_and_doubled_ones_taken_once()
    {
        _folder.Write("img/1.png", [1, 2, 3]);
        string table = Table("some.csv", "file,kind", i => i == Count ? "img/5.png,1" : i == 7 ? "img/7.png," : $"img/{i}.png,{i % 2}", Count + 1);
        LabeledImages data = Open(table);
        Assert.Equal(Count - 2, data.Train.Count);
        Assert.Contains(data.Notes, n => n.Contains("left out 1 row: row 8 has nothing in 'kind'"));
        Assert.Contains(data.Notes, n => n.Contains("1 row of") && n.Contains("each is taken once"));
        Assert.Contains(data.Notes, n => n.StartsWith("skipped 1 unreadable file: img/1.png"));
    }

    [Fact]
    public void Options_of_tables_are_refused_for_folders()
    {
        _folder.WithCatsAndDogs("data/");
        foreach (string option in (string[])["target", "image", "group"])
        {
            string message = Assert.Throws<TaskException>(() => Train(_folder.At("data"), (option, "x"))).Message;
            Assert.Equal($"--{option} can't be used with the task images: images have no columns", message);
        }
        Assert.Contains("--labels can't be used with the task images: its classes are given by folders",
            Assert.Throws<TaskException>(() => Train(_folder.At("data"), ("labels", true))).Message);
        Assert.Contains("--classes and --labels can't be given together",
            Assert.Throws<TaskException>(() => Train(Classes(), ("classes", true), ("labels", true))).Message);
        Assert.Contains("expected a side from 4", Assert.Throws<TaskException>(() => Train(Classes(), ("size", "2x9"))).Message);
        Assert.StartsWith("12×16 colour", Train(Classes(), ("size", "12x16")).Events.OfType<DataReady>().Single().Input);
    }

    [Fact]
    public void Road_signs_of_43_unequal_classes_are_learned_and_told_per_class()
    {
        for (int c = 0; c < 43; c++)
            for (int i = 0; i < (c < 5 ? 3 : c < 40 ? 6 : 40); i++)
                _folder.Write($"signs/{c:D5}/{i}.png",
                    SampleImages.Png(10 + i % 7, 9 + c % 5, (_, _) => new SKColor((byte)(c * 6), (byte)i, (byte)(255 - c * 6))));
        (TaskResult result, List<TaskEvent> events, _) = Train(_folder.At("signs"));
        Assert.Equal(43, Assert.IsType<ClassOutput>(events.OfType<DataReady>().Single().Output).Names.Count);
        Assert.Equal(43, result.Test!.Classes.Count);
        string page = File.ReadAllText(result.Report!);
        Assert.Contains("00042", page);
        Assert.DoesNotContain("class=\"heat\"", page); // 1,849 cells; the pairs that are confused most take their place
    }

    [Fact]
    public void Test_images_without_class_folders_have_their_classes_in_a_table_as_GTSRB_has_them()
    {
        static byte[] Ppm(int height, int width, byte red) =>
            [.. System.Text.Encoding.ASCII.GetBytes($"P6\n# made by hand\n{width} {height}\n255\n"),
                .. Enumerable.Repeat(new byte[] { red, 9, 0 }, height * width).SelectMany(p => p)];
        for (int i = 0; i < 12; i++) _folder.Write($"signs/Train/{i % 3:D5}/{i}.ppm", Ppm(8 + i % 2, 8, (byte)(i % 3 * 100)));
        for (int i = 0; i < 6; i++) _folder.Write($"signs/Test/{i}.ppm", Ppm(8, 8, (byte)(i % 3 * 100)));
        string table = Table("signs/Test.csv", "Width,Height,ClassId,Path", i => $"8,8,{i % 3},Test/{i}.ppm", 6);
        LabeledImages data = Open(_folder.At("signs"));
        Assert.Equal([0, 1, 2, 0, 1, 2], data.Test!.Labels);
        Assert.Equal([100, 9, 0], data.Test.Image(1)[..3].ToArray());
        Assert.Contains("Test/ has no class folders; the classes of 6 images are taken from Test.csv", data.Notes);
        File.WriteAllText(table, "Width,Height,ClassId,Path\n8,8,77,Test/0.ppm\n8,8,1,Test/1.ppm\n");
        Assert.Null(Open(_folder.At("signs")).Test);
    }

    [Theory, InlineData("P6 4 4 255\n123", "truncated"), InlineData("P6 4 4 65535\n", "65535 levels"),
        InlineData("P6 90000 4 255\n", "claims 4×90000 pixels"), InlineData("P5 0 4 255\n", "no pixels")]
    public void Damaged_portable_images_are_named(string text, string problem)
    {
        byte[] file = System.Text.Encoding.ASCII.GetBytes(text);
        Assert.Contains(problem, ImageDecoder.Decode(file, new(4, 4), new byte[48], new ImageReadOptions(), out _, Cancel));
    }

    [Fact]
    public void A_grey_portable_image_of_few_levels_reaches_white()
    {
        var pixels = new byte[12];
        Assert.Null(ImageDecoder.Decode((byte[])[.. "P5\n2 2\n15\n"u8, 0, 15, 5, 10], new(2, 2), pixels, new ImageReadOptions(),
            out ImageFacts facts, Cancel));
        Assert.Equal([0, 0, 0, 255, 255, 255, 85, 85, 85, 170, 170, 170], pixels);
        Assert.True(facts.Grey && facts.StoredGrey);
    }
}
