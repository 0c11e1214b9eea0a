using Lamina.Formats;
using Lamina.Learning.Training;
using Lamina.Tasks.Images;
using Lamina.Tasks.Spine;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Tests.Images;

namespace Lamina.Tasks.Tests.Runs;

/// <summary>Whose a run's folder is, what is left in it, and how runs are listed.</summary>
[Collection("the shared pool")]
public sealed class RunTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ImageOptions _brief;

    public RunTests()
    {
        for (int i = 0; i < 24; i++) _folder.Write($"data/{(i % 2 == 0 ? "light" : "dark")}/{i}.png", SampleImages.Png(8, 8, (byte)(i % 2 == 0 ? 180 + i : i)));
        _brief = new() { Data = _folder.At("data"), Run = _folder.At("run"), Quick = true, Seed = 5 };
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    private TaskResult Train(Action<TaskEvent>? tell = null) => ImageClassification.Train(_brief, tell ?? (_ => { }), Cancel);

    private string[] Entries(string name = "run") => [.. Directory.GetFileSystemEntries(_folder.At(name)).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    [Fact]
    public void Two_runs_in_one_folder_at_once_the_second_is_refused_and_the_first_unharmed()
    {
        TaskResult alone = ImageClassification.Train(_brief with { Run = _folder.At("alone") }, _ => { }, Cancel);
        var refused = new List<string>();
        void Second(TaskEvent e)
        {
            // Before any data is read, in the middle of it, and between steps.
            if (e is not (Preparing { Done: 0 } or DataReady or TrainingProgress { Event: StepDone { Step: 2 } })) return;
            refused.Add(Assert.Throws<TaskException>(() => ImageClassification.Train(_brief with { Seed = 6 }, _ => { }, Cancel)).Message);
            if (e is TrainingProgress) refused.Add(Assert.Throws<TaskException>(() => ImageClassification.Resume(_brief.Run!, _ => { }, Cancel)).Message);
        }

        TaskResult first = Train(Second);

        Assert.True(refused.Count >= 3);
        Assert.All(refused, message => Assert.Contains("is being trained by another process", message));
        Assert.Equal(File.ReadAllBytes(alone.Model!), File.ReadAllBytes(first.Model!));
        Assert.Equal(5, RunFolder.Open(_brief.Run!).Info.Settings.Seed);
    }

    [Fact]
    public void A_run_of_images_is_profiled_even_when_its_data_is_gone()
    {
        TaskResult run = Train();
        Directory.Delete(_folder.At("data"), recursive: true);
        var runner = new TaskRunner(Lamina.Tasks.Registry.AllTasks.Registry);
        RunProfile profile = runner.Profile(run.Run, new(_ => { }, Cancel));
        Assert.Equal(RunFolder.Open(run.Run).Info.Settings.Batch, profile.Batch);
        Assert.StartsWith("ConvNet(", profile.Network);
        Assert.Equal(runner.Summarize(run.Run).Summary.MultiplyAdds * profile.Batch, profile.Step.Calls.Where(c => c.Phase == Lamina.Tensors.Phase.Forward).Sum(c => c.MultiplyAdds));
        Assert.Contains(profile.Step.ByModule, m => m.Name == "stages[0].convolution" && m is { Forward: > 0, Gradient: > 0, ShareOfPeak: > 0 });
        Assert.True(profile.Step.ByModule.Sum(m => m.Update) > 0); // of all parameters at once, outside of modules
        int[] shape = [.. RunFolder.Open(run.Run).Info.Preprocessing.GetProperty("input").EnumerateArray().Select(x => x.GetInt32())];
        Assert.Equal(7 * (4 * shape[0] * shape[1] * shape[2] + 4), runner.Profile(run.Run, new(_ => { }, Cancel), 7).Step.Memory.Batch);
    }

    [Fact]
    public void Names_that_are_given_never_collide()
    {
        string runs = _folder.At("runs");
        RunClaim[] claims = new RunClaim[24];
        Parallel.For(0, claims.Length, i => claims[i] = RunClaim.NewIn(runs, "digits"));
        Assert.Equal(claims.Length, claims.Select(c => c.Path).Distinct().Count());
        Assert.Equal(claims.Length, Directory.GetDirectories(runs).Length);
        // Runs that fail take their folders away, and that of all of them, while others begin.
        Parallel.For(0, claims.Length, i =>
        {
            claims[i].Abandon();
            RunClaim.NewIn(runs, "digits").Abandon();
        });
        Assert.True(!Directory.Exists(runs) || Entries("runs").Length == 0);
    }

    [Fact]
    public void Folders_that_a_killed_process_was_about_to_begin_in_are_removed()
    {
        string runs = _folder.At("runs");
        using RunClaim beginning = RunClaim.NewIn(runs, "digits");
        foreach (string name in (string[])["20260101-120000-a", "mine"]) _folder.Write($"runs/{name}/run.lock", []);
        _folder.Write("runs/20260101-120000-a/run.json.0123456789ab.tmp", [1]);
        _folder.Write("runs/20260101-120000-b/note.txt", [1]);
        _folder.Write("runs/20260101-120000-b/run.lock", []);
        Directory.CreateDirectory(Path.Combine(runs, "20260101-120000-c"));
        Directory.SetLastWriteTimeUtc(Path.Combine(runs, "20260101-120000-c"), DateTime.UtcNow.AddHours(-1));

        using RunClaim next = RunClaim.NewIn(runs, "digits");

        Assert.Equal(((string[])["20260101-120000-b", Path.GetFileName(beginning.Path), Path.GetFileName(next.Path), "mine"]).Order(StringComparer.Ordinal), Entries("runs"));
    }

    [Theory]
    [InlineData("run.lock")]
    [InlineData("run.lock", "run.json.0123456789ab.tmp")]
    [InlineData("run.json")]
    [InlineData("run.json", "run.lock", "run.json.0123456789ab.tmp")]
    public void What_a_kill_leaves_before_a_run_has_begun_is_no_obstacle(params string[] left)
    {
        foreach (string name in left) _folder.Write($"run/{name}", name == "run.json" ? "{"u8.ToArray() : []);
        Assert.NotNull(Train().Test);
        Assert.DoesNotContain(Entries(), name => name.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public void A_run_that_cannot_be_resumed_is_not_said_to_be()
    {
        _folder.Write("run/run.json", "{\"format\": 1, "u8.ToArray());
        string message = Assert.Throws<TaskException>(() => Train()).Message;
        Assert.Contains("can't be used", message);
        Assert.DoesNotContain("resume", message);
        Assert.Equal(["run.json"], Entries());
        Assert.DoesNotContain("--run", Assert.Throws<TaskException>(() => ImageClassification.Resume(_brief.Run!, _ => { }, Cancel)).Message);
    }

    [Fact]
    public void A_folder_with_something_else_in_it_stays_as_it_is()
    {
        _folder.Write("run/notes.tmp", [1]);
        Assert.Contains("is not empty", Assert.Throws<TaskException>(() => Train()).Message);
        Assert.Equal(["notes.tmp"], Entries());
    }

    [Fact]
    public void A_run_that_fails_leaves_nothing()
    {
        for (int i = 0; i < 24; i++) _folder.Write($"dots/{(i % 2 == 0 ? "light" : "dark")}/{i}.png", SampleImages.Png(1, 1, (byte)(i % 2 == 0 ? 180 + i : i)));
        foreach (ImageOptions wrong in (ImageOptions[])
            [_brief with { Epochs = 0 }, _brief with { Optimizer = "adamx" }, _brief with { LearningRate = double.NaN }, _brief with { Batch = -1 }, _brief with { Data = _folder.At("no") }])
        {
            Assert.ThrowsAny<Exception>(() => ImageClassification.Train(wrong with { Run = _folder.At("a/b/run") }, _ => { }, Cancel));
            Assert.False(Directory.Exists(_folder.At("a")));
        }
        // Images of one pixel may fail or not: then there is a run.
        Exception? failed = Record.Exception(() => ImageClassification.Train(_brief with { Data = _folder.At("dots"), Run = _folder.At("a/dots") }, _ => { }, Cancel));
        Assert.Equal(failed is null, Directory.Exists(_folder.At("a/dots")));
        // An own folder that was empty stays.
        Directory.CreateDirectory(_folder.At("empty"));
        Assert.ThrowsAny<Exception>(() => ImageClassification.Train(_brief with { Epochs = 0, Run = _folder.At("empty") }, _ => { }, Cancel));
        Assert.Empty(Entries("empty"));
    }

    [Fact]
    public void A_failure_at_the_first_step_and_a_stop_before_it_leave_nothing()
    {
        Assert.Throws<InvalidOperationException>(() => Train(e =>
        {
            if (e is TrainingProgress { Event: CheckpointSaved { Step: 0 } }) throw new InvalidOperationException("out of something");
        }));
        Assert.False(Directory.Exists(_brief.Run));
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => ImageClassification.Train(_brief with { Data = null }, e =>
        {
            if (e is Preparing) stop.Cancel();
        }, stop.Token));
        Assert.False(Directory.Exists(_brief.Run));
        // The trained weights are kept.
        Assert.Throws<InvalidOperationException>(() => Train(e =>
        {
            if (e is TrainingProgress { Event: CheckpointSaved { Step: 3 } }) throw new InvalidOperationException("out of something");
        }));
        Assert.NotNull(ImageClassification.Resume(_brief.Run!, _ => { }, Cancel).Test);
    }

    [Fact]
    public void Temporary_files_of_a_kill_are_removed_and_no_others()
    {
        Train();
        string[] ours = ["run.json.0123456789ab.tmp", "best/model.safetensors.0123456789ab.tmp", "checkpoints/000000003.0123456789ab.tmp/model.safetensors"];
        string[] others = ["notes.tmp", "best/model.0123456789AB.tmp", "checkpoints/my.old"];
        foreach (string name in (string[])[.. ours, .. others]) _folder.Write($"run/{name}", [1]);
        ImageClassification.Resume(_brief.Run!, _ => { }, Cancel);
        Assert.All(ours, name => Assert.False(Path.Exists(_folder.At($"run/{name}")), name));
        Assert.All(others, name => Assert.True(File.Exists(_folder.At($"run/{name}")), name));
        Assert.False(Directory.Exists(_folder.At("run/checkpoints/000000003.0123456789ab.tmp")));
    }

    [Fact]
    public void A_finished_run_says_so_and_keeps_its_network()
    {
        byte[] weights = File.ReadAllBytes(Train().Model!);
        // Even if what it was made from is lost.
        File.WriteAllBytes(_folder.At("run/best/model.safetensors"), [1, 2, 3]);
        var events = new List<TaskEvent>();
        TaskResult again = ImageClassification.Resume(_brief.Run!, events.Add, Cancel);
        Assert.Contains("this run is finished", Assert.Single(events.OfType<Remarked>()).Message);
        Assert.Equal(weights, File.ReadAllBytes(again.Model!));
        Assert.NotNull(again.Test);

        File.WriteAllBytes(again.Model!, [1, 2, 3]);
        events.Clear();
        ImageClassification.Resume(_brief.Run!, events.Add, Cancel);
        Assert.Contains(events.OfType<Warned>(), w => w.Message.Contains("written anew"));
        Assert.NotEmpty(SafeTensors.Read(again.Model!).Tensors);
    }

    [Theory]
    [InlineData("data/runs/one")]
    [InlineData("data/results/old/one")]
    [InlineData("data/light/one")]
    public void Runs_in_the_data_are_passed_over(string run)
    {
        ImageClassification.Train(_brief with { Run = _folder.At("outside") }, _ => { }, Cancel);
        var events = new List<TaskEvent>();
        ImageClassification.Train(_brief with { Run = _folder.At(run) }, events.Add, Cancel);
        Assert.DoesNotContain(events.OfType<DataReady>().Single().Notes, n => n.Contains("passed over")); // its own folder is no news
        events.Clear();
        TaskResult second = ImageClassification.Train(_brief with { Run = _folder.At(run + "2") }, events.Add, Cancel);
        DataReady data = events.OfType<DataReady>().Single();
        Assert.Equal(["dark", "light"], Assert.IsType<ClassOutput>(data.Output).Names);
        string note = Assert.Single(data.Notes, n => n.Contains("passed over"));
        Assert.Contains("1 run and no data", note);
        Assert.DoesNotContain(data.Notes, n => n.Contains("no images by their names"));
        Assert.Equal(File.ReadAllBytes(_folder.At("outside/model.safetensors")), File.ReadAllBytes(second.Model!));
    }

    [Fact]
    public void A_class_that_holds_a_file_run_json_is_data()
    {
        _folder.Write("data/light/run.json", [1]);
        Assert.Equal(["dark", "light"], ImageSource.Open(_folder.At("data"), cancel: Cancel).Train.Classes);
    }

    [Fact]
    public void Lists_runs_and_how_they_stand()
    {
        Assert.Throws<TaskException>(() => RunList.Of(_folder.At("runs")));
        TaskResult done = ImageClassification.Train(_brief with { Run = _folder.At("runs/done") }, _ => { }, Cancel);
        using var stop = new CancellationTokenSource();
        ImageClassification.Train(_brief with { Run = _folder.At("runs/stopped") }, e =>
        {
            if (e is TrainingProgress { Event: EpochDone }) stop.Cancel();
        }, stop.Token);
        Assert.Throws<DivergedException>(() => ImageClassification.Train(_brief with { Run = _folder.At("runs/diverged"), Optimizer = "sgd", LearningRate = 1e30 }, _ => { }, Cancel));
        _folder.Write("runs/broken/run.json", "{"u8.ToArray());
        _folder.Write("runs/other/notes.txt", [1]);
        using RunClaim begins = RunClaim.New(_folder.At("runs/begins"));
        // Half a line of a killed process, a line that is no event, and one too long.
        File.AppendAllText(_folder.At("runs/stopped/events.jsonl"), $"[]\n{{\"event\":3}}\n{{\"event\":\"epoch\"}}\n{new string('x', 100_000)}\n{{\"time\":");

        Dictionary<string, RunEntry> runs = RunList.Of(_folder.At("runs")).ToDictionary(r => Path.GetFileName(r.Path));

        Assert.Equal(["begins", "broken", "diverged", "done", "stopped"], runs.Keys.Order(StringComparer.Ordinal));
        Assert.Equal((RunState.Finished, 2, 2, true), (runs["done"].State, runs["done"].EpochsDone, runs["done"].Epochs, runs["done"].IsTested));
        Assert.Equal(done.Test!["accuracy"], runs["done"].Score!.Value.Value, 6);
        Assert.Equal(_folder.At("data"), runs["done"].Data);
        Assert.Equal((RunState.Stopped, 1, 2, false), (runs["stopped"].State, runs["stopped"].EpochsDone, runs["stopped"].Epochs, runs["stopped"].IsTested));
        Assert.NotNull(runs["stopped"].Score);
        Assert.Equal(RunState.Diverged, runs["diverged"].State);
        Assert.Equal(RunState.Broken, runs["broken"].State);
        Assert.Contains("run.json can't be read", runs["broken"].Problem);
        Assert.Equal(RunState.Training, runs["begins"].State);
        Assert.Equal(RunState.Finished, Assert.Single(RunList.Of(_folder.At("runs/done"))).State);
    }

    // As version 0.1 wrote it: one task, whose facts stood beside everybody's.
    [Fact]
    public void Runs_of_format_version_1_are_opened_and_resumed()
    {
        using var stop = new CancellationTokenSource();
        ImageClassification.Train(_brief, e =>
        {
            if (e is TrainingProgress { Event: StepDone { Step: 2 } }) stop.Cancel();
        }, stop.Token);
        byte[] straight = File.ReadAllBytes(ImageClassification.Train(_brief with { Run = _folder.At("straight") }, _ => { }, Cancel).Model!);
        var now = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(_folder.At("run/run.json")))!.AsObject();
        var old = new System.Text.Json.Nodes.JsonObject { ["format"] = 1 };
        foreach (string name in (string[])["task", "version", "created", "data", "dataHash", "network"]) old[name] = now[name]!.DeepClone();
        var settings = new System.Text.Json.Nodes.JsonObject { ["augmentation"] = now["options"]!["augment"]!.DeepClone() };
        foreach (string name in (string[])["epochs", "batch", "learningRate", "optimizer", "seed", "quick", "overfitBatch"]) settings[name] = now["settings"]![name]!.DeepClone();
        old["settings"] = settings;
        old["classes"] = now["output"]!["names"]!.DeepClone();
        foreach (string name in (string[])["input", "mean", "deviation", "ink"]) old[name] = now["preprocessing"]![name]?.DeepClone();
        File.WriteAllText(_folder.At("run/run.json"), old.ToJsonString());

        Assert.Equal("accuracy", RunFolder.Open(_folder.At("run")).Info.Metric);
        Assert.Equal(straight, File.ReadAllBytes(ImageClassification.Resume(_folder.At("run"), _ => { }, Cancel).Model!));
        Assert.Equal(24, ImageClassification.Predict(_folder.At("run"), [_folder.At("data")], 1, Cancel).Count());

        File.WriteAllText(_folder.At("run/run.json"), old.ToJsonString().Replace("\"format\":1", "\"format\":3"));
        Assert.Contains("has format version 3; this Lamina reads up to 2", Assert.Throws<TaskException>(() => ImageClassification.Summarize(_folder.At("run"))).Message);
    }

    [Fact]
    public void A_duplicate_image_stays_on_the_side_of_the_other_and_options_for_columns_are_refused()
    {
        for (int i = 0; i < 24; i++) _folder.Write($"data/{(i % 2 == 0 ? "light" : "dark")}/copy{i}.png", SampleImages.Png(8, 8, (byte)(i % 2 == 0 ? 180 + i : i)));
        var events = new List<TaskEvent>();
        Train(events.Add);
        Assert.Contains(events.OfType<DataReady>().Single().Notes, n => n.StartsWith("24 of 48 images are exact duplicates"));
        var runner = new Lamina.Tasks.Spine.TaskRunner(Lamina.Tasks.Registry.AllTasks.Registry);
        var request = new Lamina.Tasks.Spine.TaskRequest { Data = new(_folder.At("data")), Run = _folder.At("refused"), Values = new Dictionary<string, object> { ["group"] = "x" } };
        string message = Assert.Throws<TaskException>(() => runner.Train(new ImageTask(), request, new(_ => { }, Cancel))).Message;
        Assert.Equal("--group can't be used with the task images: images have no columns", message);
    }
}
