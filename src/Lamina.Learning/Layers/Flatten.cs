using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Layers;

/// <summary>All axes of an example as one: (batch, …) to (batch, features). Costs nothing.</summary>
public sealed partial class Flatten : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) =>
        x.Rank == 0 ? throw new TensorException("Flatten: the input is a scalar, not (batch, …)") : x.Rank == 1 ? x.Unsqueeze(1) : x.Flatten(1);
}
