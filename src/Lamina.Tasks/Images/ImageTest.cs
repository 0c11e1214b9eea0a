using System.Numerics.Tensors;
using Lamina.Learning.Data;
using Lamina.Learning.Losses;
using Lamina.Learning.Metrics;
using Lamina.Learning.Modules;
using Lamina.Learning.Training;

namespace Lamina.Tasks.Images;

/// <summary>Measures an image classifier on images that it did not learn from.</summary>
internal static class ImageTest
{
    private const int BatchSize = 256, ShownPairs = 3, ShownExamples = 4;

    /// <summary>Accuracy, loss and the pairs that were confused most.</summary>
    /// <param name="network">The network.</param>
    /// <param name="test">The images, scaled as those that it learned from.</param>
    /// <param name="classes">The names of the classes.</param>
    /// <param name="batches">How many batches to take; null: all.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="TaskException">The network gives NaN or infinity.</exception>
    public static TestReport Run(Layer network, Dataset test, IReadOnlyList<string> classes, int? batches, CancellationToken cancel)
    {
        var wrong = new SortedDictionary<(int Actual, int Predicted), List<int>>();
        int count = 0;
        var loader = new DataLoader(test, BatchOptions.Evaluation with { Size = BatchSize });
        Scores scores = new Evaluator(network, new CrossEntropy()).Run(loader, [new Accuracy()], batches, (batch, predictions) =>
        {
            ReadOnlySpan<float> logits = predictions[0].Read<float>();
            WeightCheck.RequireFinite(logits);
            ReadOnlySpan<int> labels = batch.Target.Read<int>();
            for (int i = 0; i < batch.Count; i++)
            {
                int best = TensorPrimitives.IndexOfMax(logits.Slice(i * classes.Count, classes.Count));
                if (best == labels[i]) continue;
                if (!wrong.TryGetValue((labels[i], best), out List<int>? list)) wrong[(labels[i], best)] = list = [];
                list.Add(batch.Index * loader.BatchSize + i);
            }
            count += batch.Count;
        }, cancel);
        var confused = wrong.OrderByDescending(pair => pair.Value.Count).Take(ShownPairs)
            .Select(pair => new ConfusedPair(classes[pair.Key.Actual], classes[pair.Key.Predicted], pair.Value.Count, Examples(test, pair.Value)));
        return new TestReport(scores["accuracy"], scores.Loss, count, [.. confused]);
    }

    private static ImageExample[] Examples(Dataset test, List<int> indices) => test is not ImageDataset images ? [] :
        [.. indices.Take(ShownExamples).Select(i => new ImageExample(images.Pixels(i).ToArray(), images.Height, images.Width, images.Channels))];
}
