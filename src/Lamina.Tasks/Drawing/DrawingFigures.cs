using System.Numerics.Tensors;
using Lamina.Learning.Generation;
using Lamina.Tasks.Spine;
using Lamina.Tensors;
using Tensor = Lamina.Tensors.Tensor;

namespace Lamina.Tasks.Drawing;

/// <summary>
/// Measures what a network draws: whether a classifier of real images reads the class that was asked for, how far the features of drawn images
/// are from those
/// of real ones, how different images of a class are from each other, and how near the nearest training image is. The mean training image is
/// measured alike.
/// </summary>
/// <param name="tested">The network.</param>
/// <param name="test">The real images.</param>
/// <param name="context">Is told how far it is; cancelled, it stops.</param>
internal sealed class DrawingFigures(TestedNetwork tested, DrawingSet test, TaskContext context)
{
    public const string AsAsked = "asAsked", Frechet = "frechet";

    private const int MostDrawn = 1_000, QuickDrawn = 20, MostCompared = 500, Shown = 24, LeastReal = 4;

    private readonly IReadOnlyList<string> _classes = ((DrawingOutput)tested.Run.Output).Names;

    /// <summary>Adds the figures to those of a report.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public TestReport Add(TestReport report)
    {
        bool isQuick = tested.Run.Settings.Quick;
        if (test.Count < LeastReal)
        {
            context.Tell(new Warned($"what is drawn isn't measured: {Wording.Count(test.Count, "test image")} are too few to compare with"));
            return report;
        }
        if (Features(isQuick) is not { } features)
        {
            context.Tell(new Warned($"what is drawn isn't measured: the run has no {ClassifierFeatures.File} to judge by, and there are no training images to make one of"));
            return report;
        }
        // Real images in two halves: drawn ones are compared with the first, and so is the second.
        int count = Math.Min(test.Count / 2, isQuick ? QuickDrawn : MostDrawn);
        int[] order = Order(), ours = [.. Places(count).Select(i => order[i])], others = [.. Places(count).Select(i => order[i + 1])];
        int[]? asked = _classes.Count == 0 ? null : [.. ours.Select(i => test.Images.Labels[i])];
        ImageSample[] real = [.. ours.Select(test.Sample)], rest = [.. others.Select(test.Sample)];
        ImageSample[] drawn = Draw(count, asked);
        Group right = new(features.Of(real, context.Cancel), asked), again = new(features.Of(rest, context.Cancel), null);
        var made = new Group(features.Of(drawn, context.Cancel), asked);
        double apart = FrechetDistance.Between(again.Features, right.Features, features.Width);
        var figures = new List<(string, Figure)>(Figures(made, right, features.Width));
        figures.Insert(figures.FindIndex(f => f.Item1 == Frechet) + 1, ("frechetReal", new(apart, FigureKind.Error)));
        if (right.Read is { } read) figures.Add(("judgeAccuracy", new(Share(read, asked!), FigureKind.Share)));
        if (test.Training is { } training)
        {
            report = report with
            {
                Baseline = MeanImage(training, features, right, asked, null),
                OtherBaselines = asked is null ? [] : [MeanImage(training, features, right, asked, asked)],
            };
            (double novelty, DrawnImage[] shown) = Compare(drawn, made, real, training);
            figures.Add(("novelty", new(novelty, FigureKind.Score)));
            report = report with { Drawings = shown };
        }
        return report with { Figures = new([.. figures, .. report.Figures.Select(f => (f.Key, f.Value))]) };
    }

    // As many of each class in both halves, in whatever order the data is.
    private int[] Order()
    {
        int[] order = new RandomStream(1).Permutation(test.Count);
        return _classes.Count == 0 ? order : [.. order.OrderBy(i => test.Images.Labels[i])];
    }

    private IEnumerable<int> Places(int count) => Enumerable.Range(0, count).Select(i => (int)((long)i * test.Count / count));

    /// <summary>Images that were looked at.</summary>
    private sealed class Group((float[] Features, int[]? Classes) seen, int[]? asked)
    {
        public float[] Features => seen.Features;

        /// <summary>The class that each was taken for.</summary>
        public int[]? Read => seen.Classes;

        /// <summary>The class that was asked for, or that it is of.</summary>
        public int[]? Asked => asked;
    }

    private ImageFeatures? Features(bool isQuick) => _classes.Count == 0
        ? new PixelFeatures(test.Images.Height, test.Images.Width, test.Images.Channels)
        : ClassifierFeatures.Open(tested.Folder, test.Training?.Images, _classes.Count, isQuick, context);

    private ImageSample[] Draw(int count, int[]? asked)
    {
        const int AtOnce = 100;
        IImageGenerator generator = DrawingTask.GeneratorOf(tested.Run, tested.Network, new());
        var drawn = new List<ImageSample>(count);
        for (int first = 0; first < count; first += AtOnce)
        {
            context.Tell(new Preparing("drawing images", first, count));
            int size = Math.Min(AtOnce, count - first);
            Tensor some = generator.Draw(size, new DrawOptions
            {
                Classes = asked?[first..(first + size)], Seed = tested.Run.Settings.Seed, First = first, Cancel = context.Cancel,
            });
            WeightCheck.RequireFinite(some.Read<float>());
            drawn.AddRange(DrawingSet.Samples(some));
        }
        return [.. drawn];
    }

    private static List<(string, Figure)> Figures(Group made, Group real, int width)
    {
        var figures = new List<(string, Figure)>();
        if (made is { Read: { } read, Asked: { } asked })
        {
            double share = Share(read, asked);
            figures.Add((AsAsked, new(share, FigureKind.Share, Statistics.Wilson(share, read.Length))));
        }
        figures.Add((Frechet, new(FrechetDistance.Between(made.Features, real.Features, width), FigureKind.Error)));
        figures.Add(("diversity", new(Diversity(made, real, width), FigureKind.Score)));
        return figures;
    }

    private static double Share(int[] read, int[] asked) => read.Zip(asked).Count(p => p.First == p.Second) / (double)read.Length;

    // The mean distance of pairs of a class, over that of real images of the classes that both have pairs of.
    private static double Diversity(Group made, Group real, int width)
    {
        double drawn = 0, actual = 0;
        int[][] Members(Group g) => g.Asked is null ? [[.. Enumerable.Range(0, g.Features.Length / width)]]
            : [.. g.Asked.Select((c, i) => (c, i)).GroupBy(p => p.c).OrderBy(p => p.Key).Select(p => p.Select(x => x.i).ToArray())];
        foreach ((int[] ours, int[] theirs) in Members(made).Zip(Members(real)))
        {
            if (ours.Length < 2 || theirs.Length < 2) continue;
            drawn += MeanDistance(made.Features, ours, width);
            actual += MeanDistance(real.Features, theirs, width);
        }
        return actual > 0 ? drawn / actual : double.NaN;
    }

    private static double MeanDistance(float[] features, int[] members, int width)
    {
        double sum = 0;
        ReadOnlySpan<float> Row(int i) => features.AsSpan(members[i] * width, width);
        for (int i = 0; i < members.Length; i++)
            for (int j = 0; j < i; j++) sum += TensorPrimitives.Distance(Row(i), Row(j));
        return sum / (members.Length * (members.Length - 1) / 2.0);
    }

    // The mean of all training images, or of those of each class, drawn again and again.
    private BaselineReport MeanImage(DrawingSet training, ImageFeatures features, Group real, int[]? asked, int[]? byClass)
    {
        int kinds = byClass is null ? 1 : _classes.Count, size = training.Images.Pixels(0).Length;
        var sums = new double[kinds][];
        var counts = new int[kinds];
        for (int k = 0; k < kinds; k++) sums[k] = new double[size];
        for (int i = 0; i < training.Count; i++)
        {
            int kind = byClass is null ? 0 : training.Images.Labels[i];
            ReadOnlySpan<byte> pixels = training.Images.Pixels(i);
            for (int p = 0; p < size; p++) sums[kind][p] += pixels[p];
            counts[kind]++;
        }
        ImageSample[] means = [.. sums.Select((sum, k) => new ImageSample([.. sum.Select(s => (byte)Math.Round(s / Math.Max(1, counts[k])))],
            test.Images.Height, test.Images.Width, test.Images.Channels))];
        (float[] seen, int[]? read) = features.Of(means, context.Cancel);
        int count = real.Features.Length / features.Width;
        int Kind(int i) => byClass is null ? 0 : byClass[i];
        float[] all = [.. Enumerable.Range(0, count).SelectMany(i => seen[(Kind(i) * features.Width)..((Kind(i) + 1) * features.Width)])];
        int[]? taken = read is null ? null : [.. Enumerable.Range(0, count).Select(i => read[Kind(i)])];
        return new(byClass is null ? "the mean training image" : "the mean image of the class",
            new(Figures(new((all, taken), asked), real, features.Width)));
    }

    private (double Novelty, DrawnImage[] Shown) Compare(ImageSample[] drawn, Group made, ImageSample[] real, DrawingSet training)
    {
        int compared = Math.Min(MostCompared, drawn.Length);
        int[] some = [.. Enumerable.Range(0, compared).Select(i => (int)((long)i * drawn.Length / compared))];
        (int Index, double Distance)[] near = NearestImages.Of([.. some.Select(i => drawn[i])], training, context.Cancel);
        (int Index, double Distance)[] usual = NearestImages.Of([.. some.Select(i => real[i])], training, context.Cancel);
        double typical = usual.Average(n => n.Distance);
        string? Name(int[]? classes, int at) => classes is null ? null : _classes[classes[some[at]]];
        DrawnImage Pair(int at) => new(Name(made.Asked, at), Name(made.Read, at), drawn[some[at]], training.Sample(near[at].Index), near[at].Distance);
        // Half of those shown are the nearest to any training image, where copies would be; the others are as they come.
        int[] nearest = [.. Enumerable.Range(0, some.Length).OrderBy(i => near[i].Distance).Take(Shown / 2)];
        int[] others = [.. Enumerable.Range(0, some.Length).Except(nearest)];
        int more = Math.Min(Shown / 2, others.Length);
        return (typical > 0 ? near.Average(n => n.Distance) / typical : double.NaN,
            [.. nearest.Select(Pair), .. Enumerable.Range(0, more).Select(i => Pair(others[(int)((long)i * others.Length / more)]))]);
    }
}
