using Lamina.Learning.Data;
using Lamina.Learning.Losses;
using Lamina.Learning.Metrics;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Plans;

namespace Lamina.Learning.Training;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>Measures a network on examples that it is not trained on: nothing is random, nothing is updated.</summary>
public sealed class Evaluator
{
    private readonly Plan _plan;
    private readonly ExclusiveUse _use = new("evaluator", "one evaluator for each thread, or one evaluation after the other under a lock");

    /// <summary>An evaluation of the model by the loss.</summary>
    public Evaluator(Layer model, Loss loss) => _plan = new Plan(x =>
    {
        using (Gradient.Pause())
        {
            Tensor prediction = model.Forward(x[0]), mean = LossPlace.Compute(model, loss, prediction, x[1]);
            return loss.Sums(prediction, x[1]) is (Tensor sum, Tensor weight) ? [mean, prediction, sum, weight] : [mean, prediction];
        }
    });

    /// <summary>Loss and metrics over the batches of a set, every example counting the same, or as much as the loss weighs it, whatever the batch size.</summary>
    /// <param name="loader">The set; its examples are taken in their order.</param>
    /// <param name="metrics">What is measured beside the loss; reset first.</param>
    /// <param name="batches">How many batches to take; null: all.</param>
    /// <param name="seen">Called after each batch with the batch and the predictions, which live until it returns.</param>
    /// <param name="cancel">Ends the evaluation.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="ConcurrentUseException">The evaluator is at work for another caller; metrics are as they were.</exception>
    public Scores Run(DataLoader loader, IReadOnlyList<Metric> metrics, int? batches = null, Action<Batch, Tensor>? seen = null, CancellationToken cancel = default)
    {
        using ExclusiveUse.Scope inside = _use.Enter();
        foreach (Metric metric in metrics) metric.Reset();
        var total = new LossTotal();
        int left = batches ?? int.MaxValue;
        foreach (Batch batch in loader.Epoch(0, 0, cancel))
        {
            if (left-- == 0) break;
            Tensors results = _plan.Run(batch.Inputs, batch.Targets);
            total = total.Add(results[0].Item(), batch, results.Count > 2 ? (results[2].Item(), results[3].Item()) : null);
            foreach (Metric metric in metrics) metric.Add(results[1], batch.Targets);
            seen?.Invoke(batch, results[1]);
        }
        return new Scores(total.Mean, metrics.ToDictionary(m => m.Name, m => m.Value));
    }
}
