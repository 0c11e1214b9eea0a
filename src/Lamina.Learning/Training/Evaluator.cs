using Lamina.Learning.Data;
using Lamina.Learning.Losses;
using Lamina.Learning.Metrics;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Plans;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Training;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>Measures a model on examples that it is not trained on, and predicts: nothing is random, nothing is updated.</summary>
public sealed class Evaluator
{
    private readonly Objective _objective;
    private readonly Plan _measure, _predict;
    private readonly PlanInputs _inputs = new();
    private readonly ExclusiveUse _use = new("evaluator", "one evaluator for each thread, or one evaluation after the other under a lock");

    /// <summary>An evaluation of an objective's model.</summary>
    public Evaluator(Objective objective)
    {
        _objective = objective;
        _measure = new Plan(Measure, () => _inputs.Fingerprint(objective.Fingerprint(), 0));
        _predict = new Plan(Infer, () => _inputs.Fingerprint(objective.Fingerprint(), 1));
    }

    /// <summary>An evaluation of a network by a loss.</summary>
    public Evaluator(Network network, Loss loss) : this(new Supervised(network, loss)) { }

    /// <summary>Loss and metrics over the batches of a set: means over all examples, weighted where they have weights.</summary>
    /// <param name="loader">The set; its examples are taken in their order.</param>
    /// <param name="metrics">What is measured beside the loss; reset first.</param>
    /// <param name="batches">How many batches to take; null: all.</param>
    /// <param name="seen">Called after each batch with the batch and the predictions, which are valid until it returns.</param>
    /// <param name="cancel">Ends the evaluation.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="ConcurrentUseException">The evaluator is at work for another caller; metrics are as they were.</exception>
    public Scores Run(DataLoader loader, IReadOnlyList<Metric> metrics, int? batches = null, Action<Batch, Tensors>? seen = null,
        CancellationToken cancel = default)
    {
        using ExclusiveUse.Scope inside = _use.Enter();
        var scores = new EpochScores(_objective, metrics);
        int left = batches ?? int.MaxValue;
        foreach (Batch batch in loader.Epoch(0, 0, cancel))
        {
            if (left-- == 0) break;
            Tensors results = _measure.Run(_inputs.Of(batch));
            int first = EpochScores.IsWeighted(results) ? 3 : 2, parts = _objective.PartNames.Count;
            Tensors predictions = Tensors.Create(results.Span[(first + parts)..]);
            scores.Add(results, results.Span.Slice(first, parts), predictions, batch);
            seen?.Invoke(batch, predictions);
        }
        return scores.Scores;
    }

    /// <summary>The network's outputs for all examples of a set, in their order, each (examples, …), in memory of their own.</summary>
    /// <param name="loader">The set; it needs no targets, and must not be shuffled or drop its last batch.</param>
    /// <param name="cancel">Ends the prediction.</param>
    /// <exception cref="TensorException">The model is no network, or the loader leaves out or reorders examples.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Tensors Predict(DataLoader loader, CancellationToken cancel = default)
    {
        if (loader.Options.Shuffle || loader.Options.Last == LastBatch.Drop || loader.Buckets.Count > 1)
            throw new TensorException("predictions are wanted of every example in its order, but the loader shuffles, drops or groups them", "BatchOptions.Evaluation, with one bucket where lengths vary");
        using ExclusiveUse.Scope inside = _use.Enter();
        var parts = new List<Tensors>();
        foreach (Batch batch in loader.Epoch(0, 0, cancel))
            parts.Add(Tensors.Create([.. _predict.Run(_inputs.Of(batch)).Span.ToArray().Select(t => t.Keep())]));
        return Tensors.Create([.. Enumerable.Range(0, parts[0].Count)
            .Select(i => parts.Count == 1 ? parts[0][i] : Tensor.Concat([.. parts.Select(p => p[i])], 0))]);
    }

    private Tensors Measure(Tensors x)
    {
        using Gradient.PauseScope pause = Gradient.Pause();
        Batch batch = _inputs.Batch(x);
        ObjectiveResult result = _objective.Compute(batch, Pass.Evaluation);
        return [.. EpochScores.Leading(result, batch), .. result.Parts ?? [], .. result.Predictions];
    }

    private Tensors Infer(Tensors x)
    {
        if (_objective.Model is not Network network)
            throw new TensorException($"{_objective.Model} is no network, so it can't predict by itself", "Forward of one of its networks");
        using Gradient.PauseScope pause = Gradient.Pause();
        return network.Forward(_inputs.Batch(x).Inputs, Pass.Evaluation);
    }
}
