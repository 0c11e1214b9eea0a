using System.Numerics.Tensors;
using Lamina.Learning.Data;
using Lamina.Learning.Losses;
using Lamina.Learning.Metrics;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Schedules;
using Lamina.Learning.Training;
using Lamina.Models;

namespace Lamina.Tasks.Images;

/// <summary>Whether mirroring training images is safe, and why, as a clause for a person.</summary>
internal sealed record MirrorVerdict(bool MayMirror, string Reason);

/// <summary>
/// Decides by the data whether training images may be mirrored. A small network learns half of a sample of them as they
/// are, scaled down, for a second or two; the other half is then classified twice, as it is and mirrored. Where mirrored
/// images are recognised about as well, left and right carry no meaning, as in most photographs; arrows or the letters b
/// and d are taken for each other. The same data give the same verdict, whatever the number of threads.
/// </summary>
internal static class MirrorCheck
{
    // A sample large enough to see a difference of a tenth clearly, and small enough for a second or two.
    private const int MostSamples = 4_000, LongestSide = 48, Blocks = 8, BatchSize = 64;
    private const long Seed = 1;
    private const string Doing = "checking mirrored images";

    // Most data are clear after the first round; only where nothing was learned yet, or two classes can't be told apart, is it tried for longer.
    private static readonly int[] Rounds = [300, 1_200];

    // Standard errors: by chance a figure lies beyond once in a hundred to a thousand times.
    private const double Clear = 2.5, ClearForOneClass = 3;
    private const double LeastDrop = 0.1, LeastDropOfOneClass = 0.25;

    // Of two classes, what is right by guessing, and a little more.
    private const double Guessed = 0.6;

    /// <summary>Checks the training images; progress is reported as <see cref="Preparing"/>.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static MirrorVerdict Of(ImageDataset training, Action<TaskEvent> tell, CancellationToken cancel)
    {
        (int[] fit, int[] check) = Sample(training);
        // Fewer can't show a clear difference.
        if (fit.Length < 2 || check.Length < Blocks) return new(false, "there are too few images to tell whether mirroring confuses classes");
        ImageDataset learned = Scaled(training, fit, mirrored: false), upright = Scaled(training, check, mirrored: false),
            mirrored = Scaled(training, check, mirrored: true);
        Counts counts = default!;
        foreach (int steps in Rounds)
        {
            ConvNet network = Learn(learned, steps, tell, cancel);
            counts = new Counts(upright.Labels.ToArray(), Classify(network, upright, cancel), Classify(network, mirrored, cancel), training.Classes);
            if (counts.HasLearned && !counts.HasUnclearPair) break;
        }
        return counts.Judge();
    }

    // For each class the same number at most, evenly spread, in blocks that go to either half by turns: neighbours are often alike, as frames of a video are.
    private static (int[] Fit, int[] Check) Sample(ImageDataset training)
    {
        int[][] classes = [.. Enumerable.Range(0, training.Count).GroupBy(i => training.Labels[i]).OrderBy(g => g.Key).Select(g => g.ToArray())];
        int most = Math.Max(2, MostSamples / classes.Length);
        var fit = new List<int>();
        var check = new List<int>();
        foreach (int[] members in classes)
        {
            int count = Math.Min(most, members.Length), blocks = Math.Min(Blocks, count);
            for (int i = 0; i < count; i++)
                ((long)i * blocks / count % 2 == 0 ? fit : check).Add(members[(int)((long)i * members.Length / count)]);
        }
        return ([.. fit], [.. check]);
    }

    private static ImageDataset Scaled(ImageDataset images, int[] indices, bool mirrored)
    {
        ImageSize from = new(images.Height, images.Width);
        double scale = Math.Min(1, (double)LongestSide / from.Longer);
        ImageSize to = new(Math.Max(1, (int)(from.Height * scale)), Math.Max(1, (int)(from.Width * scale)));
        int channels = images.Channels, size = (int)to.Area * channels;
        var pixels = new byte[indices.Length * size];
        var labels = new int[indices.Length];
        for (int i = 0; i < indices.Length; i++)
        {
            Span<byte> image = pixels.AsSpan(i * size, size);
            ImageResizer.Resize(images.Pixels(indices[i]), from, image, to, channels);
            if (mirrored) Mirror(image, to, channels);
            labels[i] = images.Labels[indices[i]];
        }
        return new ImageDataset(pixels, to.Height, to.Width, channels, labels, images.Classes).With(images.Normalization);
    }

    private static void Mirror(Span<byte> image, ImageSize size, int channels)
    {
        for (int row = 0; row < size.Height; row++)
        {
            Span<byte> line = image.Slice(row * size.Width * channels, size.Width * channels);
            line.Reverse(); // the channels of each pixel too, which are turned back
            if (channels > 1)
            {
                for (int x = 0; x < size.Width; x++) line.Slice(x * channels, channels).Reverse();
            }
        }
    }

    private static ConvNet Learn(ImageDataset images, int steps, Action<TaskEvent> tell, CancellationToken cancel)
    {
        int side = Math.Min(images.Height, images.Width);
        int[] widths = [.. new[] { 16, 32, 32 }.Where((_, stage) => side >> stage + 1 >= 1)];
        var network = new ConvNet(new ConvNetOptions { Classes = images.Classes.Count, Widths = widths.Length > 0 ? widths : [16] });
        network.Build(images.Inputs[0].Shape);
        network.Initialize((ulong)Seed);
        var loader = new DataLoader(images.With(Augmentation.Light), BatchOptions.Training with { Size = Math.Min(BatchSize, images.Count), Seed = Seed });
        var trainer = new Trainer(network, new CrossEntropy(), new AdamW(3e-3), new TrainerOptions
        {
            Epochs = (steps + loader.BatchCount - 1) / loader.BatchCount,
            BatchesPerEpoch = Math.Min(steps, loader.BatchCount),
            Schedule = new OneCycle(),
            Seed = Seed,
            ClipNorm = 5,
        }, []);
        tell(new Preparing(Doing, 0, steps));
        trainer.Fit(loader, null, e =>
        {
            if (e is StepDone { Step: var step } && step <= steps) tell(new Preparing(Doing, (int)step, steps));
        }, cancel);
        cancel.ThrowIfCancellationRequested();
        return network;
    }

    private static int[] Classify(ConvNet network, ImageDataset images, CancellationToken cancel)
    {
        var classes = new List<int>(images.Count);
        new Evaluator(network, new CrossEntropy()).Run(new DataLoader(images, BatchOptions.Evaluation with { Size = 256 }), [], null, (batch, predictions) =>
        {
            ReadOnlySpan<float> logits = predictions[0].Read<float>();
            for (int i = 0; i < batch.Count; i++) classes.Add(TensorPrimitives.IndexOfMax(logits.Slice(i * images.Classes.Count, images.Classes.Count)));
        }, cancel);
        return [.. classes];
    }

    /// <summary>What the small network said of the same images as they are and mirrored.</summary>
    private sealed class Counts(int[] labels, int[] upright, int[] mirrored, IReadOnlyList<string> classes)
    {
        private readonly int[] _all = [.. Enumerable.Range(0, labels.Length)];

        /// <summary>Whether images as they are were recognised clearly better than by always naming the most frequent class.</summary>
        public bool HasLearned
        {
            get
            {
                double chance = labels.CountBy(l => l).Max(c => c.Value) / (double)labels.Length, expected = chance * labels.Length;
                return chance < 1 && Right(upright, _all) - expected > Clear * Math.Sqrt(expected * (1 - chance));
            }
        }

        /// <summary>
        /// Whether there are two classes that are taken for each other about as often as for themselves: mirror images of each other, which
        /// weren't learned yet, look like that.
        /// </summary>
        public bool HasUnclearPair
        {
            get
            {
                var said = _all.CountBy(i => (Actual: labels[i], Said: upright[i])).ToDictionary();
                int Said(int actual, int taken) => said.GetValueOrDefault((actual, taken));
                int[] present = [.. labels.Distinct().Order()];
                return present.SelectMany(a => present.Where(b => b > a && said.ContainsKey((a, b)) && said.ContainsKey((b, a))), (a, b) => (a, b)).Any(pair =>
                {
                    (int a, int b) = pair;
                    int right = Said(a, a) + Said(b, b), wrong = Said(a, b) + Said(b, a), all = labels.Count(l => l == a || l == b);
                    return 2 * (right + wrong) >= all && right < Guessed * (right + wrong);
                });
            }
        }

        public MirrorVerdict Judge()
        {
            if (!HasLearned) return new(false, "whether mirroring confuses classes can't be told from the images");
            if (Pair() is var (actual, taken)) return new(false, $"mirroring confuses classes: mirrored, '{classes[actual]}' is taken for '{classes[taken]}'");
            string shares = $"{Share(mirrored)} of mirrored images are recognised, {Share(upright)} of the others, by a small network";
            return Drops(_all, LeastDrop, Clear) ? new(false, $"mirroring confuses classes: {shares}")
                : new(true, $"mirroring doesn't confuse classes: {shares}");
        }

        // The class that suffers most, where one clearly does, and what its mirrored images are taken for.
        private (int Actual, int Taken)? Pair()
        {
            var worst = labels.Distinct().Order()
                .Select(label => (Label: label, Members: _all.Where(i => labels[i] == label).ToArray()))
                .Where(c => Drops(c.Members, LeastDropOfOneClass, ClearForOneClass))
                .Select(c => (c.Label, c.Members, Drop: (double)(Right(upright, c.Members) - Right(mirrored, c.Members)) / c.Members.Length))
                .OrderByDescending(c => c.Drop).FirstOrDefault();
            if (worst.Members is null) return null;
            int taken = worst.Members.Where(i => mirrored[i] != worst.Label).CountBy(i => mirrored[i]).OrderByDescending(c => c.Value)
                .ThenBy(c => c.Key).First().Key;
            return (worst.Label, taken);
        }

        // McNemar's test (1947): only images that are right in one of the two ways tell anything.
        private bool Drops(int[] members, double least, double clear)
        {
            int lost = members.Count(i => upright[i] == labels[i] && mirrored[i] != labels[i]);
            int won = members.Count(i => upright[i] != labels[i] && mirrored[i] == labels[i]);
            return lost - won >= least * members.Length && lost - won >= clear * Math.Sqrt(lost + won) && lost > 0;
        }

        private int Right(int[] predictions, int[] members) => members.Count(i => predictions[i] == labels[i]);

        private string Share(int[] predictions) => $"{100.0 * Right(predictions, _all) / labels.Length:F0} %";
    }
}
