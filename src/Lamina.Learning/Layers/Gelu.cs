using Lamina.Learning.Modules;
using Lamina.Tensors;

namespace Lamina.Learning.Layers;

/// <summary>The Gaussian error linear unit x · Φ(x), element by element (Hendrycks and Gimpel, 2016).</summary>
/// <param name="approximate">Whether Φ is approximated by tanh, as GPT-2 does; exact otherwise.</param>
public sealed partial class Gelu(bool approximate = false) : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => x.Gelu(approximate);

    /// <inheritdoc/>
    public override string ToString() => approximate ? "Gelu(tanh)" : "Gelu";
}
