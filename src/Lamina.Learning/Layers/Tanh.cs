using Lamina.Learning.Modules;
using Lamina.Tensors;

namespace Lamina.Learning.Layers;

/// <summary>The hyperbolic tangent, element by element: between −1 and 1.</summary>
public sealed partial class Tanh : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => x.Tanh();
}
