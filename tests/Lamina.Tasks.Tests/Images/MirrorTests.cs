using System.Text.Json;
using Lamina.Learning.Data;
using Lamina.Tasks.Images;
using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Tests.Images;

/// <summary>Images are mirrored in training where that doesn't turn one class into another.</summary>
[Collection("the shared pool")]
public sealed class MirrorTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string> Mirrored => new() { { "arrows", "right", "left" }, { "letters", "b", "d" } };

    [Theory, MemberData(nameof(Mirrored))]
    public void Learns_coloured_classes_that_are_each_others_mirror_images(string kind, string one, string other)
    {
        using var folder = new TempFolder();
        Func<int, bool, byte[]> draw = kind == "arrows" ? MirroredShapes.Arrow : MirroredShapes.Letter;
        MirroredShapes.Write(folder, "data", 300, draw, one, other);
        var events = new List<TaskEvent>();
        TaskResult result = ImageClassification.Train(new ImageOptions { Data = folder.At("data"), Run = folder.At("run"), Epochs = 20 }, events.Add, Cancel);
        Assert.Contains("light (shifted, not mirrored); mirroring confuses classes: mirrored, '", Augmentation(events.OfType<DataReady>().Single()));
        Assert.Equal("light", Saved(folder.At("run")));
        Assert.InRange(result.Test!["accuracy"], 0.95, 1);
    }

    [Fact]
    public void Mirrors_where_classes_are_their_own_mirror_images()
    {
        MirrorVerdict verdict = Check(200, MirroredShapes.RingOrCross);
        Assert.True(verdict.MayMirror, verdict.Reason);
        Assert.Contains("mirroring doesn't confuse classes", verdict.Reason);
    }

    [Fact]
    public void Finds_two_mirrored_classes_among_many()
    {
        MirrorVerdict verdict = Check(150, MirroredShapes.RingOrCross, MirroredShapes.Arrow);
        Assert.False(verdict.MayMirror, verdict.Reason);
        Assert.Matches("mirrored, '[23]' is taken for '[32]'", verdict.Reason);
    }

    [Fact]
    public void Does_not_mirror_what_it_cannot_tell()
    {
        Assert.False(Check(2, MirroredShapes.RingOrCross).MayMirror);
        // The same images in both classes: nothing to learn.
        MirrorVerdict verdict = Check(30, (seed, _) => MirroredShapes.Arrow(seed, false));
        Assert.False(verdict.MayMirror, verdict.Reason);
        Assert.Contains("can't be told", verdict.Reason);
    }

    [Fact]
    public void Mirrors_photographs()
    {
        ImageSet train = ImageSource.Open(RealData.Require("images/cifar10.zip"), cancel: Cancel).Train;
        MirrorVerdict verdict = MirrorCheck.Of(Dataset(train.Pixels, train.Height, train.Labels, train.Classes), _ => { }, Cancel);
        Assert.True(verdict.MayMirror, verdict.Reason);
    }

    [Theory, InlineData("none"), InlineData("light"), InlineData("photos"), InlineData("digits")]
    public void An_augmentation_that_is_asked_for_is_taken_and_kept_on_resume(string name)
    {
        using var folder = new TempFolder();
        MirroredShapes.Write(folder, "data", 12, MirroredShapes.Arrow, "right", "left");
        var events = new List<TaskEvent>();
        ImageClassification.Train(new ImageOptions { Data = folder.At("data"), Run = folder.At("run"), Quick = true, Augmentation = name }, events.Add, Cancel);
        Assert.Equal(name, Saved(folder.At("run")));
        ImageClassification.Resume(folder.At("run"), events.Add, Cancel);
        DataReady[] told = [.. events.OfType<DataReady>()];
        Assert.StartsWith($"{name} (", Augmentation(told[0]));
        Assert.EndsWith("as asked", Augmentation(told[0]));
        Assert.StartsWith($"{name} (", Augmentation(told[1]));
        Assert.EndsWith("as the run was begun", Augmentation(told[1]));
        Assert.Equal(name, Saved(folder.At("run")));
    }

    [Fact]
    public void Refuses_unknown_augmentations_and_those_of_a_single_batch()
    {
        using var folder = new TempFolder();
        ImageOptions options = new() { Run = folder.At("run"), Quick = true };
        Assert.Contains("--augment wild: expected one of none, light, photos, strong, digits", Assert.Throws<TaskException>(() => ImageClassification.Train(options with { Augmentation = "wild" }, _ => { }, Cancel)).Message);
        Assert.Contains("can't be given", Assert.Throws<TaskException>(() => ImageClassification.Train(options with { Augmentation = "photos", OverfitBatch = true }, _ => { }, Cancel)).Message);
    }

    private static string? Saved(string run)
    {
        using JsonDocument info = JsonDocument.Parse(File.ReadAllText(Path.Combine(run, "run.json")));
        return info.RootElement.GetProperty("options").GetProperty("augment").GetString();
    }

    // Two classes for each kind of drawing.
    private static MirrorVerdict Check(int each, params Func<int, bool, byte[]>[] draws)
    {
        var pixels = new List<byte>();
        var labels = new List<int>();
        for (int i = 0; i < each * 2 * draws.Length; i++)
        {
            int label = i % (2 * draws.Length);
            var rgb = new byte[MirroredShapes.Side * MirroredShapes.Side * 3];
            Assert.Null(ImageDecoder.Decode(draws[label / 2](i, label % 2 == 1), new(MirroredShapes.Side, MirroredShapes.Side), rgb, new ImageReadOptions(), out _));
            pixels.AddRange(rgb);
            labels.Add(label);
        }
        return MirrorCheck.Of(Dataset([.. pixels], MirroredShapes.Side, [.. labels], [.. Enumerable.Range(0, 2 * draws.Length).Select(l => $"{l}")]), _ => { }, Cancel);
    }

    private static ImageDataset Dataset(byte[] pixels, int side, int[] labels, IReadOnlyList<string> classes)
    {
        var images = new ImageDataset(pixels, side, side, 3, labels, classes);
        return images.With(Normalization.Of(images, [.. Enumerable.Range(0, images.Count)]));
    }

    private static string? Augmentation(DataReady data) => data.Facts.SingleOrDefault(f => f.Name == "augmentation")?.Text;
}
