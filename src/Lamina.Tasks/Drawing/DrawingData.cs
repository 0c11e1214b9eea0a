using Lamina.Learning.Data;
using Lamina.Tasks.Images;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Drawing;

/// <summary>The images of a run, read as the images task reads them, with or without classes.</summary>
internal static class DrawingData
{
    // Larger images take too long to learn to draw on a CPU.
    private const int MostSide = 64;

    /// <summary>Reads the images, and leaves out their classes where there is one alone or none are wanted.</summary>
    /// <param name="path">A folder or file; null: built-in digits.</param>
    /// <param name="size">The size that they are brought to; null: their own, up to 64 pixels a side.</param>
    /// <param name="withoutClasses">Whether classes are left out.</param>
    /// <param name="seed">The seed of the split.</param>
    /// <param name="quick">Fewer built-in digits.</param>
    /// <param name="context">Is told how far it is; cancelled, it stops.</param>
    /// <exception cref="DataException">The data can't be used.</exception>
    public static (TaskData Data, IReadOnlyList<string> Classes) Open(string? path, ImageSize? size, bool withoutClasses, long seed, bool quick,
        TaskContext context)
    {
        ImageData Read(ImageSize? to) =>
            ImageData.Open(path, seed, new SplitRule(), quick,
                new ImageReadOptions { Size = to, MayLackClasses = true, IgnoresClasses = withoutClasses }, context.Tell,
                context.Cancel);
        ImageData data = Read(size);
        (int height, int width) = (data.Training.Height, data.Training.Width);
        if (size is null && Math.Max(height, width) > MostSide)
        {
            double scale = (double)MostSide / Math.Max(height, width);
            data = Read(new ImageSize(Math.Max(2, (int)Math.Round(height * scale)), Math.Max(2, (int)Math.Round(width * scale))));
        }
        IReadOnlyList<string> classes = withoutClasses || data.Output is not ClassOutput { Names.Count: > 1 } ? [] : data.Training.Classes;
        bool has = classes.Count > 0;
        var training = new DrawingSet(data.Training, has);
        string text = has ? $"{classes.Count:N0} classes, each of which can be asked for"
            : withoutClasses ? "left out, as asked" : "none: images are drawn as they come";
        return (new(training, new DrawingSet(data.Validation, has), new DrawingSet(data.Test, has) { Training = training },
            data.Source, data.Hash, data.InputText, data.Notes)
        {
            Facts = [new("classes", "classes", text)],
        }, classes);
    }

    /// <summary>Reads images to measure a run's network on.</summary>
    /// <exception cref="DataException">The data can't be used, or has classes that the run doesn't know.</exception>
    public static DrawingSet Test(string path, DrawingNetwork network, IReadOnlyList<string> classes, TaskContext context)
    {
        (int height, int width, int channels, _) = network.Image;
        if (classes.Count > 0)
        {
            float[] mean = new float[channels], one = [.. Enumerable.Repeat(1f, channels)];
            var prepared = new ImagePreprocessing { Input = [height, width, channels], Mean = mean, Deviation = one };
            return new((ImageDataset)ImageData.ForTest(path, prepared, new ClassOutput(classes), new TargetOptions(), context.Tell,
                context.Cancel), true);
        }
        LabeledImages read = ImageSource.Open(path, new ImageReadOptions { Size = new(height, width), MayLackClasses = true, IgnoresClasses = true },
            null, context.Cancel);
        ImageSet set = read.Test ?? read.Train;
        context.Tell(new TestReady(path, read.Test is null ? "all of it" : "its test part", set.Count, "image",
            $"{height}×{width} {(channels == 1 ? "grey" : "colour")}", read.Notes));
        return new(new ImageDataset(ImageData.Channels(set.Pixels, set.Channels, channels), height, width, channels, new int[set.Count],
            [ClassLayout.Only]), false);
    }
}
