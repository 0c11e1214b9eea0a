using Lamina.Learning.Data;
using Lamina.Learning.Losses;
using Lamina.Learning.Metrics;
using Lamina.Learning.Modules;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Training;
using Lamina.Models;
using Lamina.Tasks.Images.Handwriting;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Tests.Images;

/// <summary>What was learned on some digits helps with others, of which there are few; and the options for it.</summary>
public sealed class TransferTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static ImageDataset Digits(int first, int each, int start)
    {
        const int Size = HandwrittenDigits.Size * HandwrittenDigits.Size;
        (byte[] pixels, byte[] labels) = HandwrittenDigits.Generate(each * 14, 5, start);
        var (kept, of, counts) = (new List<byte>(), new List<int>(), new int[5]);
        for (int i = 0; i < labels.Length; i++)
        {
            if (labels[i] < first || labels[i] >= first + 5 || counts[labels[i] - first]++ >= each) continue;
            kept.AddRange(pixels.AsSpan(i * Size, Size));
            of.Add(labels[i] - first);
        }
        string[] names = [.. Enumerable.Range(first, 5).Select(d => d.ToString())];
        return new ImageDataset(kept.ToArray(), HandwrittenDigits.Size, HandwrittenDigits.Size, 1, of.ToArray(), names);
    }

    private static ConvNet Network()
    {
        var network = new ConvNet(new ConvNetOptions { Classes = 5, Widths = [16, 32], Hidden = 64, Dropout = 0.25 });
        network.Build([HandwrittenDigits.Size, HandwrittenDigits.Size, 1]);
        network.Initialize(1);
        return network;
    }

    private static double Trained(ConvNet network, ImageDataset few, ImageDataset test, Freezing? freezing, int epochs = 8)
    {
        var trainer = new Trainer(network, new CrossEntropy(), new Adam(0.003), new TrainerOptions { Epochs = epochs, Freezing = freezing },
            [new Accuracy()]);
        trainer.Fit(new DataLoader(few, BatchOptions.Training with { Size = 16 }));
        return trainer.Evaluate(new DataLoader(test, BatchOptions.Evaluation))["accuracy"];
    }

    [Fact]
    public void Twenty_images_of_each_new_digit_are_enough_for_a_network_that_knows_others()
    {
        ConvNet knows = Network();
        Trained(knows, Digits(0, 400, 0), Digits(0, 10, 50_000), null, 6);
        ImageDataset few = Digits(5, 20, 100_000), test = Digits(5, 80, 200_000);
        float[] first = [.. knows.Variables.First(v => v.Path.Contains("convolution")).Variable.Value.ToArray<float>()];
        // With a head of its own.
        ConvNet transfer = Network();
        HashSet<string> head = [.. Freezing.HeadOf(transfer).SelectMany(l => l.Paths)];
        Assert.Equal(4, head.Count);
        foreach ((NamedVariable to, NamedVariable from) in transfer.Variables.Zip(knows.Variables))
            if (!head.Contains(to.Path)) to.Variable.Value = from.Variable.Value.Keep();
        double fresh = Trained(Network(), few, test, null), transferred = Trained(transfer, few, test, Freezing.AllButHead);
        Assert.True(transferred > fresh, $"{transferred} by what was known, {fresh} without");
        Assert.Equal(first, transfer.Variables.First(v => v.Path.Contains("convolution")).Variable.Value.ToArray<float>());
    }

    [Fact]
    public void The_options_hold_are_told_and_resume_to_the_same_bits()
    {
        var runner = new TaskRunner(Lamina.Tasks.Registry.AllTasks.Registry);
        LearningTask task = Lamina.Tasks.Registry.AllTasks.Registry.Find("tables")!;
        string data = _folder.Write("data.csv", System.Text.Encoding.UTF8.GetBytes("x,y\n" + string.Concat(Enumerable.Range(0, 120)
            .Select(i => $"{i % 40},{i % 40 * 2.5}\n"))));
        var events = new List<TaskEvent>();
        TaskContext context = new(events.Add, TestContext.Current.CancellationToken);
        TaskRequest Request(string run, params (string, object)[] values) => new()
        {
            Data = new DataSource(data), Run = _folder.At(run), Values = values.Append(("epochs", 4L)).Append(("hidden", "8,8"))
                .ToDictionary(v => v.Item1, v => v.Item2),
        };
        string first = runner.Train(task, Request("first"), context).Run;
        events.Clear();
        string run = runner.Train(task, Request("second", ("from", first), ("unfreeze", 2L)), context).Run;
        LayersFrozen[] told = [.. events.OfType<TrainingProgress>().Select(p => p.Event).OfType<LayersFrozen>()];
        Assert.Equal([1, 3], told.Select(t => t.Epoch));
        Assert.Equal(("head", 2), (RunFolder.Open(run).Info.Settings.Freeze!, RunFolder.Open(run).Info.Settings.Unfreeze!.Value));
        Assert.Contains("\"event\":\"frozen\"", File.ReadAllText(Path.Combine(run, "events.jsonl")));
        Assert.Contains("--unfreeze", File.ReadAllText(Path.Combine(run, "report.html")));

        using var stop = new CancellationTokenSource();
        TaskResult stopped = runner.Train(task, Request("stopped", ("from", first), ("unfreeze", 2L)), new(e =>
        {
            if (e is TrainingProgress { Event: StepDone { Step: 9 } }) stop.Cancel();
        }, stop.Token));
        Assert.True(stopped.WasInterrupted);
        Assert.Equal(File.ReadAllBytes(Path.Combine(run, "model.safetensors")), File.ReadAllBytes(runner.Resume(stopped.Run, context).Model!));

        // A head for other classes is drawn anew, though it has the same shape.
        string Classes(string name, string a, string b) =>
            _folder.Write(name, System.Text.Encoding.UTF8.GetBytes("x,c\n" + string.Concat(Enumerable.Range(0, 80)
            .Select(i => $"{i % 40},{(i % 40 < 20 ? a : b)}\n"))));
        string cats = runner.Train(task, Request("cats", ("quick", true)) with { Data = new DataSource(Classes("cats.csv", "cat", "dog")) },
            context).Run;
        events.Clear();
        runner.Train(task, Request("same", ("quick", true), ("from", cats)) with { Data = new DataSource(Classes("same.csv", "dog", "cat")) },
            context);
        Assert.DoesNotContain(events.OfType<Remarked>(), r => r.Message.Contains("drawn anew"));
        runner.Train(task, Request("birds", ("quick", true), ("from", cats)) with { Data = new DataSource(Classes("birds.csv", "gull", "tern")) },
            context);
        Assert.Contains(events.OfType<Remarked>(), r => r.Message.EndsWith("drawn anew: 'weight', 'bias'"));

        string Refused(params (string, object)[] values) =>
            Assert.Throws<TaskException>(() => runner.Train(task, Request("refused", values), context)).Message;
        Assert.Contains("--from RUN", Refused(("freeze", "head")));
        Assert.Contains("--from RUN", Refused(("unfreeze", 1L)));
        Assert.Contains("no layer", Refused(("from", first), ("freeze", "backbone")));
        Assert.Contains("nothing is left", Refused(("from", first), ("freeze", "99")));
        Assert.StartsWith("--freeze 0", Refused(("from", first), ("freeze", "0")));
        Assert.False(Directory.Exists(_folder.At("refused")));
    }
}
