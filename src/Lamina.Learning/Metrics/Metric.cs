using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Metrics;

/// <summary>
/// A number that says how good predictions are, gathered batch by batch over a whole set. It takes no gradients and reads values on the host.
/// </summary>
public abstract class Metric
{
    /// <summary>The name in events and tables, in snake case.</summary>
    public abstract string Name { get; }

    /// <summary>Whether a higher value is better, as for accuracy, or a lower one, as for errors.</summary>
    public abstract bool HigherIsBetter { get; }

    /// <summary>The value over everything added since the last reset; NaN of nothing.</summary>
    public abstract double Value { get; }

    /// <summary>Counts a batch.</summary>
    /// <exception cref="TensorException">Prediction and target don't fit each other.</exception>
    public abstract void Add(Tensor prediction, Tensor target);

    /// <summary>
    /// What was counted since the last reset, as numbers whose count never changes. Set on a metric that was reset, it counts
    /// on from there: so a run that goes on in the middle of an epoch has the same scores as one that was never stopped.
    /// </summary>
    public abstract IReadOnlyList<double> Totals { get; set; }

    /// <summary>Forgets everything.</summary>
    public abstract void Reset();

    /// <inheritdoc/>
    public override string ToString() => Name;
}
