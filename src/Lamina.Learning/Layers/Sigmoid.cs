using Lamina.Learning.Modules;
using Lamina.Tensors;

namespace Lamina.Learning.Layers;

/// <summary>The logistic function 1 / (1 + e⁻ˣ), element by element: between 0 and 1. Not before <c>BinaryCrossEntropy</c>, which takes logits.</summary>
public sealed partial class Sigmoid : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => x.Sigmoid();
}
