using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;

namespace Lamina.Learning.Training;

/// <summary>
/// A running mean of a network's parameters, and of its norms' statistics, over the steps of training (Polyak and Juditsky, 1992), exponentially weighted:
/// a ← a + (1 − d)·(w − a) with d = min(decay, (1 + t)/(10 + t)) at step t, so that the first steps are soon forgotten. Measured and saved
/// in place of the last step's weights, it is often the better network.
/// </summary>
internal sealed class MovingAverage(Module model, double decay) : WeightAverage(model)
{
    /// <inheritdoc/>
    public override void AfterStep()
    {
        using Gradient.PauseScope pause = Gradient.Pause();
        IReadOnlyDictionary<Variable, Variable> averages = Averages;
        Tensor step = Steps.Value + Tensor.Of(1L);
        Steps.Value = step;
        Tensor count = step.Cast(Tensors.Shapes.DType.Float64);
        Tensor share = 1 - ((count + 1) / (count + 10)).Minimum(decay);
        foreach ((Variable parameter, Variable average) in averages)
            average.Value = average.Value + share.Cast(average.Spec.DType) * (parameter.Value - average.Value);
    }
}
