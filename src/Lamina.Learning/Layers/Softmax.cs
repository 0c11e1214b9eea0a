using Lamina.Learning.Modules;
using Lamina.Tensors;

namespace Lamina.Learning.Layers;

/// <summary>
/// eˣ divided by its sum over the last axis: numbers that can be read as probabilities. Not before <c>CrossEntropy</c>, which
/// takes logits and would apply it twice.
/// </summary>
public sealed partial class Softmax : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => x.Softmax();
}
