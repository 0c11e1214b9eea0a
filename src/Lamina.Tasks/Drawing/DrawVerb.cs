using System.Globalization;
using Lamina.Formats;
using Lamina.Learning.Generation;
using Lamina.Tasks.Reports;
using Lamina.Tasks.Spine;
using Tensor = Lamina.Tensors.Tensor;

namespace Lamina.Tasks.Drawing;

/// <summary><c>lamina generate RUN</c> of a run that draws: draws images onto a sheet.</summary>
internal static class DrawVerb
{
    private const string Class = "class", Count = "count", Out = "out", Sampler = "sampler", Steps = "steps",
        Guidance = "guidance", Across = "columns";

    private const int UsualCount = 16, MostCount = 10_000, AtOnce = 100;
    private const long MostPixels = 100_000_000, MostSide = 65_000;
    private const string UsualFile = "drawn";

    public static TaskVerb Create() => new("generate", "Draws images onto a sheet, a PNG file.",
    [
        new(Class, OptionKind.Text, "Class of the images, or several with commas between them (default: all in turn).") { ValueName = "NAME" },
        new(Count, OptionKind.Whole, $"Images to draw, up to {MostCount:N0} (default: {UsualCount})."),
        new(Out, OptionKind.Text, $"The file, which is replaced (default: {UsualFile}.png, or the next free name).") { ValueName = "FILE" },
        new(Across, OptionKind.Whole, "Images in a row of the sheet (default: as many as make it square)."),
        new(CommonOptions.Seed, OptionKind.Whole, "Random seed: the same seed draws the same images (default: 0).")
            { Least = long.MinValue, Most = long.MaxValue },
        new(Guidance, OptionKind.Number, FormattableString.Invariant(
            $"How much the class counts: 1 as in the data; more makes images clearer, and more alike (default: {DrawingNetwork.UsualGuidance})."))
            { Example = "2" },
        new(Steps, OptionKind.Whole,
            "Steps from noise to an image: more take longer (default: 25 for flow; of diffusion 50 for ddim, and all 1,000, which are the most, for ancestral).") { Most = 10_000 },
        new(Sampler, OptionKind.Choice, "How a step is taken: euler or heun for flow, ddim or ancestral for diffusion (default: euler, ddim).")
            { Choices = DrawingNetwork.Samplers },
    ], Run)
    {
        IsText = true, InputHelp = "None: what is drawn is said by options.",
        Examples = ["generate RUN --class 7 --count 16 --out sheet.png"],
    };

    private static IEnumerable<string> Run(TaskModel model, IReadOnlyList<string> inputs, IReadOnlyDictionary<string, object> values,
        TaskContext context)
    {
        string? Text(string name) => values.TryGetValue(name, out object? value) ? (string)value : null;
        long? Whole(string name) => values.TryGetValue(name, out object? value) ? (long)value : null;
        if (inputs.Count > 0) throw new TaskException($"a run that draws takes no input, and was given '{inputs[0]}'", $"--{Class} and --{Count}");
        long count = Whole(Count) ?? UsualCount;
        if (count > MostCount)
            throw new TaskException(string.Create(CultureInfo.InvariantCulture, $"--{Count} {count}: a sheet holds {MostCount:N0} images at most"),
                "several sheets, each with a seed of its own");
        int[]? asked = ClassesOf(((DrawingOutput)model.Run.Output).Names, Text(Class));
        var way = new DrawingWay(Text(Sampler), (int?)Whole(Steps), values.TryGetValue(Guidance, out object? g) ? (double)g : null);
        IImageGenerator generator = DrawingTask.GeneratorOf(model.Run, model.Network, way);
        string? file = Text(Out) is { } given ? Checked(given) : null;
        int columns = (int)Math.Min(count, Whole(Across) ?? (long)Math.Ceiling(Math.Sqrt(count)));
        // With the gap between images; a PNG reader takes sides up to a million.
        long rows = (count + columns - 1) / columns, height = rows * (generator.Image[0] + 2), width = columns * (generator.Image[1] + 2L);
        if (height * width * generator.Image[2] > MostPixels || Math.Max(height, width) > MostSide)
            throw new TaskException(string.Create(CultureInfo.InvariantCulture,
                $"--{Count} {count}: {count:N0} images of {generator.Image[0]}×{generator.Image[1]} in {columns:N0} columns make a sheet of {height:N0}×{width:N0} pixels, too large for one"), $"fewer images, or another --{Across}");
        return Draw(generator, (int)count, asked, Whole(CommonOptions.Seed) ?? 0, columns, file, context);
    }

    // Before anything is drawn, a wrong option is told; the work is done as the results are asked for.
    private static IEnumerable<string> Draw(IImageGenerator generator, int count, int[]? asked, long seed, int columns, string? file,
        TaskContext context)
    {
        var images = new List<ImageSample>(count);
        for (int first = 0; first < count; first += AtOnce)
        {
            int size = Math.Min(AtOnce, count - first), before = first;
            Tensor drawn = generator.Draw(size, new DrawOptions
            {
                Classes = asked is null ? null : [.. Enumerable.Range(first, size).Select(i => asked[i % asked.Length])],
                Seed = seed, First = first, Cancel = context.Cancel,
                Progress = share => context.Tell(new Preparing("drawing images", before + (int)(share * size), count)),
            });
            WeightCheck.RequireFinite(drawn.Read<float>());
            images.AddRange(DrawingSet.Samples(drawn));
        }
        byte[] png = ImagePng.Of(ImagePng.Sheet(images, columns));
        file ??= Free();
        AtomicFile.Write(file, stream => stream.Write(png));
        yield return string.Create(CultureInfo.InvariantCulture,
            $"{count:N0} {(count == 1 ? "image" : "images")} drawn, written to {ForeignText.Show(file)}\n");
    }

    // Null where there are no classes; all in turn where none is asked for.
    private static int[]? ClassesOf(IReadOnlyList<string> names, string? asked)
    {
        if (asked is null) return names.Count == 0 ? null : [.. Enumerable.Range(0, names.Count)];
        if (names.Count == 0) throw new TaskException($"--{Class} {asked}: the run learned images without classes", $"no --{Class}");
        List<string> known = [.. names];
        if (known.IndexOf(asked) is var whole and >= 0) return [whole];
        return [.. asked.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).DefaultIfEmpty(asked).Select(one =>
        {
            if (known.IndexOf(one) is var found and >= 0) return found;
            string? near = NearName.Find(one, known);
            throw new TaskException($"--{Class} {one}: the run has no such class{(near is null ? "" : $"; did you mean {near}?")}",
                Wording.Names(known));
        })];
    }

    private static string Checked(string file)
    {
        if (Directory.Exists(file) || Path.EndsInDirectorySeparator(file))
            throw new TaskException($"--{Out} {file} is a folder", Path.Combine(file, $"{UsualFile}.png"));
        if (!Path.GetExtension(file).Equals(".png", StringComparison.OrdinalIgnoreCase))
            throw new TaskException($"--{Out} {file}: a sheet is written as PNG", Path.ChangeExtension(file, ".png"));
        if (Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder && !Directory.Exists(folder))
            throw new TaskException($"--{Out} {file}: there is no folder {folder}", "making the folder first, or another path");
        return file;
    }

    private static string Free()
    {
        for (int i = 1; ; i++)
            if ((i == 1 ? $"{UsualFile}.png" : $"{UsualFile}-{i}.png") is var name && !Path.Exists(name)) return name;
    }
}
