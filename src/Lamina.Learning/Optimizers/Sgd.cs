using Lamina.Learning.Layers;
using Lamina.Tensors;

namespace Lamina.Learning.Optimizers;

/// <summary>
/// Stochastic gradient descent (Robbins and Monro, 1951), with momentum (Polyak, 1964) or Nesterov's (Sutskever, Martens,
/// Dahl and Hinton, 2013) where asked for. With gradient g, momentum μ and weight decay λ:
/// g ← g + λ·w;  b ← μ·b + (1 − dampening)·g;  w ← w − rate·b, or w − rate·(g + μ·b) for Nesterov.
/// </summary>
public sealed class Sgd : Optimizer
{
    private readonly double _momentum, _dampening, _weightDecay;
    private readonly bool _nesterov;

    /// <summary>A gradient descent.</summary>
    /// <param name="learningRate">The rate where none is given.</param>
    /// <param name="momentum">The share of the last direction that is kept; 0 keeps none.</param>
    /// <param name="nesterov">Whether the step looks ahead along the momentum.</param>
    /// <param name="weightDecay">The share of the parameter that is added to its gradient.</param>
    /// <param name="dampening">The share of the gradient that is left out of the momentum.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is negative, or 1 or more where it is a share.</exception>
    public Sgd(double learningRate = 0.01, double momentum = 0, bool nesterov = false, double weightDecay = 0, double dampening = 0)
        : base(learningRate, momentum > 0 ? ["momentum"] : [])
    {
        _momentum = Expect.Between(0, 1, momentum);
        _weightDecay = Expect.Between(0, double.PositiveInfinity, weightDecay);
        _dampening = Expect.Between(0, 1, dampening);
        _nesterov = nesterov;
        if (nesterov && (momentum == 0 || dampening > 0)) throw new ArgumentOutOfRangeException(nameof(nesterov),
            "Nesterov's step needs momentum, and no dampening");
    }

    private protected override Rates At(Tensor learningRate, Tensor step) => _dampening == 0 ? base.At(learningRate, step)
        // The first gradient is taken whole, as PyTorch does: there is no momentum yet that would be dampened.
        : new(learningRate, Tensor.Where(step > 1, Tensor.Of(1 - _dampening), Tensor.Of(1.0)), learningRate);

    private protected override void Update(Variable parameter, Tensor gradient, Rates rates)
    {
        Tensor w = parameter.Value, g = gradient;
        if (DecayOf(parameter, _weightDecay) is > 0 and var decay) g = g + decay * w;
        if (_momentum > 0)
        {
            Variable b = State(parameter, "momentum");
            b.Value = _momentum * b.Value + (_dampening > 0 ? rates.First * g : g);
            g = _nesterov ? g + _momentum * b.Value : b.Value;
        }
        parameter.Value = w - rates.LearningRate * g;
    }
}
