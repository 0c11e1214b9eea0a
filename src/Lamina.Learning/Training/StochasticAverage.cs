using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Training;

/// <summary>
/// Stochastic weight averaging (Izmailov et al., 2018: "Averaging weights leads to wider optima and better generalization"): the plain mean of the
/// parameters at the ends of epochs, a ← a + (w − a)/n at the n-th from a given one on. Until then it is the parameters themselves.
/// </summary>
internal sealed class StochasticAverage(Module model, int from) : WeightAverage(model)
{
    /// <inheritdoc/>
    public override void AfterEpoch(int epoch)
    {
        // One whose validation was broken off ends twice.
        if (Steps.Value.Item() >= epoch) return;
        using Gradient.PauseScope pause = Gradient.Pause();
        Steps.Value = Tensor.Of((long)epoch);
        int count = epoch - from + 1;
        foreach ((Variable parameter, Variable average) in Averages)
            average.Value = count <= 1 ? parameter.Value.Keep()
                : average.Value + Tensor.Scalar(1.0 / count, average.Spec.DType) * (parameter.Value - average.Value);
    }
}
