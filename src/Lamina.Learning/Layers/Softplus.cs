using Lamina.Learning.Modules;
using Lamina.Tensors;

namespace Lamina.Learning.Layers;

/// <summary>ln(1 + eˣ), element by element: a smooth rectifier.</summary>
public sealed partial class Softplus : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => x.Softplus();
}
