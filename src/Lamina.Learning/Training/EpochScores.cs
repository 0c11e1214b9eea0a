using Lamina.Learning.Checkpoints;
using Lamina.Learning.Data;
using Lamina.Learning.Metrics;
using Lamina.Learning.Objectives;
using Lamina.Tensors;

namespace Lamina.Learning.Training;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>
/// Loss and metrics over the batches of an epoch or a test. A batch's mean loss counts by the weights that it is a mean over, so that the
/// result doesn't depend on how the examples were cut into batches.
/// </summary>
internal sealed class EpochScores
{
    private readonly Objective _objective;
    private readonly IReadOnlyList<Metric> _metrics;
    private readonly IReadOnlyList<string> _partNames;
    private readonly double[] _parts;
    private double _loss, _weight;

    /// <summary>Scores of nothing yet, or of the batches before training was interrupted.</summary>
    public EpochScores(Objective objective, IReadOnlyList<Metric> metrics, EpochSums? sums = null)
    {
        (_objective, _metrics, _partNames) = (objective, metrics, objective.PartNames);
        _parts = new double[_partNames.Count];
        foreach (Metric metric in metrics)
        {
            metric.Reset();
            if (sums is not null) metric.Totals = sums.Metrics[metric.Name];
        }
        if (sums is null) return;
        (_loss, _weight) = (sums.Loss, sums.Weight);
        for (int i = 0; i < _parts.Length; i++) _parts[i] = sums.Metrics[_partNames[i]][0];
    }

    /// <summary>Whether what was counted is what this objective and these metrics count.</summary>
    public static bool Fits(EpochSums sums, Objective objective, IReadOnlyList<Metric> metrics) =>
        metrics.All(m => sums.Metrics.GetValueOrDefault(m.Name)?.Count == m.Totals.Count)
        && objective.PartNames.All(name => sums.Metrics.GetValueOrDefault(name)?.Count == 1);

    /// <summary>What was counted so far, as a checkpoint holds it.</summary>
    public EpochSums Sums => new(_loss, _weight, _metrics.Select(m => KeyValuePair.Create(m.Name, m.Totals))
        .Concat(_partNames.Select((name, i) => KeyValuePair.Create<string, IReadOnlyList<double>>(name, [_parts[i]]))).ToDictionary());

    /// <summary>The scores so far; a loss of 0 where nothing had a weight.</summary>
    public Scores Scores => new(Mean(_loss), _metrics.Select(m => KeyValuePair.Create(m.Name, m.Value))
        .Concat(_partNames.Select((name, i) => KeyValuePair.Create(name, Mean(_parts[i])))).ToDictionary());

    /// <summary>Whether the results of a step begin with loss, weight and sum of losses; without weights it is the loss and the number of examples, a
    /// constant.</summary>
    public static bool IsWeighted(Tensors results) => results[1].IsResult;

    /// <summary>The first results of a step, from which scores are counted: what follows are the norm and the predictions.</summary>
    public static Tensor[] Leading(ObjectiveResult result, Batch batch) =>
        result.Weight is { } weight ? [result.Loss, weight, result.Sum ?? result.Loss * weight] : [result.Loss, Tensor.Of((float)batch.Count)];

    /// <summary>Counts a batch by the results of its step.</summary>
    public void Add(Tensors results, ReadOnlySpan<Tensor> parts, Tensors predictions, Batch batch)
    {
        double weight = results[1].Item(), sum = IsWeighted(results) ? results[2].Item() : results[0].Item() * weight;
        (_loss, _weight) = (_loss + sum, _weight + weight);
        for (int i = 0; i < _parts.Length; i++) _parts[i] += parts[i].Item() * weight;
        if (_metrics.Count == 0) return;
        (Tensor prediction, Tensor target) = _objective.Compared(predictions, batch);
        foreach (Metric metric in _metrics) metric.Add(prediction, target);
    }

    private double Mean(double sum) => _weight > 0 ? sum / _weight : 0;
}
