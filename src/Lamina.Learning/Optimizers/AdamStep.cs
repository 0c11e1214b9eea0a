using Lamina.Learning.Layers;
using Lamina.Tensors;
using Lamina.Tensors.Ops;

namespace Lamina.Learning.Optimizers;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>The step that <see cref="Adam"/> and <see cref="AdamW"/> share.</summary>
internal sealed class AdamStep(double beta1, double beta2, double epsilon, bool amsgrad)
{
    private readonly double _beta1 = Expect.Between(0, 1, beta1), _beta2 = Expect.Between(0, 1, beta2);
    private readonly double _epsilon = Expect.Between(0, double.PositiveInfinity, epsilon);

    /// <summary>Names of the state kept per parameter.</summary>
    public static string[] Moments(bool amsgrad) => amsgrad ? ["mean", "square", "greatest"] : ["mean", "square"];

    /// <summary>rate / (1 − β₁ᵗ) and 1 / √(1 − β₂ᵗ): the corrections, so that they cost nothing for each element.</summary>
    public Rates At(Tensor learningRate, Tensor step)
    {
        Tensor first = 1 - Tensor.Of(_beta1).Pow(step), second = 1 - Tensor.Of(_beta2).Pow(step);
        return new(learningRate, learningRate / first, 1 / second.Sqrt());
    }

    /// <summary>The parameter after a step, <paramref name="decay"/> of it taken away apart from the gradient.</summary>
    public Tensor From(Tensor w, Tensor g, double decay, Optimizer optimizer, Variable parameter, Rates rates)
    {
        double epsilon = Optimizer.Epsilon(_epsilon, w.DType);
        Variable mean = optimizer.State(parameter, "mean"), square = optimizer.State(parameter, "square");
        if (!amsgrad)
        {
            var update = new AdamUpdate { Beta1 = _beta1, Beta2 = _beta2, Epsilon = epsilon, Decay = decay };
            Tensors updated = update.ApplyAll([w, g, mean.Value, square.Value, rates.LearningRate, rates.First, rates.Second]);
            (mean.Value, square.Value) = (updated[1], updated[2]);
            return updated[0];
        }
        Variable largest = optimizer.State(parameter, "greatest");
        mean.Value = _beta1 * mean.Value + (1 - _beta1) * g;
        square.Value = _beta2 * square.Value + (1 - _beta2) * (g * g);
        largest.Value = largest.Value.Maximum(square.Value);
        if (decay > 0) w = w - rates.LearningRate * decay * w;
        return w - rates.First * (mean.Value / (largest.Value.Sqrt() * rates.Second + epsilon));
    }
}
