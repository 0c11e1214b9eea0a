using Lamina.Learning.Data;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Training;

/// <summary>Finds out before the first step whether a network can be trained on batches of the sizes that a loader gives.</summary>
internal static class BatchCheck
{
    /// <summary>
    /// Sends the shapes of an epoch's batches through a training pass. A last batch that is too small for a layer, such as one
    /// example before a batch norm, is left out of every epoch.
    /// </summary>
    /// <param name="objective">What is trained, its model's shapes known.</param>
    /// <param name="loader">What it is to be trained on.</param>
    /// <param name="note">What is left out and why; null where nothing is.</param>
    /// <returns>How many of an epoch's batches to train on.</returns>
    /// <exception cref="TensorException">The network can't be trained on these batches at all.</exception>
    public static int UsableBatches(Objective objective, DataLoader loader, out string? note)
    {
        note = null;
        Try(objective, loader, loader.BatchSize);
        int last = loader.LastBatchSize;
        if (last == loader.BatchSize) return loader.BatchCount;
        try
        {
            Try(objective, loader, last);
            return loader.BatchCount;
        }
        catch (TensorException e)
        {
            string size = last == 1 ? "1 example" : $"{last} examples";
            note = $"the last batch of each epoch has {size}, too few for {e.Path}: it is left out of training";
            return loader.BatchCount - 1;
        }
    }

    private static void Try(Objective objective, DataLoader loader, int examples)
    {
        objective.Trace(Summary.Batch(loader.Dataset.Inputs, examples), Summary.Batch(loader.Dataset.Targets, examples));
    }
}
