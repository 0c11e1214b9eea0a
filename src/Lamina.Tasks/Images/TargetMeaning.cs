using System.Text.Json;
using Lamina.Learning.Losses;
using Lamina.Learning.Metrics;
using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Images;

/// <summary>What a network for images gives by the kind of its targets: meaning, loss, metric, and the score that decides which epoch is
/// best.</summary>
internal static class TargetMeaning
{
    /// <summary>The meaning of the output, from the images to learn from.</summary>
    /// <exception cref="DataException">There is nothing to learn: all targets are equal.</exception>
    public static OutputMeaning Of(string source, ImageSet training)
    {
        if (training.Targets is not { } targets)
        {
            var counts = new long[training.Classes.Count];
            foreach (int label in training.Labels) counts[label]++;
            return new ClassOutput(training.Classes) { Counts = counts };
        }
        if (targets.Kind == TargetKind.Labels)
        {
            var counts = new long[targets.Width];
            for (int i = 0; i < targets.Values.Length; i++) counts[i % targets.Width] += (long)targets.Values[i];
            if (counts.All(c => c == 0 || c == training.Count))
                throw new DataException(source, "has images that all have the same labels: there is nothing to learn",
                "images with and without each label");
            return new LabelsOutput(targets.Names) { Counts = counts, Examples = training.Count };
        }
        NumberOutput[] numbers = [.. Enumerable.Range(0, targets.Width).Select(n => NumberOf(source, targets, n))];
        return numbers.Length == 1 ? numbers[0] : new NumbersOutput(numbers);
    }

    /// <summary>What other data are measured by.</summary>
    /// <exception cref="JsonException">The output is none of a network for images.</exception>
    public static KnownTargets Known(OutputMeaning output) => output switch
    {
        ClassOutput classes => new(TargetKind.Classes, classes.Names),
        LabelsOutput labels => new(TargetKind.Labels, labels.Names),
        NumberOutput number => new(TargetKind.Numbers, [number.Name]),
        NumbersOutput several => new(TargetKind.Numbers, [.. several.Numbers.Select(n => n.Name)]),
        _ => throw new JsonException("the output of a network for images is a class, labels or numbers"),
    };

    public static Loss Loss(OutputMeaning output) => output switch
    {
        ClassOutput => new CrossEntropy(), LabelsOutput => new BinaryCrossEntropy(), _ => new MeanSquaredError(),
    };

    public static Metric Metric(OutputMeaning output) => output switch
    {
        ClassOutput => new Accuracy(), LabelsOutput labels => new LabelF1(labels.Names.Count), _ => new RSquared(),
    };

    /// <summary>The score that decides which epoch is best.</summary>
    public static string Monitor(OutputMeaning output) => output is ClassOutput ? "accuracy" : "loss";

    private static NumberOutput NumberOf(string source, ImageTargets targets, int number)
    {
        int count = targets.Values.Length / targets.Width;
        double mean = Enumerable.Range(0, count).Average(i => targets.Of(i)[number]);
        double deviation = Math.Sqrt(Enumerable.Range(0, count).Average(i => Math.Pow(targets.Of(i)[number] - mean, 2)));
        return deviation > 1e-12 * Math.Max(1, Math.Abs(mean)) ? new(targets.Names[number], mean, deviation)
            : throw new DataException(source, $"has the same '{targets.Names[number]}' for all images to learn from: there is nothing to learn",
                "another target");
    }
}
