using Lamina.Formats;
using Lamina.Learning.Saving;
using Lamina.Models;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Images;
using Lamina.Tasks.Spine;
using Lamina.Tasks.Images.Handwriting;
using Lamina.Tensors;
using SkiaSharp;

namespace Lamina.Tasks.Tests.Images;

/// <summary>A trained network on images of one's own: what a test takes, and what is refused.</summary>
[Collection("the shared pool")]
public sealed class MeasuringTests
{
    private const int Side = HandwrittenDigits.Size;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // A network that reads digits, not well.
    private static readonly Lazy<string> s_run = new(() =>
    {
        string folder = Directory.CreateTempSubdirectory("lamina-run-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        ImageClassification.Train(new ImageOptions { Quick = true, Epochs = 10, Run = Path.Combine(folder, "run") }, _ => { }, CancellationToken.None);
        return Path.Combine(folder, "run");
    });

    private static readonly (byte[] Pixels, byte[] Labels) s_digits = HandwrittenDigits.Generate(40, 99, 0);

    private static byte[] Pixels(int index) => s_digits.Pixels[(index * Side * Side)..((index + 1) * Side * Side)];

    private static byte[] Png(int index, bool inverted = false)
    {
        byte[] pixels = Pixels(index);
        return SampleImages.Png(Side, Side, (row, column) =>
        {
            byte grey = (byte)(inverted ? 255 - pixels[(row * Side) + column] : pixels[(row * Side) + column]);
            return new SKColor(grey, grey, grey);
        });
    }

    private static (TestReport Report, TestReady Data) Test(string data, string? run = null)
    {
        var events = new List<TaskEvent>();
        TestReport report = ImageClassification.Test(run ?? s_run.Value, data, events.Add, Cancel);
        return (report, events.OfType<TestReady>().Single());
    }

    [Theory, InlineData("t10k"), InlineData("test"), InlineData("val"), InlineData("train"), InlineData("my")]
    public void Takes_one_pair_of_idx_files_whatever_part_it_is(string name)
    {
        using var folder = new TempFolder();
        folder.Write($"{name}-images-idx3-ubyte", SampleImages.Idx([40, Side, Side], s_digits.Pixels));
        folder.Write($"{name}-labels-idx1-ubyte.gz", SampleImages.Gzip(SampleImages.Idx([40], s_digits.Labels)));
        (TestReport report, TestReady data) = Test(folder.Root);
        Assert.Equal(40, report.Count);
        Assert.Equal((folder.Root, 40), (data.Source, data.Count));
        Assert.Contains($"{name}-images-idx3-ubyte", data.Part);
    }

    [Fact]
    public void A_runs_model_describes_itself_and_predicts_without_the_run()
    {
        using var folder = new TempFolder();
        string file = folder.At("alone.safetensors");
        File.Copy(RunFolder.Open(s_run.Value).Model, file);
        folder.Write("a.png", SampleImages.Png(10, 9, 200));
        Prediction by = Assert.Single(ImageClassification.Predict(s_run.Value, [folder.At("a.png")], 5, Cancel));
        foreach (string path in (string[])[file, s_run.Value])
        {
            Prediction said = Assert.Single(ImageFilePredictor.Load(path).Predict([folder.At("a.png")], cancel: Cancel).Items);
            Assert.Equal(by.Top, said.Top);
        }
        SavedNetwork saved = Model.Open(file);
        Assert.Equal("images", saved.Info.Task);
        Assert.IsType<ConvNet>(saved.Network);
        Assert.Equal(TargetMeaning.Known(RunFolder.Open(s_run.Value).Info.Output).Names, new Predictor(saved.Network, saved.Info).Classes);
    }

    [Fact]
    public void Reads_the_test_part_of_idx_files_only()
    {
        using var folder = new TempFolder();
        folder.Write("t10k-images-idx3-ubyte", SampleImages.Idx([40, Side, Side], s_digits.Pixels));
        folder.Write("t10k-labels-idx1-ubyte", SampleImages.Idx([40], s_digits.Labels));
        folder.Write("train-images-idx3-ubyte", [1, 2, 3]);
        folder.Write("train-labels-idx1-ubyte", [4, 5, 6]);
        Assert.Equal("its test part, t10k-images-idx3-ubyte", Test(folder.Root).Data.Part);
    }

    [Fact]
    public void Reads_the_test_folder_only()
    {
        using var folder = new TempFolder();
        for (int i = 0; i < 20; i++) folder.Write($"data/test/{s_digits.Labels[i]}/{i}.png", Png(i));
        string alone = Test(folder.At("data")).Report.Figures.ToString();
        for (int i = 0; i < 100; i++) folder.Write($"data/train/{i % 10}/{i}.png", [1, 2, 3]); // not one is an image
        folder.Write("data/train/eleven/a.png", [1]);
        (TestReport report, TestReady data) = Test(folder.At("data"));
        Assert.Equal(20, report.Count);
        Assert.Equal("its test part, test/", data.Part);
        Assert.DoesNotContain(data.Notes, note => note.Contains("skipped"));
        Assert.Equal(alone, report.Figures.ToString());
        Assert.Equal("all of it", Test(folder.At("data/test")).Data.Part);
    }

    [Fact]
    public void One_class_and_one_image_are_enough()
    {
        using var folder = new TempFolder();
        int digit = s_digits.Labels[0];
        folder.Write($"one/{digit}/a.png", Png(0));
        (TestReport report, TestReady data) = Test(folder.At("one"));
        Assert.Equal((1, 1), (report.Count, data.Classes));
        Assert.Equal(report["accuracy"], Test(folder.At($"one/{digit}")).Report["accuracy"]); // the class's own folder
        Assert.Equal(report["accuracy"], Test(folder.Zip("one.zip", ($"data/test/{digit}/a.png", Png(0)))).Report["accuracy"]);
    }

    [Fact]
    public void Classes_count_by_name_and_missing_ones_are_named()
    {
        using var folder = new TempFolder();
        int[] some = [.. Enumerable.Range(0, 40).Where(i => s_digits.Labels[i] is 9 or 3)];
        foreach (int i in some) folder.Write($"data/{s_digits.Labels[i]}/{i}.png", Png(i));
        (TestReport report, TestReady data) = Test(folder.At("data"));
        int right = ImageClassification.Predict(s_run.Value, [folder.At("data")], 1, Cancel).Count(p => p.Top[0].Class == Path.GetFileName(Path.GetDirectoryName(p.Source)));
        Assert.Equal((double)right / some.Length, report["accuracy"], 6);
        Assert.Contains(data.Notes, note => note == "no images of '0', '1', '2', '4', '5', '6', '7', '8'");
    }

    [Theory]
    [InlineData("data/test/x/a.png")]
    [InlineData("data/x/a.png")]
    public void Unknown_classes_are_refused_before_any_image_is_read(string file)
    {
        using var folder = new TempFolder();
        folder.Write(file, [1, 2, 3]);
        folder.Write(file.Replace("/x/", "/3/"), [1, 2, 3]);
        var error = Assert.Throws<DataException>(() => Test(folder.At("data")));
        Assert.Contains("has the class 'x', which the network doesn't know", error.Message);
    }

    [Fact]
    public void Unknown_labels_of_idx_files_and_images_without_labels_are_refused()
    {
        using var folder = new TempFolder();
        folder.Write("idx/t10k-images-idx3-ubyte", SampleImages.Idx([1, Side, Side], Pixels(0)));
        folder.Write("idx/t10k-labels-idx1-ubyte", SampleImages.Idx([1], [12]));
        Assert.Contains("has the class '12'", Assert.Throws<DataException>(() => Test(folder.At("idx"))).Message);
        folder.Write("loose/a.png", Png(0));
        Assert.Contains("without labels", Assert.Throws<DataException>(() => Test(folder.At("loose"))).Message);
        folder.Write("broken/3/a.png", [1, 2, 3]);
        Assert.Contains("none of its images can be read", Assert.Throws<DataException>(() => Test(folder.At("broken"))).Message);
    }

    public static TheoryData<string, float, string> Damage => new()
    {
        { "weight", float.NaN, "NaN" }, { "weight", 3e38f, "3E+38" }, { "bias", float.NegativeInfinity, "−∞" }, { "variance", -1, "variance can't be negative" }, { "mean", float.NaN, "NaN" },
    };

    [Theory, MemberData(nameof(Damage))]
    public void Damaged_weights_are_an_error_that_names_them(string part, float value, string said)
    {
        using var folder = new TempFolder();
        folder.Write("run/run.json", File.ReadAllBytes(Path.Combine(s_run.Value, "run.json")));
        IReadOnlyDictionary<string, Tensor> tensors = SafeTensors.Read(Path.Combine(s_run.Value, "model.safetensors")).Tensors;
        string name = tensors.Keys.First(key => key.EndsWith(part, StringComparison.OrdinalIgnoreCase));
        float[] values = tensors[name].ToArray<float>();
        values[^1] = value;
        SafeTensors.Write(folder.At("run/model.safetensors"), tensors.Select(t => t.Key == name ? KeyValuePair.Create(name, Tensor.Create<float>(t.Value.Shape, target => values.CopyTo(target))) : t), new Dictionary<string, string>());
        folder.Write("data/3/a.png", Png(0));
        foreach (Action use in (Action[])[() => ImageClassification.Predict(folder.At("run"), [folder.At("data")], 1, Cancel), () => Test(folder.At("data"), folder.At("run"))])
        {
            var error = Assert.Throws<TaskException>(use);
            Assert.Contains($"'{name}'", error.Message);
            Assert.Contains(said, error.Message);
        }
    }

    [Fact]
    public void Dark_digits_on_light_ground_are_inverted_and_that_is_said()
    {
        using var folder = new TempFolder();
        for (int i = 0; i < 40; i++)
        {
            folder.Write($"as/{s_digits.Labels[i]}/{i}.png", Png(i));
            folder.Write($"inverted/{s_digits.Labels[i]}/{i}.png", Png(i, inverted: true));
        }
        folder.Write("idx/t10k-images-idx3-ubyte", SampleImages.Idx([40, Side, Side], [.. s_digits.Pixels.Select(p => (byte)(255 - p))]));
        folder.Write("idx/t10k-labels-idx1-ubyte", SampleImages.Idx([40], s_digits.Labels));
        Prediction[] plain = [.. ImageClassification.Predict(s_run.Value, [folder.At("as")], 1, Cancel)], inverted = [.. ImageClassification.Predict(s_run.Value, [folder.At("inverted")], 1, Cancel)];
        Assert.Equal(plain.Select(p => p.Top[0]), inverted.Select(p => p.Top[0]));
        Assert.All(plain, p => Assert.Null(p.Note));
        Assert.All(inverted, p => Assert.StartsWith("inverted (dark on light", p.Note));
        (TestReport report, TestReady data) = Test(folder.At("as"));
        Assert.Empty(data.Notes);
        foreach (string other in (string[])["inverted", "idx"])
        {
            (TestReport again, TestReady told) = Test(folder.At(other));
            Assert.Equal(report["accuracy"], again["accuracy"]);
            // An IDX file has the images in another order, in which a sum of 40 float32 losses is rounded otherwise: by 40 · 2⁻²⁴ of it at most.
            Assert.Equal(report["loss"], again["loss"], other == "idx" ? 40 * Math.Pow(2, -24) * report["loss"] : 0);
            Assert.Contains(told.Notes, note => note.StartsWith("inverted 40 images"));
        }
    }

    [Fact]
    public void Folders_are_predicted_in_order_as_far_as_somebody_wants()
    {
        using var folder = new TempFolder();
        for (int i = 0; i < 150; i++) folder.Write($"all/{i % 3}/{i:D3}.png", Png(i % 40));
        folder.Write("all/notes.txt", [1]);
        string[] files = [.. ImageClassification.Predict(s_run.Value, [folder.At("all"), folder.At("missing.png")], 1, Cancel).Select(p => p.Source)];
        Assert.Equal(151, files.Length);
        Assert.Equal([.. files[..150].Order(StringComparer.Ordinal), folder.At("missing.png")], files);

        using var stop = new CancellationTokenSource();
        var found = new List<Prediction>();
        Assert.Throws<OperationCanceledException>(() =>
        {
            foreach (Prediction one in ImageClassification.Predict(s_run.Value, [folder.At("all")], 1, stop.Token))
            {
                found.Add(one);
                if (found.Count == 10) stop.Cancel();
            }
        });
        Assert.InRange(found.Count, 10, 149); // what was computed is given, and no more is begun
        Directory.CreateDirectory(folder.At("empty"));
        Assert.Throws<DataException>(() => ImageClassification.Predict(s_run.Value, [folder.At("empty")], 1, Cancel));
    }
}
