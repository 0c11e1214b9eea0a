using Lamina.Learning.Modules;
using Lamina.Tensors;

namespace Lamina.Learning.Layers;

/// <summary>The rectifier max(x, 0), element by element (Nair and Hinton, 2010).</summary>
public sealed partial class Relu : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => x.Relu();
}
