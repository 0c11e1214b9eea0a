using Lamina.Formats;
using Lamina.Learning.Training;
using Lamina.Tasks.Images;
using Lamina.Tasks.Spine;
using Lamina.Tensors.Engines.Cpu;
using SkiaSharp;

namespace Lamina.Tasks.Tests.Images;

/// <summary>The whole job in brief, on built-in digits: the same bits whatever happens on the way.</summary>
[Collection("the shared pool")]
public sealed class TrainingTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static readonly ImageOptions s_brief = new() { Quick = true, Seed = 7 };

    [Fact]
    public void Gives_the_same_weights_with_1_2_and_7_threads()
    {
        using var folder = new TempFolder();
        int before = CpuPool.Shared.Threads;
        try
        {
            byte[][] weights = [.. new[] { 1, 2, 7 }.Select(threads =>
            {
                CpuPool.SetThreads(threads, beyondCores: true);
                return Train(folder.At($"threads{threads}"));
            })];
            Assert.Equal(weights[0], weights[1]);
            Assert.Equal(weights[0], weights[2]);
        }
        finally
        {
            CpuPool.SetThreads(before);
        }
    }

    [Theory, InlineData(1), InlineData(3), InlineData(4), InlineData(6)]
    public void Goes_on_to_the_same_weights_after_a_stop(int steps)
    {
        using var folder = new TempFolder();
        byte[] straight = Train(folder.At("straight"));
        using var stop = new CancellationTokenSource();
        string run = folder.At("stopped");
        TaskResult result = ImageClassification.Train(s_brief with { Run = run }, e =>
        {
            if (e is TrainingProgress { Event: StepDone step } && step.Step == steps) stop.Cancel();
        }, stop.Token);
        Assert.True(result.WasInterrupted);
        Assert.Null(result.Model);

        var events = new List<TaskEvent>();
        TaskResult resumed = ImageClassification.Resume(run, events.Add, Cancel);

        Assert.Equal(steps, events.OfType<TrainingProgress>().Select(e => e.Event).OfType<Started>().Single().Step);
        Assert.Equal(straight, File.ReadAllBytes(resumed.Model!));
    }

    [Fact]
    public void Passes_over_a_damaged_checkpoint()
    {
        using var folder = new TempFolder();
        byte[] straight = Train(folder.At("straight"));
        string run = folder.At("damaged");
        using var stop = new CancellationTokenSource();
        ImageClassification.Train(s_brief with { Run = run }, e =>
        {
            if (e is TrainingProgress { Event: StepDone { Step: 5 } }) stop.Cancel();
        }, stop.Token);
        string newest = Directory.GetDirectories(Path.Combine(run, "checkpoints")).Max(StringComparer.Ordinal)!;
        string file = Path.Combine(newest, "model.safetensors");
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..1000]);

        var events = new List<TaskEvent>();
        TaskResult resumed = ImageClassification.Resume(run, events.Add, Cancel);

        Assert.Contains(events.OfType<Warned>(), warning => warning.Message.Contains(newest));
        Assert.Equal(straight, File.ReadAllBytes(resumed.Model!));
    }

    [Fact]
    public void Does_not_begin_anew_over_damaged_checkpoints()
    {
        using var folder = new TempFolder();
        string run = folder.At("damaged");
        Train(run);
        foreach (string checkpoint in Directory.GetDirectories(Path.Combine(run, "checkpoints"))) File.WriteAllText(Path.Combine(checkpoint, "state.json"), "null");
        string[] before = Directory.GetFileSystemEntries(run, "*", SearchOption.AllDirectories);
        var error = Assert.Throws<TaskException>(() => ImageClassification.Resume(run, _ => { }, Cancel));
        Assert.Contains("none of the checkpoints", error.Message);
        Assert.Contains("000000008: it is empty", error.Message);
        Assert.Equal(before, Directory.GetFileSystemEntries(run, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void Says_that_the_best_weights_are_lost_and_goes_on()
    {
        using var folder = new TempFolder();
        string run = folder.At("run");
        Train(run);
        File.WriteAllBytes(Path.Combine(run, "best/model.safetensors"), [1, 2, 3]);
        var events = new List<TaskEvent>();
        TaskResult again = ImageClassification.Resume(run, events.Add, Cancel);
        Assert.Contains("best", Assert.Single(events.OfType<Warned>()).Message);
        Assert.NotNull(again.Test);
    }

    [Fact]
    public void Two_images_a_class_are_enough()
    {
        using var folder = new TempFolder();
        for (int i = 0; i < 4; i++) folder.Write($"few/{(i % 2 == 0 ? "light" : "dark")}/{i}.png", SampleImages.Png(8, 8, (byte)(i % 2 == 0 ? 200 + i : i)));
        var events = new List<TaskEvent>();
        TaskResult result = ImageClassification.Train(s_brief with { Data = folder.At("few"), Run = folder.At("run") }, events.Add, Cancel);
        Assert.Equal(2, result.Test!.Count);
        Assert.Contains(events.OfType<DataReady>().Single().Notes, note => note.Contains("too few images for a test set"));
    }

    [Fact]
    public void Measures_grey_networks_on_coloured_images_as_it_predicts_them()
    {
        using var folder = new TempFolder();
        for (int i = 0; i < 12; i++)
        {
            string name = $"{(i % 2 == 0 ? "light" : "dark")}/{i}.png";
            folder.Write($"grey/{name}", SampleImages.Png(8, 8, (byte)(i % 2 == 0 ? 200 + i : i)));
            folder.Write($"colour/{name}", SampleImages.Png(8, 8, (_, _) => SKColor.FromHsv(i % 2 == 0 ? 60 : 240, 90, i % 2 == 0 ? 95 : 10)));
        }
        ImageClassification.Train(s_brief with { Data = folder.At("grey"), Run = folder.At("run"), Epochs = 8 }, _ => { }, Cancel);
        TestReport report = ImageClassification.Test(folder.At("run"), folder.At("colour"), _ => { }, Cancel);
        string[] files = [.. Directory.GetFiles(folder.At("colour"), "*.png", SearchOption.AllDirectories)];
        int right = ImageClassification.Predict(folder.At("run"), files, 1, Cancel).Count(p => p.Top[0].Class == Path.GetFileName(Path.GetDirectoryName(p.Source)));
        Assert.Equal((double)right / files.Length, report["accuracy"], 6);
    }

    public static TheoryData<string, string, string> Edits => new()
    {
        { "\"task\": \"images\"", "\"task\": \"audio\"", "the task 'audio'" },
        { "\"optimizer\": \"adamw\"", "\"optimizer\": \"adamx\"", "the optimizer 'adamx'" },
        { "\"augment\": \"none\"", "\"augment\": \"wild\"", "the augmentation 'wild'" },
        { "\"9\"", "\"8\"", "don't differ" },
        { "\"9\"", "null", "don't differ" },
        { "\"classes\": 10", "\"classes\": 11", "11 classes, 10 are named" },
        { "\"hidden\": 128,", "", "hidden" },
        { "\"format\": 2", "\"format\": 0", "no format version 0" },
    };

    [Theory, MemberData(nameof(Edits))]
    public void Refuses_a_run_whose_description_was_changed(string from, string to, string said)
    {
        using var folder = new TempFolder();
        string text = File.ReadAllText(Path.Combine(s_run.Value, "run.json"));
        Assert.Contains(from, text);
        folder.Write("run/run.json", System.Text.Encoding.UTF8.GetBytes(text.Replace(from, to)));
        foreach (Action use in (Action[])[() => ImageClassification.Summarize(folder.At("run")), () => ImageClassification.Resume(folder.At("run"), _ => { }, Cancel)])
            Assert.Contains(said, Assert.Throws<TaskException>(use).Message);
    }

    // A finished run, for all tests that only read it.
    private static readonly Lazy<string> s_run = new(() =>
    {
        string folder = Directory.CreateTempSubdirectory("lamina-run-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        Train(Path.Combine(folder, "run"));
        return Path.Combine(folder, "run");
    });

    [Fact]
    public void Leaves_nothing_where_a_run_cannot_begin()
    {
        using var folder = new TempFolder();
        Assert.Throws<DataException>(() => ImageClassification.Train(s_brief with { Data = folder.At("missing"), Run = folder.At("deep/er/run") }, _ => { }, Cancel));
        Assert.Empty(Directory.GetFileSystemEntries(folder.At("")));
        folder.Write("file", [1]);
        var told = new List<TaskEvent>();
        Assert.Contains("can't be made", Assert.Throws<TaskException>(() => ImageClassification.Train(s_brief with { Run = folder.At("file/run") }, told.Add, Cancel)).Message);
        Assert.Empty(told); // before any image is drawn
    }

    [Fact]
    public void Resumes_a_finished_run_to_its_result()
    {
        using var folder = new TempFolder();
        byte[] weights = Train(folder.At("run"));
        TaskResult again = ImageClassification.Resume(folder.At("run"), _ => { }, Cancel);
        Assert.Equal(weights, File.ReadAllBytes(again.Model!));
        Assert.NotNull(again.Test);
    }

    [Fact]
    public void Brings_the_loss_of_a_single_batch_near_zero()
    {
        using var folder = new TempFolder();
        double last = double.NaN;
        var events = new List<TaskEvent>();
        TaskResult result = ImageClassification.Train(s_brief with { Quick = false, OverfitBatch = true, Epochs = 2, Batch = 16, Run = folder.At("run") }, e =>
        {
            if (e is TrainingProgress { Event: StepDone step }) last = step.Loss;
            events.Add(e);
        }, Cancel);
        Assert.InRange(last, 0, 0.1);
        // That batch is all that is measured, and it's said that it was learned.
        Assert.Equal(16, result.Test!.Count);
        Assert.Empty(events.OfType<Tested>());
        Assert.True(events.OfType<Overfitted>().Single().IsLearned);
        Assert.Equal((16, 0, 0), events.OfType<DataReady>().Select(d => (d.Training, d.Validation, d.Test)).Single());
    }

    [Fact]
    public void Says_that_a_batch_with_contradicting_labels_cannot_be_learned()
    {
        using var folder = new TempFolder();
        for (int i = 0; i < 24; i++) folder.Write($"same/{(i % 2 == 0 ? "a" : "b")}/{i}.png", SampleImages.Png(8, 8, (byte)(i / 2 * 9)));
        var events = new List<TaskEvent>();
        ImageClassification.Train(s_brief with { Quick = false, OverfitBatch = true, Data = folder.At("same"), Epochs = 1, Batch = 16, Run = folder.At("run") }, events.Add, Cancel);
        Overfitted result = events.OfType<Overfitted>().Single();
        Assert.False(result.IsLearned);
        Assert.Equal(16, result.Report.Count);
        Assert.InRange(result.Report["accuracy"], 0.2, 0.9); // both classes are in the batch
    }

    [Fact]
    public void Says_where_a_loss_became_infinite_and_keeps_the_last_good_checkpoint()
    {
        using var folder = new TempFolder();
        string run = folder.At("run");
        var error = Assert.Throws<DivergedException>(() => ImageClassification.Train(s_brief with { Run = run, Optimizer = "sgd", LearningRate = 1e30, Epochs = 3 }, _ => { }, Cancel));
        Assert.NotNull(error.Origin);
        Assert.Contains("step", error.Message);
        string newest = Directory.GetDirectories(Path.Combine(run, "checkpoints")).Max(StringComparer.Ordinal)!;
        Assert.Equal(newest, error.Checkpoint);
        Assert.DoesNotContain("--", error.Message);
        foreach (string file in Directory.GetFiles(run, "model.safetensors", SearchOption.AllDirectories))
            Assert.All(SafeTensors.Read(file).Tensors.Values, weights => Assert.All(weights.ToArray<float>(), weight => Assert.True(float.IsFinite(weight), file)));
        Assert.False(File.Exists(Path.Combine(run, "model.safetensors")));
    }

    [Fact]
    public void A_diverged_run_goes_on_at_a_lower_rate_only()
    {
        using var folder = new TempFolder();
        string run = folder.At("run");
        var first = Assert.Throws<DivergedException>(() => ImageClassification.Train(s_brief with { Run = run, Optimizer = "sgd", LearningRate = 1e30, Epochs = 2 }, _ => { }, Cancel));
        var steps = new List<TaskEvent>();
        void Tell(TaskEvent e)
        {
            if (e is TrainingProgress { Event: StepDone } or Warned) steps.Add(e);
        }

        DivergedException again = Assert.Throws<DivergedException>(() => ImageClassification.Resume(run, Tell, Cancel));
        Assert.Equal((first.Step, first.Origin), (again.Step, again.Origin));
        Assert.Contains("diverged before", again.Message);
        Assert.Empty(steps);
        Assert.Contains("is not lower", Assert.Throws<TaskException>(() => ImageClassification.Resume(run, Tell, Cancel, 1e30)).Message);

        TaskResult result = ImageClassification.Resume(run, Tell, Cancel, 0.01);
        Assert.NotNull(result.Model);
        Assert.Contains($"diverged at step {first.Step} before", Assert.IsType<Warned>(steps[0]).Message);
        // The rate is the run's now, which is as good as any other and not to be changed.
        Assert.Contains("\"learningRate\": 0.01", File.ReadAllText(Path.Combine(run, "run.json")));
        Assert.Contains("has not diverged", Assert.Throws<TaskException>(() => ImageClassification.Resume(run, Tell, Cancel, 0.001)).Message);
    }

    [Fact]
    public void Refuses_what_is_no_run()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder.At("empty"));
        Assert.Contains("run.json", Assert.Throws<TaskException>(() => ImageClassification.Resume(folder.At("empty"), _ => { }, Cancel)).Message);
        Assert.Contains("there is no run", Assert.Throws<TaskException>(() => ImageClassification.Predict(folder.At("missing"), ["a.png"], cancel: Cancel)).Message);
        folder.Write("broken/run.json", "{\"format\":1"u8.ToArray());
        Assert.Contains("run.json can't be read", Assert.Throws<TaskException>(() => ImageClassification.Summarize(folder.At("broken"))).Message);
        folder.Write("taken/file.txt", [1]);
        Assert.Contains("is not empty", Assert.Throws<TaskException>(() => ImageClassification.Train(s_brief with { Run = folder.At("taken") }, _ => { }, Cancel)).Message);
    }

    [Fact]
    public void Refuses_to_go_on_with_other_data()
    {
        using var folder = new TempFolder();
        string images = folder.At("images");
        for (int i = 0; i < 12; i++)
            folder.Write($"images/{(i % 2 == 0 ? "light" : "dark")}/{i}.png", SampleImages.Png(8, 8, (byte)(i % 2 == 0 ? 200 + i : i)));
        ImageClassification.Train(s_brief with { Data = images, Run = folder.At("run") }, _ => { }, Cancel);
        folder.Write("images/dark/new.png", SampleImages.Png(8, 8, 33));
        Assert.Contains("not those", Assert.Throws<TaskException>(() => ImageClassification.Resume(folder.At("run"), _ => { }, Cancel)).Message);
    }

    private static byte[] Train(string run)
    {
        TaskResult result = ImageClassification.Train(s_brief with { Run = run }, _ => { }, Cancel);
        return File.ReadAllBytes(result.Model!);
    }
}
