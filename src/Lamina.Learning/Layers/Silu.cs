using Lamina.Learning.Modules;
using Lamina.Tensors;

namespace Lamina.Learning.Layers;

/// <summary>x · sigmoid(x), element by element, also known as Swish (Elfwing, Uchibe and Doya, 2017).</summary>
public sealed partial class Silu : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => x.Silu();
}
