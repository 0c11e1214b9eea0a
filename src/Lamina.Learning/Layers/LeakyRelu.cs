using Lamina.Learning.Modules;
using Lamina.Tensors;

namespace Lamina.Learning.Layers;

/// <summary>x above 0 and slope · x below, element by element, so that no unit is ever without a gradient (Maas, Hannun and Ng, 2013).</summary>
public sealed partial class LeakyRelu : Layer
{
    private readonly double _slope;

    /// <summary>A leaky rectifier.</summary>
    /// <param name="slope">The slope below 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The slope is not between 0 and 1.</exception>
    public LeakyRelu(double slope = 0.01) => _slope = Expect.Between(0, 1, slope);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => _slope == 0 ? x.Relu() : x.Relu() - _slope * (-x).Relu();

    /// <inheritdoc/>
    public override string ToString() => $"LeakyRelu({_slope})";
}
